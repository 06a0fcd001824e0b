import pytest

from dr_templates.conditions import holds, kept, text


@pytest.mark.parametrize(
    ("test", "held"),
    [
        ({"Fn::Equals": [{"Ref": "A"}, "1"]}, True),
        ({"Fn::Equals": [{"Ref": "A"}, "2"]}, False),
        ({"Fn::Equals": [{"Ref": "Unknown"}, "2"]}, None),
        ({"Fn::Not": [{"Fn::Equals": [{"Ref": "A"}, "1"]}]}, False),
        ({"Fn::Not": [{"Fn::Equals": [{"Ref": "Unknown"}, "1"]}]}, None),
        ({"Condition": "IsOne"}, True),
        ({"Fn::And": [{"Condition": "IsOne"}, {"Fn::Equals": [{"Ref": "A"}, "2"]}]}, False),
        ({"Fn::And": [{"Condition": "IsOne"}, {"Fn::Equals": [{"Ref": "Unknown"}, "2"]}]}, None),
        ({"Fn::Or": [{"Condition": "IsOne"}, {"Fn::Equals": [{"Ref": "Unknown"}, "2"]}]}, True),
        ({"Fn::Or": [{"Fn::Equals": [{"Ref": "A"}, "3"]}, {"Fn::Equals": [{"Ref": "A"}, "2"]}]}, False),
        ({"Fn::Or": [{"Fn::Equals": [{"Ref": "A"}, "3"]}, {"Fn::Equals": [{"Ref": "Unknown"}, "2"]}]}, None),
        ({"Fn::Equals": [{"Fn::Join": ["", ["a"]]}, "a"]}, None),
    ],
)
def test_conditions_are_evaluated_as_far_as_values_are_known(test: object, held: object) -> None:
    conditions = {"IsOne": {"Fn::Equals": [{"Ref": "A"}, 1]}}
    assert holds(test, conditions, {"A": "1"}) is held


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (True, "true"),
        (5, "5"),
        ("x", "x"),
        ({"Ref": "A"}, "1"),
        ({"Ref": "Unknown"}, None),
        ({"Fn::Sub": "${A}-b"}, "1-b"),
        ({"Fn::Sub": "${!A}-${A}"}, "${!A}-1"),
        ({"Fn::Sub": "${Unknown}-b"}, None),
        ({"Fn::Sub": "${A}-${Unknown}"}, None),
        ({"Fn::GetAtt": ["A", "Arn"]}, None),
    ],
)
def test_a_property_is_known_as_far_as_its_values_are(value: object, said: str | None) -> None:
    assert text(value, {"A": "1"}) == said


@pytest.mark.parametrize(
    ("resource", "there"),
    [({}, True), ({"Condition": "Yes"}, True), ({"Condition": "No"}, False), ({"Condition": "Perhaps"}, True)],
)
def test_a_resource_is_there_unless_its_condition_is_known_to_fail(resource: dict[str, str], there: bool) -> None:
    conditions = {
        "Yes": {"Fn::Equals": [{"Ref": "A"}, "1"]},
        "No": {"Fn::Equals": [{"Ref": "A"}, "2"]},
        "Perhaps": {"Fn::Equals": [{"Ref": "Unknown"}, "2"]},
    }
    assert kept(resource, conditions, {"A": "1"}) is there
