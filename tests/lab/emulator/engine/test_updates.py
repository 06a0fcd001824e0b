import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.lab.emulator.engine.hand import Hand, stack, topic


def parameter(value: object = "v", **more: object) -> dict[str, Any]:
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value}, **more}


def topics(hand: Hand) -> set[str]:
    """Name the topics that this test has made."""
    pages = hand.client("sns").get_paginator("list_topics").paginate()
    names = [one["TopicArn"].rpartition(":")[2] for page in pages for one in page["Topics"]]
    return {one for one in names if one.endswith(f"-{hand.number}")}


def statuses(hand: Hand, name: str) -> dict[str, str]:
    told = hand.cloud.describe_stack_resources(StackName=name)["StackResources"]
    return {one["LogicalResourceId"]: one["ResourceStatus"] for one in told}


def value(hand: Hand, name: str, logical_id: str = "Value") -> str:
    physical_id = hand.resource(name, logical_id)["PhysicalResourceId"]
    return str(hand.client("ssm").get_parameter(Name=physical_id)["Parameter"]["Value"])


@pytest.mark.parametrize(("policy", "kept"), [("Retain", True), ("Delete", False)])
def test_a_replaced_resource_goes_unless_its_policy_keeps_it(hand: Hand, policy: str, kept: bool) -> None:
    name, old, new = hand.name("replaced"), hand.name("old"), hand.name("new")
    hand.deploy(name, {"Resources": {"Topic": {**topic(old), "UpdateReplacePolicy": policy}}})
    after = {"Resources": {"Topic": {**topic(new), "UpdateReplacePolicy": policy}}}
    assert hand.changes(hand.plan(name, after))["Topic"]["PolicyAction"] == f"ReplaceAnd{policy}"
    assert hand.deploy(name, after)["StackStatus"] == "UPDATE_COMPLETE"
    assert topics(hand) == ({old, new} if kept else {new})
    assert (("Topic", "DELETE_SKIPPED", "") in hand.events(name)) is kept
    assert (("Topic", "DELETE_COMPLETE", "") in hand.events(name)) is not kept


@pytest.mark.parametrize(("policy", "kept"), [("Retain", True), ("Delete", False)])
def test_a_removed_resource_goes_unless_its_policy_keeps_it(hand: Hand, policy: str, kept: bool) -> None:
    name, old = hand.name("removed"), hand.name("topic")
    hand.deploy(name, {"Resources": {"Topic": {**topic(old), "DeletionPolicy": policy}, "Value": parameter()}})
    assert hand.deploy(name, {"Resources": {"Value": parameter()}})["StackStatus"] == "UPDATE_COMPLETE"
    assert topics(hand) == ({old} if kept else set())
    assert set(statuses(hand, name)) == {"Value"}


def test_what_a_clean_up_cannot_delete_stays_for_the_next_one(hand: Hand) -> None:
    name, old = hand.name("later"), hand.name("topic")
    hand.deploy(name, {"Resources": {"Topic": topic(old), "Value": parameter()}})
    hand.order("faults", [{"resource": "AWS::SNS::Topic", "operation": "DELETE", "reason": "in use", "times": 1}])
    assert hand.deploy(name, {"Resources": {"Value": parameter()}})["StackStatus"] == "UPDATE_COMPLETE"
    assert statuses(hand, name)["Topic"] == "DELETE_FAILED"
    assert hand.resource(name, "Topic")["ResourceStatusReason"] == "in use"
    assert hand.changes(hand.plan(name, {"Resources": {"Value": parameter()}}))["Topic"]["Action"] == "Remove"
    assert hand.deploy(name, {"Resources": {"Value": parameter()}})["StackStatus"] == "UPDATE_COMPLETE"
    assert topics(hand) == set()


def test_an_output_that_cannot_be_had_fails_the_operation(hand: Hand) -> None:
    name = hand.name("output")
    bad = {"Bad": {"Value": {"Fn::GetAtt": ["Value", "NoSuchThing"]}}}
    created = hand.deploy(name, {"Resources": {"Value": parameter()}, "Outputs": bad})
    assert created["StackStatus"] == "ROLLBACK_COMPLETE"
    assert [one for one in hand.events(name) if one[0] == name and "NoSuchThing" in one[2]]
    hand.delete(name)
    kept = hand.deploy(name, {"Resources": {"Value": parameter()}, "Outputs": bad}, DisableRollback=True)
    assert kept["StackStatus"] == "CREATE_FAILED"
    assert "NoSuchThing" in kept["StackStatusReason"]
    after = hand.deploy(name, {"Resources": {"Value": parameter()}}, DisableRollback=True)
    assert after["StackStatus"] == "UPDATE_COMPLETE"


