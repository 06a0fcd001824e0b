from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.lab.emulator.engine.hand import Hand, stack, topic

NOTHING = "The submitted information didn't contain changes. Submit different information to create a change set."


def details(change: dict[str, Any]) -> set[tuple[str, ...]]:
    """Give the details of a change: property, need of recreation, evaluation, source, cause."""
    return {
        (
            one["Target"].get("Name", one["Target"]["Attribute"]),
            one["Target"]["RequiresRecreation"],
            one["Evaluation"],
            one.get("ChangeSource", ""),
            one.get("CausingEntity", ""),
        )
        for one in change["Details"]
    }


def leaf(name: str, **properties: object) -> dict[str, Any]:
    return {
        "Parameters": {"Label": {"Type": "String", "Default": "none"}},
        "Resources": {"Topic": topic(name, DisplayName={"Ref": "Label"}, **properties)},
        "Outputs": {"Arn": {"Value": {"Ref": "Topic"}}, "Label": {"Value": {"Ref": "Label"}}},
    }


def two(hand: Hand, word: str) -> tuple[str, dict[str, Any]]:
    """Give a root with a stack for each of two parameters; the second takes an output of the first as well."""
    reader = leaf(hand.name(f"{word}-b"))
    reader["Parameters"]["Arn"] = {"Type": "String"}
    reader["Resources"]["Value"] = {
        "Type": "AWS::SSM::Parameter",
        "Properties": {"Type": "String", "Value": {"Ref": "Arn"}},
    }
    template = {
        "Parameters": {"One": {"Type": "String", "Default": "1"}, "Other": {"Type": "String", "Default": "1"}},
        "Resources": {
            "First": stack(hand.upload("first", leaf(hand.name(f"{word}-a"))), Label={"Ref": "One"}),
            "Second": stack(
                hand.upload("second", reader), Label={"Ref": "Other"}, Arn={"Fn::GetAtt": ["First", "Outputs.Arn"]}
            ),
        },
    }
    return hand.name(word), template


def test_a_first_change_set_adds_everything_down_to_the_leaves(hand: Hand) -> None:
    name, template = two(hand, "first")
    plan = hand.plan(name, template)
    assert (plan["Status"], plan["ExecutionStatus"], plan["IncludeNestedStacks"]) == (
        "CREATE_COMPLETE",
        "AVAILABLE",
        True,
    )
    assert {key: one["Action"] for key, one in hand.changes(plan).items()} == {"First": "Add", "Second": "Add"}
    below = hand.nested(plan, "Second")
    assert {key: one["Action"] for key, one in hand.changes(below).items()} == {"Topic": "Add", "Value": "Add"}
    assert below["ParentChangeSetId"] == below["RootChangeSetId"] == plan["ChangeSetId"]
    assert hand.stack(name)["StackStatus"] == hand.stack(below["StackName"])["StackStatus"] == "REVIEW_IN_PROGRESS"
    assert hand.stack(below["StackId"])["ParentId"] == plan["StackId"]


def test_what_a_nested_stack_will_be_given_need_not_fit_before_it_is_there(hand: Hand) -> None:
    name, template = two(hand, "fits")
    reader = {
        "Parameters": {"Arn": {"Type": "String", "AllowedPattern": "arn:aws:sns:.+"}},
        "Resources": {
            "Value": {
                "Type": "AWS::SSM::Parameter",
                "Properties": {"Type": "String", "Value": {"Fn::Select": [5, {"Fn::Split": [":", {"Ref": "Arn"}]}]}},
            }
        },
    }
    template["Resources"]["Second"]["Properties"]["TemplateURL"] = hand.upload("second", reader)
    del template["Resources"]["Second"]["Properties"]["Parameters"]["Label"]
    assert list(hand.changes(hand.nested(hand.plan(name, template), "Second"))) == ["Value"]
    hand.deploy(name, template)
    parameter = hand.resource(hand.resource(name, "Second")["PhysicalResourceId"], "Value")["PhysicalResourceId"]
    value = hand.client("ssm").get_parameter(Name=parameter)["Parameter"]["Value"]
    assert value == hand.name("fits-a")
    template["Resources"]["Second"]["Properties"]["Parameters"]["Arn"] = "no such thing"
    with pytest.raises(ClientError, match="Arn"):
        hand.plan(name, template)


