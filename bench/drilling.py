"""Measure what the tool itself adds to an outage: the time without writes, less what the emulated AWS imposes in it.

Each part that AWS imposes is measured in the same run: detection (the patience of the policy), the settling of a gate,
the promotion, and the name that follows a 60-second metric with its TTL. The rest is the tool's own: its looks, steps
and waits, and the way back of the clients.

Drills run one at a time, on a clock that is three times AWS's, with a promotion of a minute. Work takes as long there
as it does anywhere, so the measured seconds are AWS's but for waits of the tool's own, which that clock shortens. These
are read from the history of the move's execution and counted at AWS's length: an upper bound, as work that goes on
while something imposed waits hides more of itself behind the longer wait. It is this figure, the last of each line,
whose median is held against the bound. Not in the history, and counted as measured, is the fence's own pause, half a
second each time a session has not ended at once.

What a busy machine adds is in all of it, so each line tells the load; ``nice -n -15`` keeps others out. Exits 1 when a
median is over its bound, or a drill has not passed.
"""

import argparse
import json
import os
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dr_templates.aws import trigger
from dr_templates.config import load
from dr_templates.drill import phases, reckoning
from dr_templates.drill.act import Act
from dr_templates.drill.phases import Clocks, Interval
from dr_templates.drill.reckoning import Ended
from dr_templates.drill.run import Order, drilled
from dr_templates.drill.scenarios import SCENARIOS
from dr_templates.lab.clock import Clock
from dr_templates.topology import CONTROL

CONFIG = Path(__file__).parents[1] / "config" / "demo.yaml"
BOUNDS = {"switchover": 1.0, "primary-killed": 2.0}
"""Seconds of the tool's own that the median of the runs may have at most, by scenario."""
RUNS = 10
RATE = 3.0
SAME_SECONDS = 0.001
PROMOTION_SECONDS = 60.0
PATIENCE_SECONDS = 121
"""The shortest that a policy may have."""


@dataclass(frozen=True)
class Wait:
    """A wait: when it began and was to end, by the machine's clock, and by how many seconds it was shortened."""

    began: float
    until: float
    seconds: float


@dataclass(frozen=True)
class Figures:
    """What one drill has measured, in seconds of the machine's clock; ``lengthened`` is ``own`` at AWS's length.

    ``failed`` is what of all that must hold in a drill did not.
    """

    failed: tuple[str, ...]
    outage: float
    imposed: Mapping[str, float]
    phases: Mapping[str, float]
    own: float
    lengthened: float


def history(act: Act) -> list[Mapping[str, Any]]:
    """Give what the move's execution has gone through."""
    machine = act.stage.clients.stepfunctions(act.stage.region(CONTROL))
    arn = act.stage.names.execution_arn(trigger.execution(act.state().epoch))
    pages = machine.get_paginator("get_execution_history").paginate(executionArn=arn, includeExecutionData=True)
    return [event for page in pages for event in page["events"]]


def waits(events: Sequence[Mapping[str, Any]], steps: Sequence[float], clock: Clock) -> list[Wait]:
    """Find the waits in a history: states that wait, and steps that were held until a time after the look.

    ``steps`` tells when each step was done, by the lab's clock: what is left until that time was waited.
    """
    found, looked, until, entered = [], 0.0, 0.0, 0.0
    for event in events:
        at = event["timestamp"].timestamp()
        entry, left = event.get("stateEnteredEventDetails", {}), event.get("stateExitedEventDetails", {})
        match entry.get("name") or left.get("name"):
            case "Decide" if left:
                decision = json.loads(left["output"])
                looked, until = decision["observation"]["at"], decision["decision"]["until"]
            case "Perform" if entry:
                entered = at
            case "Perform" if left:
                worked = max((step for step in steps if entered <= step <= at), default=entered)
                seconds = until - looked - (clock.real(worked) - clock.real(looked))
                waited = max(0.0, (until - worked) / clock.rate)
                if until and seconds > waited:
                    found.append(Wait(clock.real(worked), clock.real(until), seconds - waited))
            case "Pause" | "Recover" if entry:
                entered = at
            case "Pause" | "Recover" if left:
                found.append(Wait(clock.real(entered), clock.real(at), (at - entered) * (1 - 1 / clock.rate)))
    return found


