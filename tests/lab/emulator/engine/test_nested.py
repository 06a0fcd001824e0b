from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.lab.emulator.engine.hand import Hand, stack, topic


def leaf(name: str) -> dict[str, Any]:
    return {
        "Parameters": {"Label": {"Type": "String"}, "Secret": {"Type": "String", "Default": "none"}},
        "Resources": {
            "Topic": topic(name, DisplayName={"Ref": "Label"}),
            "Value": {
                "Type": "AWS::SSM::Parameter",
                "Properties": {"Type": "String", "Value": {"Ref": "Secret"}},
                "DependsOn": "Topic",
            },
        },
        "Outputs": {"Arn": {"Value": {"Ref": "Topic"}}, "Label": {"Value": {"Ref": "Label"}}},
    }


def root(url: str) -> dict[str, Any]:
    return {
        "Parameters": {"Label": {"Type": "String", "Default": "one"}},
        "Resources": {"Leaf": stack(url, Label={"Ref": "Label"})},
        "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Leaf", "Outputs.Arn"]}}},
    }


def test_a_nested_stack_is_a_stack_of_its_own_that_knows_its_family(hand: Hand) -> None:
    name = hand.name("family")
    middle = root(hand.upload("leaf", leaf(hand.name("topic"))))
    top = hand.deploy(name, root(hand.upload("middle", middle)))
    assert top["StackStatus"] == "CREATE_COMPLETE"
    child = hand.stack(hand.resource(name, "Leaf")["PhysicalResourceId"])
    grandchild = hand.stack(hand.resource(child["StackName"], "Leaf")["PhysicalResourceId"])
    assert child["ParentId"] == child["RootId"] == grandchild["RootId"] == top["StackId"]
    assert grandchild["ParentId"] == child["StackId"]
    assert "ParentId" not in top
    assert child["StackName"].startswith(f"{name}-Leaf-")
    assert top["Outputs"][0]["OutputValue"] == hand.resource(grandchild["StackName"], "Topic")["PhysicalResourceId"]


def test_an_update_keeps_what_it_does_not_touch_and_goes_down_to_the_leaf(hand: Hand) -> None:
    name = hand.name("update")
    url = hand.upload("leaf", leaf(hand.name("topic")))
    before = hand.deploy(name, root(url))["Outputs"]
    after = hand.deploy(name, root(url), {"Label": "two"})
    assert (after["StackStatus"], after["Outputs"]) == ("UPDATE_COMPLETE", before)
    attributes = hand.client("sns").get_topic_attributes(TopicArn=before[0]["OutputValue"])["Attributes"]
    assert attributes["DisplayName"] == "two"


def test_what_fails_in_a_nested_stack_is_rolled_back_with_aws_words(hand: Hand) -> None:
    name = hand.name("fails")
    url = hand.upload("leaf", leaf(hand.name("topic")))
    hand.order("faults", [{"resource": "AWS::SSM::Parameter", "logical_id": "Value", "reason": "no such luck"}])
    top = hand.deploy(name, root(url))
    assert top["StackStatus"] == "ROLLBACK_COMPLETE"
    child = next(identity for identity in every_stack(hand) if f"/{name}-Leaf-" in identity)
    assert ("Leaf", "CREATE_IN_PROGRESS", "Resource creation Initiated", child) in physical(hand, name)
    words = "was not successfully created: The following resource(s) failed to create: [Value]. "
    assert ("Leaf", "CREATE_FAILED", f"Embedded stack {child} {words}") in hand.events(name)
    assert ("Value", "CREATE_FAILED", "no such luck") in hand.events(child)
    assert hand.stack(child)["StackStatus"] == "DELETE_COMPLETE"
    assert not made(hand)


def made(hand: Hand) -> list[str]:
    """Name the topics that this test has made."""
    topics = [one["TopicArn"] for one in hand.client("sns").list_topics()["Topics"]]
    return [arn for arn in topics if arn.endswith(f"-{hand.number}")]