def test_the_nested_stacks_that_were_under_review_are_those_that_are_created(hand: Hand) -> None:
    name, template = two(hand, "same")
    plan = hand.plan(name, template)
    below = hand.nested(plan, "First")
    hand.cloud.execute_change_set(ChangeSetName=plan["ChangeSetId"])
    assert hand.settled(name)["StackStatus"] == "CREATE_COMPLETE"
    assert hand.resource(name, "First")["PhysicalResourceId"] == below["StackId"]
    assert hand.stack(below["StackId"])["StackStatus"] == "CREATE_COMPLETE"
    assert hand.cloud.describe_change_set(ChangeSetName=plan["ChangeSetId"])["ExecutionStatus"] == "EXECUTE_COMPLETE"


def test_a_second_change_set_for_the_same_is_empty_and_cannot_be_executed(hand: Hand) -> None:
    name, template = two(hand, "again")
    hand.deploy(name, template)
    plan = hand.plan(name, template)
    assert (plan["Status"], plan["StatusReason"], plan["Changes"]) == ("FAILED", NOTHING, [])
    with pytest.raises(hand.cloud.exceptions.InvalidChangeSetStatusException):
        hand.cloud.execute_change_set(ChangeSetName=plan["ChangeSetId"])


def test_a_changed_parameter_shows_only_the_stacks_that_use_it(hand: Hand) -> None:
    name, template = two(hand, "uses")
    hand.deploy(name, template)
    plan = hand.plan(name, template, {"Other": "2"})
    assert list(hand.changes(plan)) == ["Second"]
    below = hand.nested(plan, "Second")
    assert list(hand.changes(below)) == ["Topic"]
    assert details(hand.changes(below)["Topic"]) == {
        ("DisplayName", "Never", "Dynamic", "DirectModification", ""),
        ("DisplayName", "Never", "Static", "ParameterReference", "Label"),
    }
    assert hand.changes(below)["Topic"]["Replacement"] == "False"


def test_what_depends_on_a_replaced_resource_is_known_after_the_update_only(hand: Hand) -> None:
    name, template = two(hand, "after")
    hand.deploy(name, template)
    template["Resources"]["First"] = stack(
        hand.upload("renamed", leaf(hand.name("after-renamed"))), Label={"Ref": "One"}
    )
    plan = hand.plan(name, template)
    replaced = hand.changes(hand.nested(plan, "First"))["Topic"]
    assert (replaced["Replacement"], replaced["PolicyAction"]) == ("True", "ReplaceAndDelete")
    second = hand.changes(plan)["Second"]
    assert details(second) == {
        ("Parameters", "Never", "Dynamic", "ResourceAttribute", "First.Outputs.Arn"),
    }
    value = hand.changes(hand.nested(plan, "Second"))["Value"]
    assert details(value) == {("Value", "Never", "Dynamic", "ParameterReference", "Arn")}
    hand.cloud.execute_change_set(ChangeSetName=plan["ChangeSetId"])
    assert hand.settled(name)["StackStatus"] == "UPDATE_COMPLETE"
    assert hand.plan(name, template)["StatusReason"] == NOTHING


def test_added_and_removed_stacks_are_told_as_such(hand: Hand) -> None:
    name, template = two(hand, "swap")
    hand.deploy(name, template)
    del template["Resources"]["Second"]
    template["Resources"]["Third"] = stack(hand.upload("third", leaf(hand.name("third"))))
    changes = hand.changes(hand.plan(name, template))
    assert {key: one["Action"] for key, one in changes.items()} == {"Second": "Remove", "Third": "Add"}
    assert changes["Second"]["PolicyAction"] == "Delete"
    assert changes["Second"]["PhysicalResourceId"].startswith("arn:aws:cloudformation:")
    assert hand.deploy(name, template)["StackStatus"] == "UPDATE_COMPLETE"
    assert {
        one["LogicalResourceId"] for one in hand.cloud.describe_stack_resources(StackName=name)["StackResources"]
    } == {
        "First",
        "Third",
    }


