"""Puts reports on the disk, and many of them into one table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from dr_templates.drill.report.canonical import text
from dr_templates.drill.report.outcome import Report
from dr_templates.drill.report.page import render
from dr_templates.drill.report.telling import count, length
from dr_templates.errors import DrError, Exit
from dr_templates.files import replace

SHORT: Final = 12
"""So much of a digest is shown where there is no room for more."""


@dataclass(frozen=True)
class Row:
    """One drill in the table of many, as words."""

    scenario: str
    verdict: str
    outage: str
    projected: str
    acknowledged: str
    lost: str
    double: str
    digest: str


def name(report: Report) -> str:
    """Name the report after scenario, start and digest: two have the same name only when they are the same."""
    began = datetime.fromtimestamp(report.began, UTC)
    return f"{report.summary.scenario}-{began:%Y%m%dT%H%M%SZ}-{report.digest[:SHORT]}"


def write(directory: Path, report: Report) -> tuple[Path, Path]:
    """Write the JSON and the page, each whole or not at all, and give their paths.

    Raises ``DrError`` when one is there already, or when the place cannot be written.
    """
    paths = (directory / f"{name(report)}.json", directory / f"{name(report)}.html")
    for path in paths:
        if path.exists():
            raise DrError(
                what="this report has been written before, and reports are never overwritten",
                where=str(path),
                hint="take another directory, or move the report that is there",
                code=Exit.FAILED,
            )
    for path, body in zip(paths, (text(report).encode("ascii"), render(report)), strict=True):
        try:
            replace(path, body)
        except OSError as error:
            raise DrError(
                what=f"the report cannot be written: {error.strerror}",
                where=str(path),
                hint="hand in a directory that can be written, with --report",
                code=Exit.FAILED,
            ) from error
    return paths


def rows(reports: Iterable[Report]) -> tuple[Row, ...]:
    """Give a row for each drill."""
    return tuple(_row(report) for report in reports)


def _row(report: Report) -> Row:
    summary = report.summary
    return Row(
        scenario=summary.scenario,
        verdict=summary.verdict,
        outage="-" if summary.write_outage_seconds is None else length(summary.write_outage_seconds),
        projected="-" if summary.projected is None else length(summary.projected.outage_seconds),
        acknowledged="-" if summary.acknowledged is None else count(summary.acknowledged),
        lost="-" if summary.lost is None else count(summary.lost),
        double=count(summary.double_writable_samples),
        digest=report.digest[:SHORT],
    )
