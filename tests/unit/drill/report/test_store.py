"""Reports on the disk are whole, never overwritten, and can be told apart in a table."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from dr_templates.drill.report import store
from dr_templates.drill.report.outcome import Report
from dr_templates.drill.report.verify import verify
from dr_templates.errors import DrError


def test_both_files_are_written_and_hold(tmp_path: Path, report: Report) -> None:
    paths = store.write(tmp_path / "reports", report)
    assert [path.name.rpartition(".")[2] for path in paths] == ["json", "html"]
    assert {*(tmp_path / "reports").iterdir()} == {*paths}
    assert [verify(path.read_bytes()).digest for path in paths] == [report.digest] * 2
    told = json.loads(paths[0].read_bytes())
    assert (told["verdict"], told["lost"], told["phases"]["promote"]) == ("passed", 3, 12.0)
    assert paths[0].name.startswith("primary-killed-20261126T")


def test_a_report_that_is_there_is_never_overwritten(tmp_path: Path, report: Report) -> None:
    paths = store.write(tmp_path, report)
    paths[1].write_bytes(b"somebody's notes")
    with pytest.raises(DrError, match="never overwritten"):
        store.write(tmp_path, report)
    paths[0].unlink()
    with pytest.raises(DrError, match="never overwritten"):
        store.write(tmp_path, report)
    assert [*tmp_path.iterdir()] == [paths[1]]
    assert paths[1].read_bytes() == b"somebody's notes"


def test_two_drills_of_one_second_have_two_names(tmp_path: Path, report: Report, record: Callable[..., Report]) -> None:
    store.write(tmp_path, report)
    store.write(tmp_path, record([]))
    assert len([*tmp_path.iterdir()]) == 4


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, report: Report) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(DrError, match="cannot be written"):
        store.write(tmp_path / "taken", report)


def test_the_table_has_a_row_for_each_drill(report: Report, record: Callable[..., Report]) -> None:
    one, other = store.rows([report, record([])])
    assert (one.scenario, one.verdict, one.outage, one.projected) == (
        "primary-killed",
        "passed",
        "32.8 s",
        "5 min 17 s",
    )
    assert (one.acknowledged, one.lost, one.double, one.digest) == ("7 234", "3", "0", report.digest[:12])
    assert (other.verdict, other.outage, other.lost) == ("failed", "-", "-")