def test_content_that_changes_behind_the_same_address_is_found(hand: Hand) -> None:
    name, template = two(hand, "content")
    hand.deploy(name, template)
    hand.upload("first", leaf(hand.name("content-a"), Tags=[{"Key": "new", "Value": "1"}]))
    plan = hand.plan(name, template)
    assert details(hand.changes(plan)["First"]) == {("Properties", "Never", "Dynamic", "Automatic", "")}
    assert list(hand.changes(hand.nested(plan, "First"))) == ["Topic"]
    hand.cloud.execute_change_set(ChangeSetName=plan["ChangeSetId"])
    assert hand.settled(name)["StackStatus"] == "UPDATE_COMPLETE"
    arn = hand.resource(hand.resource(name, "First")["PhysicalResourceId"], "Topic")["PhysicalResourceId"]
    tags = {one["Key"] for one in hand.client("sns").list_tags_for_resource(ResourceArn=arn)["Tags"]}
    assert "new" in tags


def test_only_the_root_can_be_executed(hand: Hand) -> None:
    name, template = two(hand, "root")
    plan = hand.plan(name, template)
    own = hand.changes(plan)["First"]["ChangeSetId"]
    with pytest.raises(hand.cloud.exceptions.InvalidChangeSetStatusException, match="root change set"):
        hand.cloud.execute_change_set(ChangeSetName=own)


def test_deleting_the_root_deletes_the_nested_and_leaves_the_stack_under_review(hand: Hand) -> None:
    name, template = two(hand, "discard")
    plan = hand.plan(name, template)
    own = hand.changes(plan)["First"]["ChangeSetId"]
    hand.cloud.delete_change_set(ChangeSetName=plan["ChangeSetId"])
    for identity in (own, plan["ChangeSetId"]):
        with pytest.raises(hand.cloud.exceptions.ChangeSetNotFoundException):
            hand.cloud.describe_change_set(ChangeSetName=identity)
    assert hand.stack(name)["StackStatus"] == "REVIEW_IN_PROGRESS"
    assert hand.deploy(name, template)["StackStatus"] == "CREATE_COMPLETE"


def test_deleting_a_stack_under_review_takes_what_is_nested_in_it_along(hand: Hand) -> None:
    name, template = two(hand, "review")
    below = hand.nested(hand.plan(name, template), "First")
    hand.delete(name)
    assert hand.stack(below["StackId"])["StackStatus"] == "DELETE_COMPLETE"
    with pytest.raises(hand.cloud.exceptions.ChangeSetNotFoundException):
        hand.cloud.describe_change_set(ChangeSetName=below["ChangeSetId"])


def test_a_creation_that_fails_early_leaves_no_nested_stack_under_review(hand: Hand) -> None:
    name, template = two(hand, "early")
    hand.order("faults", [{"resource": "AWS::SNS::Topic", "reason": "no"}])
    below = hand.nested(hand.plan(name, template), "Second")
    hand.cloud.execute_change_set(ChangeSetName=below["RootChangeSetId"])
    assert hand.settled(name)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert hand.stack(below["StackId"])["StackStatus"] == "DELETE_COMPLETE"


def test_roles_must_be_acknowledged_wherever_they_are(hand: Hand) -> None:
    trust = {"Version": "2012-10-17", "Statement": []}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
    named = {**role, "Properties": {**role["Properties"], "RoleName": hand.name("role")}}
    url = hand.upload("role", {"Resources": {"Role": named}})
    for template in ({"Resources": {"Role": role}}, {"Resources": {"Leaf": stack(url)}}):
        with pytest.raises(hand.cloud.exceptions.InsufficientCapabilitiesException, match="CAPABILITY_"):
            hand.plan(hand.name("acknowledged"), template, Capabilities=[])
    with pytest.raises(hand.cloud.exceptions.InsufficientCapabilitiesException, match="CAPABILITY_NAMED_IAM"):
        hand.plan(hand.name("acknowledged"), {"Resources": {"Leaf": stack(url)}}, Capabilities=["CAPABILITY_IAM"])


