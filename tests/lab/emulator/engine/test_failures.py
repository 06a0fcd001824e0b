import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.lab.emulator.engine.hand import Hand, stack, topic


def parameter(value: object = "v", **more: object) -> dict[str, Any]:
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value}, **more}


def inner_template(hand: Hand, word: str) -> dict[str, Any]:
    return {
        "Parameters": {"Label": {"Type": "String"}},
        "Resources": {
            "Inner": topic(hand.name(f"{word}-inner"), DisplayName={"Ref": "Label"}),
            "Deep": parameter({"Ref": "Inner"}),
            "Beside": parameter(),
        },
        "Outputs": {"Arn": {"Value": {"Ref": "Inner"}}},
    }


def tree(hand: Hand, word: str, label: str = "1") -> tuple[str, dict[str, Any]]:
    """Give a root with a topic, a parameter that needs it, and a nested stack with two of its own."""
    template = {
        "Parameters": {"Label": {"Type": "String", "Default": label}},
        "Resources": {
            "Topic": topic(hand.name(word), DisplayName={"Ref": "Label"}),
            "Value": parameter({"Ref": "Topic"}),
            "Leaf": stack(hand.upload("leaf", inner_template(hand, word)), Label={"Ref": "Label"}),
            "Reader": parameter({"Fn::GetAtt": ["Leaf", "Outputs.Arn"]}),
        },
    }
    return hand.name(word), template


def topics(hand: Hand) -> list[str]:
    """Name the topics that this test has made."""
    pages = hand.client("sns").get_paginator("list_topics").paginate()
    arns = [one["TopicArn"] for page in pages for one in page["Topics"]]
    return [arn for arn in arns if arn.endswith(f"-{hand.number}") or f"-{hand.number}-" in arn]


def statuses(hand: Hand, name: str) -> dict[str, str]:
    told = hand.cloud.describe_stack_resources(StackName=name)["StackResources"]
    return {one["LogicalResourceId"]: one["ResourceStatus"] for one in told}


def test_a_first_deploy_that_failed_and_was_kept_goes_on_from_there(hand: Hand) -> None:
    name, template = tree(hand, "resume")
    hand.order("faults", [{"resource": "AWS::SNS::Topic", "logical_id": "Inner", "reason": "not yet", "times": 1}])
    failed = hand.deploy(name, template, DisableRollback=True)
    assert (failed["StackStatus"], failed["StackStatusReason"]) == (
        "CREATE_FAILED",
        "The following resource(s) failed to create: [Leaf]. ",
    )
    assert statuses(hand, name) == {
        "Topic": "CREATE_COMPLETE",
        "Value": "CREATE_COMPLETE",
        "Leaf": "CREATE_FAILED",
    }
    child = hand.resource(name, "Leaf")["PhysicalResourceId"]
    assert hand.stack(child)["StackStatus"] == "CREATE_FAILED"
    assert statuses(hand, child) == {"Inner": "CREATE_FAILED", "Beside": "CREATE_COMPLETE"}
    kept = hand.resource(name, "Topic")["PhysicalResourceId"]

    plan = hand.plan(name, template)
    changes = hand.changes(plan)
    assert {key: one["Action"] for key, one in changes.items()} == {"Leaf": "Modify", "Reader": "Add"}
    below = hand.changes(hand.nested(plan, "Leaf"))
    assert {key: one["Action"] for key, one in below.items()} == {"Inner": "Add", "Deep": "Add"}
    with pytest.raises(ClientError, match=r"currently in a non-terminal \[CREATE_FAILED\] state"):
        hand.cloud.execute_change_set(ChangeSetName=plan["ChangeSetId"])
    hand.cloud.execute_change_set(ChangeSetName=plan["ChangeSetId"], DisableRollback=True)
    assert hand.settled(name)["StackStatus"] == "UPDATE_COMPLETE"
    assert hand.resource(name, "Topic")["PhysicalResourceId"] == kept
    assert hand.resource(name, "Leaf")["PhysicalResourceId"] == child
    assert hand.stack(child)["StackStatus"] == "UPDATE_COMPLETE"
    assert hand.plan(name, template)["Status"] == "FAILED"


def test_what_was_kept_may_fail_again_and_still_be_rolled_back_or_deleted(hand: Hand) -> None:
    name, template = tree(hand, "twice")
    hand.order("faults", [{"resource": "AWS::SNS::Topic", "logical_id": "Inner", "reason": "not yet", "times": 2}])
    hand.deploy(name, template, DisableRollback=True)
    assert hand.deploy(name, template, DisableRollback=True)["StackStatus"] == "UPDATE_FAILED"
    hand.cloud.rollback_stack(StackName=name)
    assert hand.settled(name)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert topics(hand) == []
    hand.delete(name)


