"""``drctl drill`` as far as no lab is needed: what there is, what is wrong usage, and whether a report holds."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.unit.drill.report.conftest import recorded

from dr_templates.cli.rehearsing import lanes_here
from dr_templates.drill.report import store
from dr_templates.drill.report.outcome import Report
from dr_templates.drill.scenarios import SCENARIOS

Drctl = Callable[..., Any]


@pytest.fixture
def report() -> Report:
    return recorded()


@pytest.fixture
def written(tmp_path: Path, report: Report) -> tuple[Path, Path]:
    """Give the JSON and the page of a drill."""
    return store.write(tmp_path / "reports", report)


def test_all_that_can_be_drilled_is_told_of_a_line_each(drctl: Drctl) -> None:
    ran = drctl("drill", "list")
    assert (ran.code, ran.err) == (0, "")
    assert [line.partition(": ")[0] for line in ran.out.splitlines()] == [*SCENARIOS]
    for line, scenario in zip(ran.out.splitlines(), SCENARIOS.values(), strict=True):
        assert scenario.breaks in line
        assert scenario.expected in line


def test_all_that_can_be_drilled_is_json_for_a_program(drctl: Drctl) -> None:
    told = json.loads(drctl("drill", "list", "--output", "json").out)
    assert [one["name"] for one in told] == [*SCENARIOS]
    assert {name for one in told for name in one} == {"name", "breaks", "expected"}


def test_help_names_all_options_and_what_there_is_besides(drctl: Drctl) -> None:
    ran = drctl("drill", "--help")
    assert ran.code == 0
    for word in ("--scenario", "--report", "--rate", "--rto", "--lanes", "--config", "--output", "list", "verify"):
        assert word in ran.out


def test_by_itself_a_drill_has_a_processor(drctl: Drctl, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "(one for each processor)" in " ".join(drctl("drill", "--help").out.split())
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 3, 4}, raising=False)
    assert lanes_here() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    assert lanes_here() == 16
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert lanes_here() == 1


@pytest.mark.parametrize("number", [0, 1])
def test_a_report_that_is_as_it_was_written_is_verified(
    drctl: Drctl, written: tuple[Path, Path], report: Report, number: int
) -> None:
    ran = drctl("drill", "verify", written[number])
    assert ran.code == 0
    entries = f"primary-killed: passed, {len(report.entries)} entries as they were written"
    assert ran.out == f"{entries}\ndigest {report.digest}\n"
    asked = drctl("drill", "verify", written[number], "--output", "json")
    assert asked.code == 0
    assert json.loads(asked.out) == {"scenario": "primary-killed", "verdict": "passed", "digest": report.digest}


@pytest.mark.parametrize("number", [0, 1])
def test_a_changed_byte_is_refused_with_what_and_where(drctl: Drctl, written: tuple[Path, Path], number: int) -> None:
    path = written[number]
    good = path.read_bytes()
    bad = good.replace(b'"lost":3', b'"lost":0')
    assert bad != good
    path.write_bytes(bad)
    ran = drctl("drill", "verify", path)
    assert ran.out == ""
    assert "is not what was written" in ran.fails(1)
    assert "  where: entries\n" in ran.err
    refused = json.loads(drctl("drill", "verify", path, "--output", "json").out)["error"]
    assert (refused["code"], refused["where"]) == (1, "entries")
    assert path.read_bytes() == bad


def test_a_page_whose_words_say_something_else_is_refused_by_line(drctl: Drctl, written: tuple[Path, Path]) -> None:
    page = written[1]
    page.write_bytes(page.read_bytes().replace(b"is killed", b"is saved ", 1))
    ran = drctl("drill", "verify", page)
    assert "the page around the JSON" in ran.fails(1)
    assert "where: line " in ran.err


def test_what_is_no_report_is_refused(drctl: Drctl, example: Path) -> None:
    assert drctl("drill", "verify", example).fails(1).startswith("this is no report of a drill")


def test_a_report_that_is_not_there_is_told(drctl: Drctl, tmp_path: Path) -> None:
    ran = drctl("drill", "verify", tmp_path / "none.json")
    assert ran.fails(1) == "No such file or directory"
    assert str(tmp_path / "none.json") in ran.err


@pytest.mark.parametrize("also", [(), ("--scenario", "switchover")])
def test_a_scenario_there_is_none_of_is_wrong_usage_and_the_others_are_named(
    drctl: Drctl, example: Path, tmp_path: Path, also: tuple[str, ...]
) -> None:
    ran = drctl("drill", *also, "--scenario", "flood", "--config", example, "--report", tmp_path / "reports")
    assert ran.fails(2) == "there is no scenario flood"
    for name in SCENARIOS:
        assert name in ran.err
    assert not (tmp_path / "reports").exists()


def test_without_a_configuration_nothing_is_begun(drctl: Drctl, tmp_path: Path) -> None:
    none = tmp_path / "none.yaml"
    ran = drctl("drill", "--scenario", "switchover", "--config", none, "--report", tmp_path / "reports")
    assert ran.fails(1) == "there is no such configuration file"
    assert str(none) in ran.err
    told = drctl("drill", "--scenario", "switchover", "--config", none, "--output", "json")
    assert json.loads(told.out)["error"]["what"] == "there is no such configuration file"
    assert [*tmp_path.iterdir()] == []


def test_a_report_directory_that_is_a_file_is_wrong_usage(drctl: Drctl, example: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("precious")
    ran = drctl("drill", "--scenario", "switchover", "--config", example, "--report", taken)
    assert ran.code == 2
    assert taken.read_text() == "precious"


@pytest.mark.parametrize(
    "wrong",
    [
        ("--rate", "0.5"),
        ("--rate", "fast"),
        ("--rate", "1000"),
        ("--rto", "0s"),
        ("--rto", "soon"),
        ("--lanes", "0"),
        ("--lanes", "17"),
        ("dance",),
    ],
)
def test_an_option_that_makes_no_sense_is_wrong_usage(drctl: Drctl, example: Path, wrong: tuple[str, ...]) -> None:
    ran = drctl("drill", "--scenario", "flood", "--config", example, *wrong)
    assert (ran.code, ran.out) == (2, "")
    assert "Usage: drctl drill" in ran.err


def test_a_clock_that_cannot_run_is_refused_before_a_lab_is_started(drctl: Drctl, example: Path) -> None:
    ran = drctl("drill", "--scenario", "switchover", "--config", example, "--rate", "nan")
    assert ran.fails(2) == "the lab's clock cannot run at a rate of nan"


SEVERAL = ("drill", "--scenario", "switchover", "--scenario", "multi-az", "--rate", "nan", "--config")
"""Two drills that each fail before a lab is started."""


def test_several_drills_are_one_table_and_what_went_wrong_with_each_stands_in_it(
    drctl: Drctl, example: Path, tmp_path: Path
) -> None:
    ran = drctl(*SEVERAL, example, "--report", tmp_path / "reports")
    assert ran.code == 1
    assert f"\n2 of 2 drills failed: switchover, multi-az\n  where: {tmp_path / 'reports'}\n" in ran.err
    head, *rows = ran.out.splitlines()
    assert head.split() == [
        *("scenario", "verdict", "no", "writes", "at", "AWS's", "clocks", "acknowledged", "lost", "in", "doubt"),
        *("two", "writable", "took", "does", "not", "hold"),
    ]
    assert [row.split()[:8] for row in rows] == [[name, "failed", *"-" * 6] for name in ("switchover", "multi-az")]
    assert all(row.endswith("the lab's clock cannot run at a rate of nan") for row in rows)
    assert "switchover: the lab's clock cannot run at a rate of nan" in ran.err


def test_several_drills_are_a_list_for_a_program(drctl: Drctl, example: Path, tmp_path: Path) -> None:
    ran = drctl(*SEVERAL, example, "--report", tmp_path / "reports", "--output", "json")
    assert ran.code == 1
    trouble = "the lab's clock cannot run at a rate of nan"
    assert json.loads(ran.out) == [
        {"scenario": name, "verdict": "failed", "trouble": trouble} for name in ("switchover", "multi-az")
    ]