def test_a_change_set_without_nested_stacks_names_them_only(hand: Hand) -> None:
    name, template = two(hand, "shallow")
    hand.deploy(name, template)
    plan = hand.plan(name, template, {"One": "2"}, IncludeNestedStacks=False)
    assert "ChangeSetId" not in hand.changes(plan)["First"]
    assert set(hand.changes(plan)) == {"First", "Second"}
    hand.cloud.execute_change_set(ChangeSetName=plan["ChangeSetId"])
    assert hand.settled(name)["StackStatus"] == "UPDATE_COMPLETE"
    assert hand.plan(name, template, {"One": "2"})["StatusReason"] == NOTHING


def test_a_change_set_of_a_stack_that_has_changed_since_is_obsolete(hand: Hand) -> None:
    name, template = two(hand, "stale")
    hand.deploy(name, template)
    stale = hand.plan(name, template, {"One": "2"})["ChangeSetId"]
    child = hand.resource(name, "First")["PhysicalResourceId"]
    hand.cloud.update_stack(
        StackName=child, UsePreviousTemplate=True, Parameters=[{"ParameterKey": "Label", "ParameterValue": "9"}]
    )
    hand.settled(child)
    assert hand.cloud.describe_change_set(ChangeSetName=stale)["ExecutionStatus"] == "OBSOLETE"
    with pytest.raises(hand.cloud.exceptions.InvalidChangeSetStatusException, match="OBSOLETE"):
        hand.cloud.execute_change_set(ChangeSetName=stale)