def lengthened(own: float, found: Sequence[Wait], held: Interval, imposed: Sequence[Interval]) -> float:
    """Give the tool's own seconds with its waits at AWS's length, but for those that wait for what AWS imposes.

    These began in it, or were to end with it. ``held`` is the outage until the new primary takes writes: clients wait
    for nothing of ours any more.
    """
    ours = [
        one.seconds
        for one in found
        if held[0] <= one.began < held[1]
        if not any(since <= one.began <= until or abs(one.until - until) < SAME_SECONDS for since, until in imposed)
    ]
    return own + sum(ours)


def measured(name: str, rate: float) -> Figures:
    """Run one drill and split its outage. Raises ``DrError`` when there could be none."""
    events: list[Mapping[str, Any]] = []
    scenario = SCENARIOS[name]

    def play(act: Act) -> None:
        scenario.play(act)
        events.extend(history(act))

    changes = {**scenario.changes, "patience_seconds": PATIENCE_SECONDS}
    order = Order(replace(scenario, play=play, changes=changes), load(CONFIG), rate)
    order = replace(order, actions={**order.actions, "promotion": PROMOTION_SECONDS})
    report, ended = drilled(order, lambda _: None, lambda _: None)
    failed = tuple(f"{check.name}: {check.words}" for check in report.summary.checks if not check.passed)
    return figures(ended, events, failed)


def figures(ended: Ended, events: Sequence[Mapping[str, Any]], failed: tuple[str, ...]) -> Figures:
    """Reckon from what a drill leaves, and its history, what was imposed and what was the tool's own."""
    longest = reckoning.outage(ended)
    if longest is None:
        return Figures(failed=(*failed, "nobody wrote"), outage=0.0, imposed={}, phases={}, own=0.0, lengthened=0.0)
    stage, outage = ended.watched.stage, (longest.begin, longest.end)
    course = reckoning.course(ended, longest)
    settle, ttl = stage.policy.settle, stage.config.dns.ttl_seconds
    clocks = Clocks(stage.clock.rate, settle, ttl, reckoning.detection(ended))
    parts = phases.parts(outage, course, clocks)
    own = phases.overhead(outage, course, clocks)
    held = (longest.begin, longest.end if course.open is None else min(course.open, longest.end))
    found = waits(events, [step.at for step in ended.watched.steps], stage.clock)
    return Figures(
        failed=failed,
        outage=longest.seconds,
        imposed={name: max(0.0, min(until, longest.end) - since) for name, (since, until) in parts.items()},
        phases={name: seconds for name, seconds in phases.owned(outage, course, clocks).each() if seconds},
        own=own,
        lengthened=lengthened(own, found, held, tuple(parts.values())),
    )


def told(parts: Mapping[str, float]) -> str:
    """Put seconds by name into words."""
    return ", ".join(f"{name} {seconds:.2f}" for name, seconds in parts.items()) or "nothing"


def drill(name: str, runs: int, rate: float) -> bool:
    """Print every run of a scenario and the median, and tell whether it keeps its bound and every drill has passed."""
    found = []
    for run in range(1, runs + 1):
        one = measured(name, rate)
        found.append(one)
        print(
            f"{name} {run}/{runs}: outage {one.outage:.2f} s; imposed: {told(one.imposed)}; "
            f"own {one.own:.2f} s ({told(one.phases)}); load {os.getloadavg()[0]:.1f}; "
            f"own at AWS's length {one.lengthened:.2f} s{''.join(f'; FAILED: {words}' for words in one.failed)}",
            flush=True,
        )
    median, bound = statistics.median(one.lengthened for one in found), BOUNDS[name]
    kept = median <= bound and not any(one.failed for one in found)
    print(
        f"{name}: the tool's own time, median of {runs}: {statistics.median(one.own for one in found):.2f} s measured, "
        f"{median:.2f} s at AWS's length (bound {bound:.1f} s): {'ok' if kept else 'NOT KEPT'}"
    )
    return kept


def main() -> int:
    """Print the figures, and answer 1 when one is over its bound."""
    parser = argparse.ArgumentParser(description="Measure the tool's own part of an outage.")
    parser.add_argument("runs", type=int, nargs="?", default=RUNS, help="drills of each scenario (default %(default)s)")
    parser.add_argument("--only", choices=BOUNDS, action="append", help="this scenario alone")
    parser.add_argument("--rate", type=float, default=RATE, help="how fast the lab's clock runs (default %(default)g)")
    asked = parser.parse_args()
    print(f"{asked.runs} drills of each, at {asked.rate:g} times AWS's clocks", flush=True)
    kept = [drill(name, asked.runs, asked.rate) for name in asked.only or BOUNDS]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