def physical(hand: Hand, name: str) -> list[tuple[str, ...]]:
    told = hand.cloud.describe_stack_events(StackName=name)["StackEvents"]
    keys = ("LogicalResourceId", "ResourceStatus", "ResourceStatusReason", "PhysicalResourceId")
    return [tuple(event.get(key, "") for key in keys) for event in told]


def every_stack(hand: Hand) -> list[str]:
    pages = hand.cloud.get_paginator("list_stacks").paginate()
    return [one["StackId"] for page in pages for one in page["StackSummaries"]]


@pytest.mark.parametrize("style", ["https://templates.s3.eu-west-1.amazonaws.com/", "{endpoint}/templates/"])
def test_a_template_is_found_by_each_style_of_address(hand: Hand, style: str) -> None:
    key = hand.upload("leaf", leaf(hand.name("topic"))).partition("/templates/")[2]
    url = style.format(endpoint=hand.emulator.endpoint) + key
    assert hand.deploy(hand.name("styles"), root(url))["StackStatus"] == "CREATE_COMPLETE"


def test_dynamic_references_and_exports_work_in_a_nested_stack(hand: Hand) -> None:
    hand.client("ssm").put_parameter(Name=hand.name("said"), Value="spoken", Type="String")
    template = leaf(hand.name("topic"))
    template["Resources"]["Value"]["Properties"]["Value"] = f"{{{{resolve:ssm:{hand.name('said')}}}}}"
    template["Outputs"]["Arn"]["Export"] = {"Name": hand.name("export")}
    name = hand.name("dynamic")
    hand.deploy(name, root(hand.upload("leaf", template)))
    child = hand.resource(name, "Leaf")["PhysicalResourceId"]
    value = hand.client("ssm").get_parameter(Name=hand.resource(child, "Value")["PhysicalResourceId"])
    assert value["Parameter"]["Value"] == "spoken"
    exports = {one["Name"]: one["ExportingStackId"] for one in hand.cloud.list_exports()["Exports"]}
    assert exports[hand.name("export")] == child


def test_a_failed_update_of_a_nested_stack_brings_everything_back(hand: Hand) -> None:
    name = hand.name("back")
    url = hand.upload("leaf", leaf(hand.name("topic")))
    other = hand.upload("other", leaf(hand.name("other")))
    template = root(url)
    template["Resources"]["Second"] = {**stack(other, Label={"Ref": "Label"}), "DependsOn": "Leaf"}
    hand.deploy(name, template)
    hand.order("faults", [{"resource": "AWS::SNS::Topic", "operation": "UPDATE", "reason": "not now", "times": 2}])
    second = hand.resource(name, "Second")["PhysicalResourceId"]
    after = hand.deploy(name, template, {"Label": "two"})
    assert after["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert hand.deploy(name, template, {"Label": "three"})["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    for child in (second, hand.resource(name, "Leaf")["PhysicalResourceId"]):
        assert {one["ParameterKey"]: one["ParameterValue"] for one in hand.stack(child)["Parameters"]}["Label"] == "one"
    assert hand.deploy(name, template, {"Label": "four"})["StackStatus"] == "UPDATE_COMPLETE"


def test_a_deleted_stack_leaves_nothing_of_what_was_nested_in_it(hand: Hand) -> None:
    name = hand.name("gone")
    hand.deploy(name, root(hand.upload("leaf", leaf(hand.name("topic")))))
    child = hand.resource(name, "Leaf")["PhysicalResourceId"]
    hand.delete(name)
    assert hand.stack(child)["StackStatus"] == "DELETE_COMPLETE"
    assert not made(hand)


def test_a_nested_parameter_that_the_template_does_not_declare_is_refused(hand: Hand) -> None:
    template = root(hand.upload("leaf", leaf(hand.name("topic"))))
    template["Resources"]["Leaf"]["Properties"]["Parameters"]["Strange"] = "x"
    with pytest.raises(ClientError, match=r"Parameters: \[Strange\] do not exist in the template"):
        hand.plan(hand.name("strange"), template)
