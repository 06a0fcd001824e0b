"""What each rule finds, and what it lets pass: ``cases/`` holds the templates, one file a rule.

A case begins with ``# bad:`` or ``# good:`` and what it shows; ``# at:`` names the path of each expected fault.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cfnlint.core import run_checks
from cfnlint.decode import decode_str
from cfnlint.rules import CloudFormationLintRule, RulesCollection

from dr_templates.rules import RULES

CASES = Path(__file__).parent / "cases"
ALL = {rule.id: rule for rule in RULES}


@dataclass(frozen=True)
class Case:
    rule: str
    kind: str
    shows: str
    text: str
    paths: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.rule}-{self.kind}-{self.shows}"


def written_cases() -> Iterator[Case]:
    for file in sorted(CASES.glob("[EW]*.yaml")):
        for text in file.read_text().split("\n---\n"):
            kind, shows = re.match(r"# (bad|good): (.*)", text).groups()
            yield Case(file.stem, kind, shows, text, tuple(re.findall(r"^# at: (.*)$", text, re.MULTILINE)))


def made_cases() -> Iterator[Case]:
    """Templates too long to write down: just at nine tenths of each limit, and just below."""
    topic = {"Type": "AWS::SNS::Topic"}
    for section, most, entry in (
        ("Resources", 450, topic),
        ("Parameters", 180, {"Type": "String"}),
        ("Outputs", 180, {"Value": "x"}),
        ("Mappings", 180, {"a": {"b": "c"}}),
    ):
        for kind, count in (("bad", most), ("good", most - 1)):
            body = {"Resources": {"Topic": topic}} | {section: {f"X{n}": entry for n in range(count)}}
            yield Case("W9114", kind, f"{count} {section}", json.dumps(body), (section,) if kind == "bad" else ())


TABLE = (*written_cases(), *made_cases())
TYPES = sorted({kind for case in TABLE for kind in re.findall(r"AWS::\w+::\w+", case.text)})


def found(text: str, *rules: type[CloudFormationLintRule], filename: Path = CASES / "case.yaml") -> list[tuple]:
    """Lint with these rules alone, and give id and path of all faults, a crash inside a rule among them."""
    collection = RulesCollection()
    collection.extend(rule() for rule in rules)
    template, faults = decode_str(text)
    assert not faults
    matches = run_checks(str(filename), template, collection, ["us-east-1"])
    return sorted((m.rule.id, m.path_string if hasattr(m, "path_string") else m.message) for m in matches)


@pytest.mark.parametrize("case", TABLE, ids=str)
def test_case(case: Case) -> None:
    assert found(case.text, ALL[case.rule]) == sorted((case.rule, path) for path in case.paths)


def test_every_rule_has_a_bad_and_a_good_case() -> None:
    shown = {(case.rule, case.kind) for case in TABLE if case.kind == "good" or case.paths}
    assert shown == {(rule, kind) for rule in ALL for kind in ("bad", "good")}
    assert all(bool(case.paths) == (case.kind == "bad") for case in TABLE)


@pytest.mark.parametrize("text", (CASES / "sound.yaml").read_text().split("\n---\n"), ids=["home", "standby"])
def test_all_rules_can_be_kept_at_once(text: str) -> None:
    assert found(text, *RULES) == []


def test_a_file_near_a_megabyte_is_too_long(tmp_path: Path) -> None:
    file = tmp_path / "long.yaml"
    text = "Resources: {Topic: {Type: AWS::SNS::Topic}}\n"
    limit = 1024 * 1024 * 9 // 10
    file.write_text(text + "#" * (limit - len(text)))
    assert found(text, ALL["W9114"], filename=file) == []
    file.write_text(text + "#" * (limit + 1 - len(text)))
    assert found(text, ALL["W9114"], filename=file) == [("W9114", "")]


def test_a_suffix_of_another_name_can_be_configured() -> None:
    text = """
        Parameters: {Stage: {Type: String}, EnvironmentSuffix: {Type: String}}
        Resources:
          Ours: {Type: AWS::SNS::Topic, Properties: {TopicName: !Sub "alarms-${Stage}"}}
          Theirs: {Type: AWS::SNS::Topic, Properties: {TopicName: !Sub "alarms-${EnvironmentSuffix}"}}
    """
    collection = RulesCollection(configure_rules={"E9106": {"suffix": "Stage"}})
    collection.register(ALL["E9106"]())
    matches = run_checks(None, decode_str(text)[0], collection, ["us-east-1"])
    assert [match.path for match in matches] == [["Resources", "Theirs", "Properties", "TopicName"]]


def test_what_the_language_extensions_unroll_is_reported_once_where_it_is_written() -> None:
    text = """
        Transform: AWS::LanguageExtensions
        Resources:
          Fn::ForEach::Topics:
            - Kind
            - [Alarm, Event]
            - "${Kind}Topic": {Type: AWS::SNS::Topic, Properties: {TopicName: !Sub "topic-${Kind}"}}
    """
    assert found(text, *RULES) == [("E9106", "Resources/AlarmTopic/Properties/TopicName")]


def test_json_is_read_as_yaml_is() -> None:
    text = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "alarms"}}}})
    assert found(text, *RULES) == [("E9106", "Resources/Topic/Properties/TopicName")]


ODD = (None, [], {}, "odd", 5, True, [None], {"Ref": "Gone"}, {"Ref": ["Gone"]}, {"Fn::If": ["Gone"]}, {"Fn::Sub": []})


def misshapen(odd: object) -> Iterator[tuple[Case, dict]]:
    """Give every case with each property, or the first thing in it, replaced by something that should not be there."""
    for case in TABLE:
        if case.rule != "W9114":
            template, _ = decode_str(case.text)
            for resource in template["Resources"].values():
                for name, value in resource.get("Properties", {}).items():
                    if isinstance(value, dict) and value:
                        value[next(iter(value))] = odd
                    else:
                        resource["Properties"][name] = odd
            yield case, template


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_no_rule_stumbles_over_a_misshapen_template(odd: object) -> None:
    collection = RulesCollection()
    collection.extend(rule() for rule in RULES)
    stumbled = [
        (str(case), match.message)
        for case, template in misshapen(odd)
        for match in run_checks(str(CASES / "case.yaml"), template, collection, ["us-east-1"])
        if match.rule.id not in ALL
    ]
    assert stumbled == []


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_no_rule_stumbles_over_resources_without_properties(odd: object) -> None:
    template = {"Resources": {f"X{n}": {"Type": kind, "Properties": odd} for n, kind in enumerate(TYPES)}}
    assert {rule for rule, _ in found(json.dumps(template), *RULES)} <= set(ALL)


@pytest.mark.parametrize(
    "odd",
    [
        {"Resources": []},
        {"Resources": {"X": []}},
        {"Resources": {"X": {"Type": ["AWS::SNS::Topic"]}}},
        {"Parameters": [], "Conditions": [], "Outputs": 1, "Resources": {"X": {"Type": "AWS::S3::Bucket"}}},
        {"Resources": {"X": {"Type": "AWS::S3::Bucket", "Condition": {"a": "b"}, "DeletionPolicy": None}}},
    ],
    ids=str,
)
def test_no_rule_stumbles_over_a_misshapen_section(odd: object) -> None:
    assert {rule for rule, _ in found(json.dumps(odd), *RULES)} <= set(ALL)