def test_several_failed_updates_are_all_undone(hand: Hand) -> None:
    leaf = {
        "Parameters": {"Label": {"Type": "String"}},
        "Resources": {"Value": parameter({"Ref": "Label"}), "Late": parameter({"Ref": "Label"}, DependsOn="Value")},
    }
    url, name = hand.upload("leaf", leaf), hand.name("several")
    template = {
        "Parameters": {"Label": {"Type": "String", "Default": "1"}},
        "Resources": {key: stack(url, Label={"Ref": "Label"}) for key in ("One", "Two", "Three")},
    }
    hand.deploy(name, template)
    hand.order("faults", [{"resource": "AWS::SSM::Parameter", "logical_id": "Late", "operation": "UPDATE"}])
    assert hand.deploy(name, template, {"Label": "2"})["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    children = [hand.resource(name, key)["PhysicalResourceId"] for key in ("One", "Two", "Three")]
    assert [value(hand, child) for child in children] == ["1", "1", "1"]
    hand.order("faults", method="DELETE")
    assert hand.deploy(name, template, {"Label": "2"})["StackStatus"] == "UPDATE_COMPLETE"
    assert [value(hand, child) for child in children] == ["2", "2", "2"]


def test_an_update_is_cancelled(hand: Hand) -> None:
    name = hand.name("cancelled")
    hand.deploy(name, {"Resources": {"Value": parameter("1")}})
    hand.order("pace", {"scale": 1, "types": {"AWS::SNS::Topic": 2}})
    after = {"Resources": {"Topic": topic(hand.name("t")), "Value": parameter("2", DependsOn="Topic")}}
    hand.cloud.execute_change_set(ChangeSetName=hand.plan(name, after)["ChangeSetId"])
    hand.cloud.cancel_update_stack(StackName=name)
    assert hand.settled(name)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert (name, "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated") in hand.events(name)
    assert (topics(hand), value(hand, name)) == (set(), "1")


def test_update_stack_goes_the_same_way(hand: Hand) -> None:
    name = hand.name("direct")
    hand.deploy(name, {"Resources": {"Value": parameter("1")}})
    deny = {"Effect": "Deny", "Principal": "*", "Action": "Update:*", "Resource": "*"}
    with pytest.raises(ClientError, match="No updates are to be performed"):
        hand.cloud.update_stack(StackName=name, UsePreviousTemplate=True)
    with pytest.raises(ClientError, match="Either Template URL or Template Body must be specified"):
        hand.cloud.update_stack(StackName=name)
    with pytest.raises(ClientError, match="Template format error"):
        hand.cloud.update_stack(StackName=name, TemplateBody="{{{")
    with pytest.raises(ClientError, match="not found"):
        hand.cloud.update_stack(StackName=name, TemplateURL=f"https://s3.amazonaws.com/{hand.bucket}/none.yaml")
    with pytest.raises(ClientError, match="does not exist"):
        hand.cloud.update_stack(StackName="none", UsePreviousTemplate=True)
    with pytest.raises(ClientError, match="aws: prefix"):
        hand.cloud.update_stack(StackName=name, UsePreviousTemplate=True, Tags=[{"Key": "aws:x", "Value": "1"}])
    body = json.dumps({"Resources": {"Value": parameter("2")}})
    policy = json.dumps({"Statement": [deny]})
    hand.cloud.update_stack(StackName=name, TemplateBody=body, StackPolicyBody=policy)
    assert hand.settled(name)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert hand.cloud.get_stack_policy(StackName=name)["StackPolicyBody"] == policy
    assert value(hand, name) == "1"


def test_change_sets_of_a_stack_are_listed(hand: Hand) -> None:
    name = hand.name("listed")
    hand.deploy(name, {"Resources": {"Value": parameter("1")}})
    plan = hand.plan(name, {"Resources": {"Value": parameter("2")}}, change_set="second")
    listed = {one["ChangeSetName"]: one for one in hand.cloud.list_change_sets(StackName=name)["Summaries"]}
    assert (listed["second"]["ChangeSetId"], listed["second"]["ExecutionStatus"]) == (plan["ChangeSetId"], "AVAILABLE")
    with pytest.raises(hand.cloud.exceptions.AlreadyExistsException, match="second already exists"):
        hand.plan(name, {"Resources": {"Value": parameter("2")}}, change_set="second")


@pytest.mark.parametrize(
    ("on_failure", "status"),
    [("DELETE", "DELETE_COMPLETE"), ("DO_NOTHING", "CREATE_FAILED"), ("ROLLBACK", "ROLLBACK_COMPLETE")],
)
def test_a_change_set_may_say_what_to_do_on_failure(hand: Hand, on_failure: str, status: str) -> None:
    name = hand.name("failure")
    hand.order("faults", [{"resource": "AWS::SSM::Parameter", "reason": "no", "operation": "CREATE"}])
    plan = hand.plan(name, {"Resources": {"Value": parameter()}}, OnStackFailure=on_failure)
    with pytest.raises(ClientError, match="DisableRollback cannot be given"):
        hand.cloud.execute_change_set(ChangeSetName=plan["ChangeSetId"], DisableRollback=True)
    hand.cloud.execute_change_set(ChangeSetName=plan["ChangeSetId"])
    ended = ("CREATE_FAILED", "ROLLBACK_COMPLETE", "DELETE_COMPLETE")
    while hand.stack(plan["StackId"])["StackStatus"] not in ended or (
        on_failure == "DELETE" and hand.stack(plan["StackId"])["StackStatus"] != "DELETE_COMPLETE"
    ):
        assert hand.events(plan["StackId"])
    assert hand.stack(plan["StackId"])["StackStatus"] == status


def test_a_branch_that_is_not_taken_changes_nothing(hand: Hand) -> None:
    name = hand.name("branch")
    template = {
        "Parameters": {"Wanted": {"Type": "String", "Default": "no"}, "Other": {"Type": "String", "Default": "1"}},
        "Conditions": {"Wanted": {"Fn::Equals": [{"Ref": "Wanted"}, "yes"]}},
        "Resources": {
            "Value": parameter({"Fn::If": ["Wanted", {"Ref": "Other"}, "fixed"]}),
            "Topic": topic(hand.name("t"), DisplayName={"Fn::If": ["Wanted", "named", {"Ref": "AWS::NoValue"}]}),
            "Extra": {**parameter({"Ref": "Topic"}), "Condition": "Wanted"},
        },
    }
    hand.deploy(name, template)
    assert hand.plan(name, template, {"Other": "2"})["Status"] == "FAILED"
    changes = hand.changes(hand.plan(name, template, {"Wanted": "yes"}))
    assert {key: one["Action"] for key, one in changes.items()} == {
        "Value": "Modify",
        "Topic": "Modify",
        "Extra": "Add",
    }
    assert hand.deploy(name, template, {"Wanted": "yes"})["StackStatus"] == "UPDATE_COMPLETE"
    assert {key: one["Action"] for key, one in hand.changes(hand.plan(name, template)).items()} == {
        "Value": "Modify",
        "Topic": "Modify",
        "Extra": "Remove",
    }


def test_an_output_that_depends_on_what_is_added_is_known_afterwards(hand: Hand) -> None:
    leaf = {
        "Resources": {"Value": parameter()},
        "Outputs": {"Name": {"Value": {"Ref": "Value"}}, "Fixed": {"Value": "x"}},
    }
    name = hand.name("added")
    template = {
        "Resources": {
            "Leaf": stack(hand.upload("leaf", leaf)),
            "Fixed": parameter({"Fn::GetAtt": ["Leaf", "Outputs.Fixed"]}),
            "Name": parameter({"Fn::GetAtt": ["Leaf", "Outputs.Name"]}),
        }
    }
    hand.deploy(name, template)
    assert (value(hand, name, "Fixed"), hand.plan(name, template)["Status"]) == ("x", "FAILED")
    leaf["Outputs"]["Fixed"]["Value"] = "y"
    template["Resources"]["Leaf"]["Properties"]["TemplateURL"] = hand.upload("other", leaf)
    assert set(hand.changes(hand.plan(name, template))) == {"Leaf", "Fixed"}
    hand.deploy(name, template)
    assert value(hand, name, "Fixed") == "y"


def test_a_nested_stack_that_cannot_be_made_says_why(hand: Hand) -> None:
    name = hand.name("why")
    url = hand.upload("leaf", {"Parameters": {"P": {"Type": "String"}}, "Resources": {"Value": parameter()}})
    body = json.dumps({"Resources": {"Leaf": stack(url)}})
    hand.cloud.create_stack(StackName=name, TemplateBody=body)
    assert hand.settled(name)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert ("Leaf", "CREATE_FAILED", "Parameters: [P] must have values") in hand.events(name)
    listed = json.dumps({"Resources": {"Leaf": stack(url, P=["a", "b"])}})
    with pytest.raises(ClientError, match="must be an object with String"):
        hand.plan(hand.name("list"), json.loads(listed))


def test_what_is_read_of_a_resource_to_come_is_known_afterwards(hand: Hand) -> None:
    name = hand.name("come")
    hand.deploy(name, {"Resources": {"Value": parameter("1"), "Other": parameter("1")}})
    part = {"Fn::Select": [5, {"Fn::Split": [":", {"Fn::GetAtt": ["Topic", "TopicArn"]}]}]}
    after = {"Resources": {"Topic": topic(hand.name("t")), "Value": parameter(part), "Other": parameter("1")}}
    changes = hand.changes(hand.plan(name, after))
    assert {key: one["Action"] for key, one in changes.items()} == {"Topic": "Add", "Value": "Modify"}
    (detail,) = changes["Value"]["Details"]
    assert (detail["Evaluation"], detail["CausingEntity"]) == ("Dynamic", "Topic.TopicArn")
    hand.deploy(name, after)
    assert value(hand, name) == hand.name("t")


def test_a_reference_to_a_parameter_that_is_not_there_yet_is_shown_as_a_change(hand: Hand) -> None:
    name = hand.name("reference")
    hand.deploy(name, {"Resources": {"Value": parameter("1")}})
    after = {"Resources": {"Value": parameter(f"{{{{resolve:ssm:{hand.name('none')}}}}}")}}
    assert set(hand.changes(hand.plan(name, after))) == {"Value"}
    hand.client("ssm").put_parameter(Name=hand.name("none"), Value="here", Type="String")
    hand.deploy(name, after)
    assert (value(hand, name), hand.plan(name, after)["Status"]) == ("here", "FAILED")


def test_a_failed_resource_that_is_no_longer_wanted_is_simply_left_out(hand: Hand) -> None:
    name = hand.name("unwanted")
    hand.order("faults", [{"resource": "AWS::SNS::Topic", "reason": "no"}])
    hand.deploy(name, {"Resources": {"Topic": topic(hand.name("t")), "Value": parameter()}}, DisableRollback=True)
    assert statuses(hand, name) == {"Topic": "CREATE_FAILED", "Value": "CREATE_COMPLETE"}
    after = hand.deploy(name, {"Resources": {"Value": parameter()}}, DisableRollback=True)
    assert (after["StackStatus"], statuses(hand, name)) == ("UPDATE_COMPLETE", {"Value": "CREATE_COMPLETE"})


def test_a_change_set_that_is_being_executed_is_not_deleted(hand: Hand) -> None:
    name = hand.name("executing")
    hand.order("pace", {"scale": 1, "types": {"*": 2}})
    plan = hand.plan(name, {"Resources": {"Value": parameter()}})
    hand.cloud.execute_change_set(ChangeSetName=plan["ChangeSetId"])
    for call in (hand.cloud.delete_change_set, hand.cloud.execute_change_set):
        with pytest.raises(hand.cloud.exceptions.InvalidChangeSetStatusException):
            call(ChangeSetName=plan["ChangeSetName"], StackName=name)
    assert hand.settled(name)["StackStatus"] == "CREATE_COMPLETE"
    hand.cloud.delete_change_set(ChangeSetName=plan["ChangeSetName"], StackName=name)
    hand.cloud.delete_change_set(ChangeSetName=plan["ChangeSetName"], StackName=name)


def test_resources_are_imported_as_before(hand: Hand) -> None:
    name = hand.name("import")
    url = hand.client("sqs").create_queue(QueueName=hand.name("queue"))["QueueUrl"]
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": hand.name("queue")}, "DeletionPolicy": "Delete"}
    wanted = {"ResourceType": "AWS::SQS::Queue", "LogicalResourceId": "Queue", "ResourceIdentifier": {"QueueUrl": url}}
    plan = hand.plan(name, {"Resources": {"Queue": queue}}, kind="IMPORT", ResourcesToImport=[wanted])
    assert hand.changes(plan)["Queue"]["Action"] == "Import"
    hand.cloud.execute_change_set(ChangeSetName=plan["ChangeSetId"])
    while hand.stack(name)["StackStatus"].endswith("_IN_PROGRESS"):
        assert hand.events(name)
    assert hand.stack(name)["StackStatus"] == "IMPORT_COMPLETE"
    assert hand.plan(name, {"Resources": {"Queue": queue}}, kind="UPDATE")["Status"] == "FAILED"
    hand.delete(name)
    assert not hand.client("sqs").list_queues(QueueNamePrefix=hand.name("queue")).get("QueueUrls")
