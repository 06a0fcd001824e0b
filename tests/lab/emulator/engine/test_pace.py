import json
import time
from pathlib import Path
from typing import Any

import pytest
from tests.lab.emulator.engine.hand import Hand

from dr_templates.lab.emulator.orders.critical import critical_path
from dr_templates.lab.emulator.orders.pace import Pace

TABLE = {"AWS::SNS::Topic": 4.0, "*": 10.0, "AWS::RDS::DBInstance/replica": 60.0, "AWS::RDS::DBInstance/primary": 30.0}


def value(*needs: str, **more: object) -> dict[str, Any]:
    return {
        "Type": "AWS::SSM::Parameter",
        "Properties": {"Type": "String", "Value": "v"},
        "DependsOn": list(needs),
        **more,
    }


def leaf() -> dict[str, Any]:
    return {
        "Parameters": {"Topic": {"Type": "String"}, "Wanted": {"Type": "String", "Default": "no"}},
        "Conditions": {"Wanted": {"Fn::Equals": [{"Ref": "Wanted"}, "yes"]}},
        "Resources": {"A": value(), "B": value("A"), "C": value("B", Condition="Wanted")},
    }


def root(url: str) -> dict[str, Any]:
    return {
        "Parameters": {"Wanted": {"Type": "String", "Default": "no"}},
        "Resources": {
            "Topic": {"Type": "AWS::SNS::Topic"},
            "Leaf": {
                "Type": "AWS::CloudFormation::Stack",
                "Properties": {
                    "TemplateURL": url,
                    "Parameters": {"Topic": {"Ref": "Topic"}, "Wanted": {"Ref": "Wanted"}},
                },
            },
            "Last": value("Leaf"),
            "Beside": value(),
            "Beyond": value("Beside"),
        },
    }


def written(folder: Path) -> Path:
    (folder / "leaf.yaml").write_text(json.dumps(leaf()))
    (folder / "root.yaml").write_text(json.dumps(root("./leaf.yaml")))
    return folder


@pytest.mark.parametrize(("wanted", "seconds"), [("no", 34.0), ("yes", 44.0)])
def test_the_critical_path_is_the_longest_chain_through_nested_stacks(
    tmp_path: Path, wanted: str, seconds: float
) -> None:
    assert critical_path(written(tmp_path), "root.yaml", Pace(1.0, TABLE), {"Wanted": wanted}) == seconds
    assert critical_path(tmp_path, "root.yaml", Pace(0.5, TABLE), {"Wanted": wanted}) == seconds / 2


def test_short_forms_of_functions_are_references_too(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(
        """
        Resources:
          A: {Type: AWS::SNS::Topic}
          B: {Type: X, Properties: {P: !Ref A}}
          C: {Type: X, Properties: {P: !GetAtt B.Arn}}
          D: {Type: X, Properties: {P: !Sub "${C} ${!Literal} ${AWS::Region}"}}
          E: {Type: X, Properties: {P: !If [Some, !Sub ["${V}", {V: !Ref D}], !Ref AWS::NoValue]}}
        """
    )
    assert critical_path(tmp_path, "t.yaml", Pace(1.0, TABLE)) == 44.0


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"Fn::Equals": [{"Ref": "P"}, "a"]}, True),
        ({"Fn::Not": [{"Fn::Equals": [{"Ref": "P"}, "a"]}]}, False),
        ({"Fn::And": [{"Condition": "Yes"}, {"Condition": "No"}]}, False),
        ({"Fn::Or": [{"Condition": "Yes"}, {"Condition": "No"}]}, True),
        ({"Fn::Or": [{"Condition": "No"}, {"Condition": "No"}]}, False),
        ({"Fn::And": [{"Condition": "No"}, {"Condition": "Unknown"}]}, False),
        ({"Fn::And": [{"Condition": "Yes"}, {"Condition": "Unknown"}]}, True),
        ({"Condition": "Unknown"}, True),
    ],
)
def test_what_a_condition_leaves_out_takes_no_time(tmp_path: Path, condition: dict[str, Any], holds: bool) -> None:
    template = {
        "Parameters": {"P": {"Type": "String", "Default": "a"}, "Q": {"Type": "String"}},
        "Conditions": {
            "Yes": {"Fn::Equals": ["x", "x"]},
            "No": {"Fn::Equals": ["x", "y"]},
            "Unknown": {"Fn::Equals": [{"Ref": "Q"}, "y"]},
            "This": condition,
        },
        "Resources": {"A": value(Condition="This")},
    }
    (tmp_path / "t.yaml").write_text(json.dumps(template))
    assert critical_path(tmp_path, "t.yaml", Pace(1.0, TABLE)) == (10.0 if holds else 0.0)


def test_a_database_is_primary_or_replica() -> None:
    pace = Pace(0.1, TABLE)
    kind = "AWS::RDS::DBInstance"
    assert (pace.seconds(kind, {}), pace.seconds(kind, {"SourceDBInstanceIdentifier": "a"})) == (3.0, 6.0)
    assert pace.seconds("AWS::CloudFormation::Stack", {}) == 0.0


def test_a_deployment_at_a_pace_takes_as_long_as_its_critical_path(hand: Hand, tmp_path: Path) -> None:
    url, name = hand.upload("leaf", leaf()), hand.name("paced")
    hand.order("pace", {"scale": 0.05, "types": TABLE})
    plan = hand.plan(name, root(url))
    began = time.monotonic()
    hand.cloud.execute_change_set(ChangeSetName=plan["ChangeSetId"])
    assert hand.settled(name)["StackStatus"] == "CREATE_COMPLETE"
    took = time.monotonic() - began
    expected = critical_path(written(tmp_path), "root.yaml", Pace(0.05, TABLE))
    assert expected == pytest.approx(1.7)
    assert expected <= took < expected + 1.0


def test_the_pace_is_off_by_default_and_again_when_it_is_deleted(hand: Hand) -> None:
    assert hand.order("pace", method="GET") == {"scale": 0.0, "types": {}, "actions": {}}
    hand.order("pace", {"scale": 1, "types": {"*": 100}})
    hand.order("pace", method="DELETE")
    began = time.monotonic()
    hand.deploy(hand.name("unpaced"), {"Resources": {"A": value()}})
    assert time.monotonic() - began < 20
