"""The roots: every parameter reaches its tier, every output comes from somewhere and goes somewhere."""

import re
from typing import Any

import pytest

from dr_templates.tiers.root import ROOTS, TIERS, root
from dr_templates.topology import CONTROL

Templates = dict[str, dict[str, Any]]

FOR_PEOPLE_AND_THE_BRAIN = {
    "ConnectionUri",
    "DashboardName",
    "ReaderName",
    "RotationFunctionArn",
    "StateTableName",
    "WatchTableName",
    "WriterName",
    "ZoneId",
}
"""Outputs that no stack takes: what people connect with and look at, and what the failover calls by its name."""


def stacks(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: body["Properties"] for name, body in template["Resources"].items()}


def tier_of(stack: dict[str, Any]) -> str:
    return str(stack["TemplateURL"]).removeprefix("./").removesuffix(".yaml")


@pytest.mark.parametrize("name", ROOTS)
def test_each_tier_gets_exactly_the_parameters_it_takes(templates: Templates, name: str) -> None:
    for stack in stacks(templates[name]).values():
        assert set(stack["Parameters"]) == set(templates[tier_of(stack)]["Parameters"])


@pytest.mark.parametrize("name", ROOTS)
def test_every_reference_of_a_root_leads_somewhere(templates: Templates, name: str) -> None:
    template = templates[name]
    members = stacks(template)
    text = str(template["Resources"]) + str(template["Outputs"])
    for stack, attribute in re.findall(r"'Fn::GetAtt': \['(\w+)', '([\w.]+)'\]", text):
        assert attribute.removeprefix("Outputs.") in templates[tier_of(members[stack])]["Outputs"]
    for parameter in re.findall(r"'Ref': '(\w+)'", text):
        assert parameter in template["Parameters"]


@pytest.mark.parametrize("name", ROOTS)
def test_an_output_of_an_optional_tier_is_optional_too(templates: Templates, name: str) -> None:
    template = templates[name]
    for output in template["Outputs"].values():
        stack = output["Value"]["Fn::GetAtt"][0]
        assert output.get("Condition") == template["Resources"][stack].get("Condition")


@pytest.mark.parametrize("name", ROOTS)
def test_lists_reach_a_nested_stack_as_one_string(templates: Templates, name: str) -> None:
    for stack in stacks(templates[name]).values():
        for parameter, value in stack["Parameters"].items():
            if templates[tier_of(stack)]["Parameters"][parameter]["Type"] == "CommaDelimitedList":
                assert "Fn::Join" in value or "Fn::GetAtt" in value


@pytest.mark.parametrize("name", ROOTS)
def test_a_tier_with_a_transform_takes_nothing_that_is_not_known_when_a_plan_is_made(
    templates: Templates, name: str
) -> None:
    for stack in stacks(templates[name]).values():
        if "Transform" in templates[tier_of(stack)]:
            assert "Fn::GetAtt" not in str(stack["Parameters"])


def test_a_nested_pattern_lets_a_placeholder_pass_and_a_roots_does_not(templates: Templates) -> None:
    placeholder = "{{IntrinsicFunction:orders/Network/Fn::GetAtt}}"
    nested = templates["security"]["Parameters"]["VpcId"]["AllowedPattern"]
    top = templates["primary"]["Parameters"]["VpcId"]["AllowedPattern"]
    assert re.search(nested, placeholder)
    assert not re.search(top, placeholder)
    for pattern in (nested, top):
        assert re.search(pattern, "vpc-0a1b2c3d")
        assert not re.search(pattern, "subnet-0a1b2c3d")


def test_every_output_is_taken_by_a_root_or_is_meant_for_people(templates: Templates) -> None:
    taken = {
        name.removeprefix(prefix)
        for template in templates.values()
        for name in template["Parameters"]
        for prefix in ("", "Peer", "Home", "Standby")
    }
    offered = {name for tier in TIERS for name in templates[tier].get("Outputs", {})}
    assert offered - taken == FOR_PEOPLE_AND_THE_BRAIN


@pytest.mark.parametrize("name", [*TIERS, *ROOTS])
def test_the_console_form_shows_every_parameter_with_words_and_bounds(templates: Templates, name: str) -> None:
    template = templates[name]
    form = template["Metadata"]["AWS::CloudFormation::Interface"]
    shown = [parameter for group in form["ParameterGroups"] for parameter in group["Parameters"]]
    assert shown == list(template["Parameters"])
    assert set(form["ParameterLabels"]) == set(shown)
    for parameter in template["Parameters"].values():
        assert parameter["Description"]
        assert {"AllowedPattern", "AllowedValues", "MinValue"} & set(parameter)


def test_every_default_is_one_its_own_bounds_allow(templates: Templates) -> None:
    checked = 0
    for template in templates.values():
        for parameter in template["Parameters"].values():
            if "Default" not in parameter:
                continue
            default = parameter["Default"]
            if "AllowedPattern" in parameter:
                assert re.search(parameter["AllowedPattern"], str(default))
            if "AllowedValues" in parameter:
                assert default in parameter["AllowedValues"]
            if "MinValue" in parameter:
                assert parameter["MinValue"] <= default <= parameter.get("MaxValue", default)
            checked += 1
    assert checked > 100


@pytest.mark.parametrize("name", ["primary", "standby"])
def test_a_rule_is_asked_before_the_database_is_made(templates: Templates, name: str) -> None:
    """In the nested template alone it would be asked after, and its failure would take the database along."""
    rules = templates[name]["Rules"]
    assert rules == templates["rotation"]["Rules"]
    asked = set(re.findall(r"'Ref': '(\w+)'", str(rules)))
    assert asked == {"RotationDays", "SecretsManagerEndpoint"} <= set(templates[name]["Parameters"])


@pytest.mark.parametrize(("name", "at_home"), [("primary", "yes"), ("standby", "no")])
def test_each_site_knows_whether_it_is_home(templates: Templates, name: str, at_home: str) -> None:
    assert stacks(templates[name])["Watchdog"]["Parameters"]["AtHome"] == at_home
    assert "AtHome" not in templates[name]["Parameters"]


def test_control_is_a_place_of_that_name_and_no_site(templates: Templates) -> None:
    named = {name: stack["Parameters"].get("SiteName") for name, stack in stacks(templates["control"]).items()}
    assert named == {"ControlKeys": CONTROL, "Dns": None, "Failover": CONTROL, "ControlMonitoring": CONTROL}
    assert "SiteName" not in templates["control"]["Parameters"]


def test_a_root_alone_is_the_root_among_all(templates: Templates) -> None:
    assert {name: root(name).to_dict() for name in ROOTS} == {name: templates[name] for name in ROOTS}
