"""``drctl drill``: one scenario here, or several side by side, each in a process and a lab of its own."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dr_templates.cli import series, view
from dr_templates.cli.told import ToldError
from dr_templates.config import Config, load
from dr_templates.drill import run as drill
from dr_templates.drill.report import store, telling
from dr_templates.drill.report.canonical import text
from dr_templates.drill.report.outcome import Entry, Report
from dr_templates.drill.report.verify import verify as verified
from dr_templates.drill.scenarios import SCENARIOS
from dr_templates.errors import DrError, Exit

EVERY = "all"
"""In the place of a scenario's name: all there are."""
UNTOLD = frozenset({"rate", "samples"})
"""Kinds of entries that are for the report alone."""


@dataclass(frozen=True)
class Request:
    """What was asked for: scenarios by name, none for the usual ones, and where their reports go."""

    scenarios: tuple[str, ...]
    report: Path
    config: Path
    rate: float | None = None
    rto: float = drill.RTO_SECONDS
    lanes: int = 1
    times: int = 1


def run(request: Request, output: str) -> None:
    """Drill. Raises ``DrError`` (wrong usage) for a scenario there is none of, and ``ToldError`` when one failed."""
    names = request.scenarios or tuple(name for name, one in SCENARIOS.items() if one.usual)
    if EVERY in names:
        names = tuple(SCENARIOS)
    for name in names:
        if name not in SCENARIOS:
            raise DrError(
                what=f"there is no scenario {name}",
                where="option --scenario",
                hint=f"Choose from: {', '.join(SCENARIOS)}",
                code=Exit.USAGE,
            )
    config = load(request.config)
    names = names * request.times
    if len(names) == 1:
        _one(request, config, names[0], output)
    else:
        _several(request, names, output)


def _one(request: Request, config: Config, name: str, output: str) -> None:
    began: list[float] = []

    def tell(entry: Entry) -> None:
        began.append(entry.at)
        if entry.kind not in UNTOLD:
            view.step(telling.line(entry, began[0]), result=False)

    order = drill.Order(SCENARIOS[name], config, request.rate, request.rto)
    with view.progress("starting the lab") as told:
        report = drill.run(order, told, tell)
    paths = store.write(request.report, report)
    if output == "json":
        view.data(json.loads(text(report)))
    else:
        _told(report)
    for path in paths:
        view.say(f"written: {path}")
    if report.summary.verdict != "passed":
        raise _failed(words=f"{name} failed", where=paths[0])


def _told(report: Report) -> None:
    """Say what it has come to, in lines."""
    summary = report.summary
    view.line(f"{summary.scenario}: {summary.verdict}")
    if summary.write_outage_seconds is not None and summary.projected is not None:
        outage, there = telling.length(summary.write_outage_seconds), telling.length(summary.projected.outage_seconds)
        view.line(f"no writes for {outage} at {summary.scale:g} times AWS's clocks, {there} at AWS's own")
    if summary.acknowledged is not None:
        view.line(f"{summary.acknowledged} writes acknowledged, {summary.lost} lost, {summary.in_doubt} in doubt")
    for check in summary.checks:
        if not check.passed:
            view.line(f"does not hold: {check.name}: {check.words}")
    view.line(f"digest {report.digest}")


def _several(request: Request, names: tuple[str, ...], output: str) -> None:
    drills = [series.Drill(name, tuple(_command(request, name))) for name in names]
    with view.progress(f"{len(names)} drills, {request.lanes} at a time") as told:
        ended = series.run(drills, request.lanes, told, lambda words: view.step(words, result=False))
    if output == "json":
        view.data([one.report or {"scenario": one.name, "verdict": "failed", "trouble": one.trouble} for one in ended])
    else:
        view.drills([_row(one) for one in ended])
    failed = [one.name for one in ended if not one.passed]
    if failed:
        words = f"{len(failed)} of {len(ended)} drills failed: {', '.join(failed)}"
        raise _failed(words=words, where=request.report)


def _command(request: Request, name: str) -> list[str]:
    words = ["drill", "--scenario", name, "--report", str(request.report), "--config", str(request.config)]
    words += ["--rto", f"{request.rto:g}s", "--output", "json"]
    return words if request.rate is None else [*words, "--rate", f"{request.rate:g}"]


def _row(ended: series.Ended) -> tuple[str, ...]:
    told: dict[str, Any] = ended.report or {}
    projected = told.get("projected") or {}
    return (
        ended.name,
        told.get("verdict") or "failed",
        _length(told.get("write_outage_seconds")),
        _length(projected.get("outage_seconds")),
        *(_plain(told.get(name)) for name in ("acknowledged", "lost", "in_doubt", "double_writable_samples")),
        telling.length(ended.seconds),
        ended.trouble or "; ".join(one["name"] for one in told.get("checks", ()) if not one["passed"]),
    )


def _length(seconds: float | None) -> str:
    return "-" if seconds is None else telling.length(seconds)


def _plain(number: int | None) -> str:
    return "-" if number is None else str(number)


def _failed(words: str, where: Path) -> ToldError:
    return ToldError(what=words, where=str(where), hint="The report says which of what must hold did not.")


def verify(file: Path, output: str) -> None:
    """See that a report is what was written. Raises ``DrError`` when it is not."""
    found = verified(file.read_bytes())
    summary = found.summary
    if output == "json":
        view.data({"scenario": summary.scenario, "verdict": summary.verdict, "digest": found.digest})
    else:
        view.line(f"{summary.scenario}: {summary.verdict}, {found.entries} entries as they were written")
        view.line(f"digest {found.digest}")
    view.say("compare the digest with the one that was told when the drill ended")


def scenarios(output: str) -> None:
    """Tell of all scenarios."""
    if output == "json":
        view.data([{"name": one.name, "breaks": one.breaks, "expected": one.expected} for one in SCENARIOS.values()])
        return
    for one in SCENARIOS.values():
        view.line(f"{one.name}: {one.breaks}; {one.expected}")