def test_a_kept_stack_can_be_deleted_as_it_is(hand: Hand) -> None:
    name, template = tree(hand, "remove")
    hand.order("faults", [{"resource": "AWS::SNS::Topic", "logical_id": "Inner", "reason": "not yet", "times": 1}])
    hand.deploy(name, template, DisableRollback=True)
    hand.delete(name)
    assert topics(hand) == []


def test_a_kept_failed_update_goes_on_from_there(hand: Hand) -> None:
    name, template = tree(hand, "update")
    hand.deploy(name, template)
    hand.order("faults", [{"resource": "AWS::SNS::Topic", "logical_id": "Inner", "operation": "UPDATE", "times": 1}])
    failed = hand.deploy(name, template, {"Label": "2"}, DisableRollback=True)
    assert failed["StackStatus"] == "UPDATE_FAILED"
    assert statuses(hand, name)["Topic"] == "UPDATE_COMPLETE"
    assert statuses(hand, name)["Leaf"] == "UPDATE_FAILED"
    assert set(hand.changes(hand.plan(name, template, {"Label": "2"}))) == {"Leaf"}
    assert hand.deploy(name, template, {"Label": "2"}, DisableRollback=True)["StackStatus"] == "UPDATE_COMPLETE"
    attributes = [hand.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"] for arn in topics(hand)]
    names = {one["DisplayName"] for one in attributes}
    assert names == {"2"}
    hand.delete(name)


def test_a_kept_failed_update_can_be_rolled_back(hand: Hand) -> None:
    name, template = tree(hand, "undo")
    hand.deploy(name, template)
    hand.order("faults", [{"resource": "AWS::SNS::Topic", "logical_id": "Inner", "operation": "UPDATE", "times": 1}])
    assert hand.deploy(name, template, {"Label": "2"}, DisableRollback=True)["StackStatus"] == "UPDATE_FAILED"
    hand.cloud.rollback_stack(StackName=name)
    assert hand.settled(name)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    attributes = [hand.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"] for arn in topics(hand)]
    assert {one["DisplayName"] for one in attributes} == {"1"}
    assert hand.plan(name, template)["Status"] == "FAILED"
    assert hand.deploy(name, template, {"Label": "3"})["StackStatus"] == "UPDATE_COMPLETE"


def test_a_failure_cancels_what_is_under_way_and_rolls_back_in_aws_words(hand: Hand) -> None:
    name, template = tree(hand, "cancel")
    hand.order("pace", {"scale": 1, "types": {"AWS::SNS::Topic": 1}})
    template["Resources"]["Zone"] = parameter()
    hand.order("faults", [{"resource": "AWS::SSM::Parameter", "logical_id": "Zone", "reason": "no"}])
    assert hand.deploy(name, template)["StackStatus"] == "ROLLBACK_COMPLETE"
    events = hand.events(name)
    assert ("Topic", "CREATE_FAILED", "Resource creation cancelled") in events
    words = "The following resource(s) failed to create: [Leaf, Topic, Zone]. Rollback requested by user."
    assert (name, "ROLLBACK_IN_PROGRESS", words) in events
    assert not [one for one in events if one[0] == "Value"]
    with pytest.raises(ClientError, match="already exists and cannot be created again with the changeSet"):
        hand.plan(name, template, kind="CREATE")
    with pytest.raises(ClientError, match="is in ROLLBACK_COMPLETE state and can not be updated"):
        hand.plan(name, template, kind="UPDATE")
    with pytest.raises(hand.cloud.exceptions.AlreadyExistsException):
        hand.cloud.create_stack(StackName=name, TemplateBody=json.dumps(template))
    hand.delete(name)
    assert hand.deploy(name, {"Resources": {"Value": parameter()}})["StackStatus"] == "CREATE_COMPLETE"


def test_a_rollback_that_fails_is_continued_down_to_the_leaf(hand: Hand) -> None:
    name, template = tree(hand, "stuck")
    hand.deploy(name, template)
    child = hand.resource(name, "Leaf")["PhysicalResourceId"]
    template["Resources"]["Late"] = parameter(DependsOn=["Leaf", "Topic"])
    inner = {"resource": "AWS::SNS::Topic", "logical_id": "Inner", "operation": "ROLLBACK", "reason": "stuck"}
    hand.order("faults", [{"resource": "AWS::SSM::Parameter", "logical_id": "Late"}, {**inner, "times": 2}])
    assert hand.deploy(name, template, {"Label": "2"})["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    hand.order("faults", method="DELETE")
    deep = {"resource": "AWS::SSM::Parameter", "logical_id": "Beside", "operation": "UPDATE", "reason": "no"}
    changed = tree(hand, "stuck")[1]
    leaf = inner_template(hand, "stuck")
    leaf["Resources"]["Beside"] = parameter({"Ref": "Label"}, DependsOn="Inner")
    changed["Resources"]["Leaf"]["Properties"]["TemplateURL"] = hand.upload("changed", leaf)
    hand.order("faults", [deep, {**inner, "times": 2}])
    failed = hand.deploy(name, changed, {"Label": "3"})
    assert (failed["StackStatus"], hand.stack(child)["StackStatus"]) == ("UPDATE_ROLLBACK_FAILED",) * 2
    with pytest.raises(ClientError, match="is in UPDATE_ROLLBACK_FAILED state and can not be updated"):
        hand.plan(name, changed, {"Label": "3"})
    hand.cloud.continue_update_rollback(StackName=name)
    assert hand.settled(name)["StackStatus"] == "UPDATE_ROLLBACK_FAILED"
    hand.cloud.continue_update_rollback(StackName=name)
    assert hand.settled(name)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert hand.stack(child)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    hand.order("faults", method="DELETE")
    assert hand.deploy(name, changed, {"Label": "3"})["StackStatus"] == "UPDATE_COMPLETE"


@pytest.mark.parametrize("status", ["UPDATE_ROLLBACK_FAILED", "ROLLBACK_COMPLETE", "DELETE_FAILED", "ROLLBACK_FAILED"])
def test_a_stack_can_be_put_into_a_status(hand: Hand, status: str) -> None:
    name = hand.name("put")
    hand.deploy(name, {"Resources": {"Value": parameter()}})
    hand.order("faults", [{"stack": name, "region": hand.region, "status": status, "reason": "why"}])
    stuck = hand.stack(name)
    assert (stuck["StackStatus"], stuck["StackStatusReason"]) == (status, "why")
    assert hand.events(name)[-1] == (name, status, "why")
    with pytest.raises(ClientError, match=f"is in {status} state and can not be updated"):
        hand.plan(name, {"Resources": {"Other": parameter()}}, kind="UPDATE")
    if status == "UPDATE_ROLLBACK_FAILED":
        hand.cloud.continue_update_rollback(StackName=name)
        assert hand.settled(name)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    hand.delete(name)


def test_a_stack_can_be_deleted_while_it_is_created(hand: Hand) -> None:
    name, template = tree(hand, "midway")
    hand.order("pace", {"scale": 1, "types": {"AWS::SNS::Topic": 1.5}})
    plan = hand.plan(name, template)
    hand.cloud.execute_change_set(ChangeSetName=plan["ChangeSetId"])
    hand.delete(name)
    assert topics(hand) == []
    left = {one["StackName"] for one in hand.cloud.describe_stacks()["Stacks"]}
    assert not [one for one in left if one.startswith(f"{name}-Leaf")]


def test_a_stack_that_is_updated_is_neither_deleted_nor_updated(hand: Hand) -> None:
    name, template = tree(hand, "busy")
    hand.deploy(name, template)
    hand.order("pace", {"scale": 1, "types": {"AWS::SSM::Parameter": 2}})
    template["Resources"]["New"] = parameter()
    hand.cloud.execute_change_set(ChangeSetName=hand.plan(name, template)["ChangeSetId"])
    with pytest.raises(ClientError, match="cannot be deleted while in status UPDATE_IN_PROGRESS"):
        hand.cloud.delete_stack(StackName=name)
    with pytest.raises(ClientError, match="is in UPDATE_IN_PROGRESS state and can not be updated"):
        hand.plan(name, template)
    assert statuses(hand, name)["New"] == "CREATE_IN_PROGRESS"
    assert hand.settled(name)["StackStatus"] == "UPDATE_COMPLETE"


def test_a_resource_does_not_become_one_of_another_type(hand: Hand) -> None:
    name = hand.name("type")
    hand.deploy(name, {"Resources": {"Thing": parameter()}})
    words = r"Update of resource type is not permitted.* resources: \[Thing\]"
    with pytest.raises(ClientError, match=words):
        hand.plan(name, {"Resources": {"Thing": topic(hand.name("type"))}})


def test_a_custom_named_resource_is_not_replaced(hand: Hand) -> None:
    name, group = hand.name("named"), hand.name("group")
    properties = {"DBParameterGroupName": group, "Family": "postgres17", "Description": "d"}
    template = {"Resources": {"Group": {"Type": "AWS::RDS::DBParameterGroup", "Properties": properties}}}
    hand.deploy(name, template)
    properties["Family"] = "postgres18"
    plan = hand.plan(name, template)
    assert hand.changes(plan)["Group"]["Replacement"] == "True"
    assert hand.deploy(name, template)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    words = (
        "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
        f"Rename {group} and update the stack again."
    )
    assert ("Group", "UPDATE_FAILED", words) in hand.events(name)
    properties["DBParameterGroupName"] = f"{group}-new"
    assert hand.deploy(name, template)["StackStatus"] == "UPDATE_COMPLETE"
    groups = {
        one["DBParameterGroupName"] for one in hand.client("rds").describe_db_parameter_groups()["DBParameterGroups"]
    }
    assert (f"{group}-new" in groups, group in groups) == (True, False)


@pytest.mark.parametrize(
    ("action", "change"),
    [
        ("Update:Replace", {"Topic": topic("renamed-by-policy-test")}),
        ("Update:Modify", {"Topic": topic("policy-test", DisplayName="other")}),
        ("Update:Delete", {"Other": parameter()}),
    ],
)
def test_a_stack_policy_is_kept_and_enforced(hand: Hand, action: str, change: dict[str, Any]) -> None:
    name = hand.name("policy")
    hand.deploy(name, {"Resources": {"Topic": topic("policy-test")}})
    deny = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "LogicalResourceId/Topic"}
    allow = {"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"}
    body = f'{{"Statement": [{deny!s}, {allow!s}]}}'.replace("'", '"')
    hand.cloud.set_stack_policy(StackName=name, StackPolicyBody=body)
    assert hand.cloud.get_stack_policy(StackName=name)["StackPolicyBody"] == body
    assert hand.deploy(name, {"Resources": change})["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    words = f"Action denied by stack policy: Statement [#1] does not allow [{action}] for resource [Topic]"
    assert ("Topic", "UPDATE_FAILED", words) in hand.events(name)
    assert hand.resource(name, "Topic")["PhysicalResourceId"].endswith(":policy-test")
    hand.delete(name)


def test_a_stack_policy_is_about_what_changes_alone(hand: Hand) -> None:
    name, template = tree(hand, "alone")
    hand.deploy(name, template)
    deny = {"Effect": "Deny", "Principal": "*", "Action": "Update:*", "Resource": "LogicalResourceId/Leaf"}
    allow = {"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"}
    hand.cloud.set_stack_policy(StackName=name, StackPolicyBody=json.dumps({"Statement": [deny, allow]}))
    template["Resources"]["Value"] = parameter("other")
    assert hand.deploy(name, template)["StackStatus"] == "UPDATE_COMPLETE"
    assert hand.deploy(name, template, {"Label": "2"})["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"


def test_a_protected_stack_is_not_deleted(hand: Hand) -> None:
    name = hand.name("protected")
    hand.deploy(name, {"Resources": {"Value": parameter()}})
    hand.cloud.update_termination_protection(StackName=name, EnableTerminationProtection=True)
    with pytest.raises(ClientError, match="TerminationProtection is enabled"):
        hand.cloud.delete_stack(StackName=name)
    hand.cloud.update_termination_protection(StackName=name, EnableTerminationProtection=False)
    hand.delete(name)


def test_a_resource_that_cannot_be_deleted_fails_the_deletion_until_it_can(hand: Hand) -> None:
    name, template = tree(hand, "delete")
    hand.deploy(name, template)
    child = hand.resource(name, "Leaf")["PhysicalResourceId"]
    hand.order(
        "faults",
        [{"resource": "AWS::SNS::Topic", "logical_id": "Inner", "operation": "DELETE", "reason": "in use", "times": 1}],
    )
    hand.cloud.delete_stack(StackName=name)
    assert hand.settled(name)["StackStatus"] == "DELETE_FAILED"
    assert statuses(hand, name) == {"Leaf": "DELETE_FAILED"}
    assert ("Inner", "DELETE_FAILED", "in use") in hand.events(child)
    hand.delete(name)
    assert hand.stack(child)["StackStatus"] == "DELETE_COMPLETE"


def test_stacks_and_events_are_told_in_pages(hand: Hand) -> None:
    name = hand.name("many")
    hand.deploy(name, {"Resources": {f"Value{number}": parameter() for number in range(60)}})
    assert len(hand.cloud.describe_stack_events(StackName=name)["StackEvents"]) == 100
    events = hand.events(name)
    assert len({one[0] for one in events}) == 61
    assert events[0][1:] == ("REVIEW_IN_PROGRESS", "User Initiated")
    assert events[-1][:2] == (name, "CREATE_COMPLETE")
