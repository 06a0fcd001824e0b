"""``drctl lint``: what is counted, what is found, and what nobody can switch off."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dr_templates.lint import lint

Drctl = Callable[..., Any]


GOOD = """\
Parameters:
  EnvironmentSuffix:
    Type: String
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      TopicName: !Sub orders-${EnvironmentSuffix}
      KmsMasterKeyId: alias/orders
Outputs:
  Topic:
    Value: !Ref Topic
"""
UNUSED = GOOD.replace("Resources:", "  Unused:\n    Type: String\nResources:")


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.yaml"
    path.write_text(GOOD)
    return path


@pytest.fixture
def unused(tmp_path: Path) -> Path:
    path = tmp_path / "unused.yaml"
    path.write_text(UNUSED)
    return path


def test_a_sound_template_is_counted_and_passes(good: Path, drctl: Drctl) -> None:
    ran = drctl("lint", good)
    assert ran.code == 0, ran
    header, row = (line.split() for line in ran.out.splitlines())
    assert header == ["template", "resources", "parameters", "outputs", "bytes", "findings"]
    assert row == ["good.yaml", "1", "1", "1", str(len(GOOD)), "0"]
    assert ran.err == "nothing found\n"


def test_reports_come_in_the_order_asked_for(good: Path, unused: Path) -> None:
    reports = lint((unused, good), ("eu-west-1",))
    assert [(report.name, len(report.findings)) for report in reports] == [("unused.yaml", 1), ("good.yaml", 0)]


def test_a_finding_is_shown_with_its_line_and_fails(good: Path, unused: Path, drctl: Drctl) -> None:
    ran = drctl("lint", good, unused)
    assert ran.fails() == "1 finding"
    assert f"{unused}:4 W2001 Parameter Unused not used." in ran.out.splitlines()


def test_json_stands_alone_on_stdout(unused: Path, drctl: Drctl) -> None:
    ran = drctl("lint", unused, "--output", "json")
    (report,) = json.loads(ran.out)
    assert ran.code == 1
    finding = {"template": str(unused), "line": 4, "id": "W2001", "message": "Parameter Unused not used."}
    assert report == {
        "template": str(unused),
        "name": "unused.yaml",
        "resources": 1,
        "parameters": 2,
        "outputs": 1,
        "bytes": len(UNUSED),
        "findings": [finding],
    }


def test_infos_count(tmp_path: Path, drctl: Drctl) -> None:
    path = tmp_path / "table.yaml"
    path.write_text("Resources:\n  Table:\n    Type: AWS::DynamoDB::Table\n    Properties: {}\n")
    assert any(" I3011 " in line for line in drctl("lint", path).out.splitlines())


def test_the_rules_of_this_package_are_in_force(tmp_path: Path, drctl: Drctl) -> None:
    path = tmp_path / "named.yaml"
    path.write_text(
        GOOD.replace("!Sub orders-${EnvironmentSuffix}", "orders").replace("!Ref Topic", "!Ref EnvironmentSuffix")
    )
    assert any(
        "91" in finding["id"] for finding in json.loads(drctl("lint", path, "--output", "json").out)[0]["findings"]
    )


@pytest.mark.parametrize("place", ["HOME", "here"])
def test_a_personal_cfnlintrc_switches_nothing_off(
    tmp_path: Path, unused: Path, drctl: Drctl, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    (tmp_path / ".cfnlintrc").write_text("ignore_checks: [W2001]\n")
    if place == "HOME":
        monkeypatch.setenv("HOME", str(tmp_path))
    else:
        monkeypatch.chdir(tmp_path)
    assert "W2001" in drctl("lint", unused).out


def test_a_template_that_is_no_template_is_a_finding(tmp_path: Path, drctl: Drctl) -> None:
    broken, text = tmp_path / "broken.yaml", tmp_path / "text.yaml"
    broken.write_text("Resources: [\n")
    text.write_text("just words\n")
    ran = drctl("lint", broken, text, "--output", "json")
    assert ran.code == 1
    assert [[finding["id"] for finding in report["findings"]] for report in json.loads(ran.out)] == [
        ["E0000"],
        ["E0000"],
    ]


def test_the_regions_of_a_configuration_are_checked(tmp_path: Path, example: Path, drctl: Drctl) -> None:
    """A type that us-east-1 has and mx-central-1 has not is found only when a site is there."""
    path, config = tmp_path / "app.yaml", tmp_path / "drctl.yaml"
    path.write_text("Resources:\n  App:\n    Type: AWS::Amplify::App\n    Properties: {}\n")
    config.write_text(example.read_text().replace("eu-central-1", "mx-central-1"))

    def elsewhere(*options: str | Path) -> list[str]:
        (report,) = json.loads(drctl("lint", path, "--output", "json", *options).out)
        return [finding["message"] for finding in report["findings"] if finding["id"] == "E3006"]

    assert elsewhere() == []
    assert [message for message in elsewhere("--config", config) if "mx-central-1" in message]


def test_without_arguments_it_takes_the_templates_folder(
    tmp_path: Path, drctl: Drctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert drctl("lint").fails() == "there are no templates to lint"
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/good.yaml").write_text(GOOD)
    ran = drctl("lint")
    assert (ran.code, ran.out.splitlines()[1].split()[0]) == (0, "good.yaml")


def test_a_template_that_is_not_there_is_told_in_three_lines(tmp_path: Path, drctl: Drctl) -> None:
    assert "No such file" in drctl("lint", tmp_path / "none.yaml").fails()


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("Resources: 3\n", "E3001"),
        ('Resources: "abc"\n', "E3001"),
        ("Resources: [1, 2]\n", "E3001"),
        ("Resources:\n  Topic:\n    Type: AWS::SNS::Topic\nOutputs: true\n", "E6003"),
    ],
)
def test_a_section_that_is_no_mapping_counts_nothing_and_is_a_finding(
    tmp_path: Path, drctl: Drctl, content: str, rule: str
) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(content)
    ran = drctl("lint", path, "--output", "json")
    (report,) = json.loads(ran.out)
    assert ran.code == 1
    assert report["resources"] + report["outputs"] == content.count("Topic:")
    assert rule in {finding["id"] for finding in report["findings"]}


def test_a_template_that_is_not_utf_8_is_said_so_once_in_plain_words(tmp_path: Path, program: Drctl) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"Description: caf\xe9\n")
    ran = program("lint", path)
    assert ran.out.splitlines()[2:] == [f"{path}:1 E0000 not text in UTF-8"]
    assert ran.fails() == "1 finding"


def test_a_finding_of_many_lines_is_told_on_one(tmp_path: Path, drctl: Drctl) -> None:
    path = tmp_path / "loop.yaml"
    path.write_text("Resources:\n  Topic: &a\n    Type: AWS::SNS::Topic\n    Properties: *a\n")
    _, _, *findings = drctl("lint", path).out.splitlines()
    assert len(findings) == 1
    assert findings[0].startswith(f"{path}:1 E0000 ")


def test_templates_of_one_name_are_told_apart_by_their_paths(tmp_path: Path, good: Path, drctl: Drctl) -> None:
    twins = [tmp_path / folder / "dns.yaml" for folder in ("one", "two")]
    for twin in twins:
        twin.parent.mkdir()
        twin.write_text(UNUSED)
    ran = drctl("lint", *twins, good)
    rows = [line.split()[0] for line in ran.out.splitlines()[1:4]]
    assert rows == [*map(str, twins), "good.yaml"]
    assert f"where: {twins[0]}, {twins[1]}\n" in ran.err


def test_the_hint_is_of_use_to_templates_that_no_tier_wrote(unused: Path, drctl: Drctl) -> None:
    told = drctl("lint", unused).err
    assert "Correct the template" in told
    assert "docs/rules.md" in told
