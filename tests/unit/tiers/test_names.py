"""Physical names: whatever the parameters allow has to fit what AWS allows."""

from typing import Any

Templates = dict[str, dict[str, Any]]

LIMITS = {
    "AlarmName": 255,
    "AliasName": 256,
    "DashboardName": 255,
    "DBInstanceIdentifier": 63,
    "DBParameterGroupName": 255,
    "DBSubnetGroupName": 255,
    "FunctionName": 64,
    "GroupName": 255,
    "LogGroupName": 512,
    "PolicyName": 128,
    "StateMachineName": 80,
    "SubscriptionName": 255,
    "TableName": 255,
    "TopicName": 256,
}
"""Characters, by cfn-lint's schemas and the service guides."""
RULE = 64
"""Of a rule of EventBridge, whose property is called Name like many others."""


def longest(templates: Templates, text: str) -> str:
    """Give a name with every parameter in it as long as the templates allow."""
    for template in templates.values():
        for name, parameter in template["Parameters"].items():
            if "MaxLength" in parameter:
                text = text.replace(f"${{{name}}}", "x" * parameter["MaxLength"])
    return text


def test_the_longest_rules_fit(templates: Templates) -> None:
    rules = [b["Properties"]["Name"]["Fn::Sub"] for t in templates.values() for b in of_rules(t)]
    assert len(rules) >= 4
    assert all(len(longest(templates, name)) <= RULE for name in rules)


def of_rules(template: dict[str, Any]) -> list[dict[str, Any]]:
    return [body for body in template["Resources"].values() if body["Type"] == "AWS::Events::Rule"]


def names(node: object) -> list[tuple[str, str]]:
    if isinstance(node, list):
        return [found for item in node for found in names(item)]
    if not isinstance(node, dict):
        return []
    here = [(k, v["Fn::Sub"]) for k, v in node.items() if k in LIMITS and isinstance(v, dict) and "Fn::Sub" in v]
    return here + [found for value in node.values() for found in names(value)]


def test_the_longest_names_fit(templates: Templates) -> None:
    found = [found for template in templates.values() for found in names(template["Resources"])]
    assert {key for key, _ in found} == set(LIMITS)
    for key, text in found:
        name = longest(templates, text)
        assert "${" not in name, f"{text}: a part of the name has no bound"
        assert len(name) <= LIMITS[key], f"{key} {text} can have {len(name)} characters"