def test_executing_one_change_set_removes_the_others(hand: Hand) -> None:
    name, template = two(hand, "others")
    hand.deploy(name, template)
    other = hand.plan(name, template, {"One": "2"})["ChangeSetId"]
    hand.deploy(name, template, {"One": "3"})
    with pytest.raises(hand.cloud.exceptions.ChangeSetNotFoundException):
        hand.cloud.execute_change_set(ChangeSetName=other)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"RoleName": "renamed"}, ("RoleName", "Always")),
        ({"Path": "/other/"}, ("Path", "Always")),
        ({"MaxSessionDuration": 7200}, ("MaxSessionDuration", "Never")),
    ],
)
def test_what_needs_another_resource_is_told_by_the_schema(
    hand: Hand, change: dict[str, Any], expected: tuple[str, str]
) -> None:
    trust = {"Version": "2012-10-17", "Statement": []}
    role = {"RoleName": hand.name("role"), "AssumeRolePolicyDocument": trust}
    name = hand.name("schema")
    hand.deploy(name, {"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": role}}})
    after = {"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {**role, **change}}}}
    found = hand.changes(hand.plan(name, after))["Role"]
    assert details(found) == {(*expected, "Static", "DirectModification", "")}
    assert found["Replacement"] == ("True" if expected[1] == "Always" else "False")


def test_a_conditionally_create_only_property_gives_a_conditional_replacement(hand: Hand) -> None:
    table = {
        "TableName": hand.name("table"),
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    name = hand.name("conditional")
    resource = {"Type": "AWS::DynamoDB::Table", "Properties": table}
    hand.deploy(name, {"Resources": {"Table": resource}})
    other = {**table, "KeySchema": [{"AttributeName": "key", "KeyType": "HASH"}]}
    other["AttributeDefinitions"] = [{"AttributeName": "key", "AttributeType": "S"}]
    found = hand.changes(hand.plan(name, {"Resources": {"Table": {**resource, "Properties": other}}}))["Table"]
    assert found["Replacement"] == "Conditional"


def test_changed_policies_are_shown_and_replace_nothing(hand: Hand) -> None:
    name, resource = hand.name("policy"), topic(hand.name("policy"))
    hand.deploy(name, {"Resources": {"Topic": resource}})
    found = hand.changes(hand.plan(name, {"Resources": {"Topic": {**resource, "DeletionPolicy": "Retain"}}}))["Topic"]
    assert (found["Scope"], found["Replacement"]) == (["DeletionPolicy"], "False")


def test_changed_tags_of_the_stack_reach_the_leaves(hand: Hand) -> None:
    name, template = two(hand, "tags")
    hand.deploy(name, template)
    plan = hand.plan(name, template, Tags=[{"Key": "team", "Value": "data"}])
    assert {key: one["Scope"] for key, one in hand.changes(plan).items()} == {"First": ["Tags"], "Second": ["Tags"]}
    below = hand.changes(hand.nested(plan, "Second"))
    assert {key: one["Scope"] for key, one in below.items()} == {"Topic": ["Tags"], "Value": ["Tags"]}
    hand.cloud.execute_change_set(ChangeSetName=plan["ChangeSetId"])
    hand.settled(name)
    arn = hand.resource(hand.resource(name, "First")["PhysicalResourceId"], "Topic")["PhysicalResourceId"]
    tags = {one["Key"]: one["Value"] for one in hand.client("sns").list_tags_for_resource(ResourceArn=arn)["Tags"]}
    assert tags["team"] == "data"


def test_a_call_made_again_with_its_token_gives_the_change_set_that_is_there(hand: Hand) -> None:
    name = hand.name("token")
    template = {"Resources": {"T": topic(name)}}
    plan = hand.plan(name, template, change_set="one", ClientToken="t1")
    again = hand.plan(name, template, change_set="one", ClientToken="t1", kind="CREATE")
    assert again["ChangeSetId"] == plan["ChangeSetId"]
    for other in ({"ClientToken": "t2"}, {}):
        with pytest.raises(ClientError, match="ChangeSet one already exists"):
            hand.plan(name, template, change_set="one", kind="CREATE", **other)


def test_previous_values_and_the_previous_template_can_be_used(hand: Hand) -> None:
    name, template = two(hand, "previous")
    hand.deploy(name, template, {"One": "7"})
    parameters = [
        {"ParameterKey": "One", "UsePreviousValue": True},
        {"ParameterKey": "Other", "ParameterValue": "8"},
    ]
    made = hand.cloud.create_change_set(
        StackName=name, ChangeSetName="next", UsePreviousTemplate=True, Parameters=parameters, IncludeNestedStacks=True
    )
    plan = hand.cloud.describe_change_set(ChangeSetName=made["Id"])
    assert list(hand.changes(plan)) == ["Second"]
    assert {one["ParameterKey"]: one["ParameterValue"] for one in plan["Parameters"]} == {"One": "7", "Other": "8"}


@pytest.mark.parametrize(
    ("template", "values", "words"),
    [
        ({"Resources": {"T": topic("t")}}, {"X": "1"}, r"Parameters: \[X\] do not exist in the template"),
        (
            {"Parameters": {"P": {"Type": "String"}}, "Resources": {"T": topic("t")}},
            {},
            r"Parameters: \[P\] must have values",
        ),
        (
            {"Resources": {"T": topic({"Ref": "Lost"})}},
            {},
            r"Unresolved resource dependencies \[Lost\] in the Resources block",
        ),
        (
            {
                "Resources": {
                    "A": topic({"Fn::GetAtt": ["B", "TopicName"]}),
                    "B": topic({"Fn::GetAtt": ["A", "TopicName"]}),
                }
            },
            {},
            r"Circular dependency between resources: \[A, B\]",
        ),
    ],
)
def test_what_aws_refuses_is_refused_and_leaves_no_stack(
    hand: Hand, template: dict[str, Any], values: dict[str, str], words: str
) -> None:
    name = hand.name("refused")
    with pytest.raises(ClientError, match=words):
        hand.plan(name, template, values)
    with pytest.raises(ClientError, match="does not exist"):
        hand.stack(name)


def test_long_change_sets_are_told_in_pages(hand: Hand) -> None:
    many = {"Resources": {f"Value{number}": parameter() for number in range(120)}}
    plan = hand.plan(hand.name("pages"), many)
    assert len(plan["Changes"]) == 100
    rest = hand.cloud.describe_change_set(ChangeSetName=plan["ChangeSetId"], NextToken=plan["NextToken"])
    assert len(rest["Changes"]) == 20


def parameter() -> dict[str, Any]:
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "v"}}
