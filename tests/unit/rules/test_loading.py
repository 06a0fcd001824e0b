"""The rules as their users get them: as a module, as a folder, and as a page to read."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cfnlint.rules import Rules

import dr_templates.rules
from dr_templates.rules import RULES
from dr_templates.rules._catalog import page

FOLDER = Path(dr_templates.rules.__file__).parent
PAGE = Path(__file__).parents[3] / "docs" / "rules.md"
BAD = """
Parameters: {EnvironmentSuffix: {Type: String}, Stage: {Type: String}}
Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: !Sub "${EnvironmentSuffix}-topic"}}
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub "${Stage}-queue"}}
  Zone: {Type: AWS::Route53::HostedZone, Properties: {Name: example.com}}
"""
IDS = [rule.id for rule in RULES]


def test_ids_are_unique_and_in_the_range_for_custom_rules() -> None:
    assert len({number[1:] for number in IDS}) == len(IDS)
    assert [number for number in IDS if not re.fullmatch(r"[EW]91\d\d", number)] == []


def test_every_file_holds_one_rule_and_every_rule_is_in_the_module() -> None:
    files = [file for file in FOLDER.glob("*.py") if not file.name.startswith("_")]
    assert sorted(Rules.create_from_directory(str(FOLDER))) == sorted(IDS)
    assert sorted(Rules.create_from_module("dr_templates.rules")) == sorted(IDS)
    assert len(files) == len(IDS)


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_a_rule_says_what_it_is(rule: type) -> None:
    assert rule.shortdesc
    assert not rule.shortdesc.endswith(".")
    assert rule.description.endswith(".")
    assert rule.source_url.startswith("https://")
    assert rule.tags


def test_the_page_of_rules_is_current() -> None:
    assert PAGE.read_text() == page(rule() for rule in RULES), "make it anew: the command is in the page"


@pytest.mark.parametrize("source", ["dr_templates.rules", str(FOLDER)], ids=["module", "folder"])
def test_the_cfn_lint_command_takes_the_rules(source: str, tmp_path: Path) -> None:
    template = tmp_path / "bad.yaml"
    template.write_text(BAD)
    command = [
        *(str(Path(sys.executable).with_name("cfn-lint")), "--format", "json", "--append-rules", source),
        *("--configure-rule", "E9106:suffix=Stage", "--template", str(template)),
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    ours = [match for match in json.loads(done.stdout) if match["Rule"]["Id"] in IDS]
    assert [(match["Rule"]["Id"], match["Location"]["Path"]) for match in ours] == [
        ("E9106", ["Resources", "Topic", "Properties", "TopicName"]),
        ("E9108", ["Resources", "Zone"]),
        ("E9108", ["Resources", "Zone"]),
    ]
    assert done.returncode & 2  # cfn-lint's bit for errors
