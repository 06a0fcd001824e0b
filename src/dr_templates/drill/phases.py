"""What the time without writes went on, how much of it AWS's own clocks imposed, and how long it would be there. Pure.

All is in seconds of the machine's clock but the projection: what waits for AWS takes ``rate`` times as long there, the
rest as long as here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields

from dr_templates.drill.report.model import Measured, Phases, Projected

Interval = tuple[float, float]


@dataclass(frozen=True)
class Course:
    """When what was reached; None for what was not, as nothing moved or nobody can tell.

    ``broke`` is when something was broken, or somebody asked. ``agreed``: the witnesses had agreed for the patience.
    ``locked``, ``fenced``, ``sealed``, ``named``, ``verified``: those steps were done. ``asked``: RDS had been asked to
    promote. ``open``: the new primary took its first write from whomever. ``found``: the name had moved for clients.
    """

    broke: float
    agreed: float | None = None
    locked: float | None = None
    fenced: float | None = None
    sealed: float | None = None
    asked: float | None = None
    named: float | None = None
    open: float | None = None
    verified: float | None = None
    found: float | None = None


@dataclass(frozen=True)
class Clocks:
    """How fast the lab's clock ran, and what AWS's clocks impose, in the lab's seconds: settling of a gate, a TTL.

    ``detection`` is the most that policy and the schedule may take until a move is begun.
    """

    rate: float
    settle: float
    ttl: float
    detection: float = math.inf


def measured(outage: Interval, course: Course, clocks: Clocks) -> Measured:
    """Split an outage into phases, and project it."""
    begin, end = outage
    waits = imposed(outage, course, clocks)
    lengths: dict[str, float] = {}
    projected: dict[str, float] = {}
    for name, (since, until) in _each(outage, course):
        spent = until - since
        waited = _overlap(waits, (since, until))
        lengths[name] = spent
        projected[name] = waited * clocks.rate + (spent - waited)
    phases, foreseen = Phases(**lengths), Phases(**projected)
    return Measured(
        began=begin,
        rto_seconds=max(0.0, end - course.broke),
        outage_seconds=phases.total,
        own_seconds=None if course.asked is None else max(0.0, overhead(outage, course, clocks)),
        phases=phases,
        projected=Projected(foreseen.total, foreseen, phases.total * clocks.rate),
    )


def overhead(outage: Interval, course: Course, clocks: Clocks) -> float:
    """Say how much of an outage nothing of AWS's imposed: what the tool itself took, and the client to come back."""
    begin, end = outage
    return end - begin - _overlap(imposed(outage, course, clocks), outage)


def owned(outage: Interval, course: Course, clocks: Clocks) -> Phases:
    """Split by phase what nothing of AWS's imposed: all of it together is the overhead."""
    waits = imposed(outage, course, clocks)
    return Phases(
        **{
            name: max(0.0, until - since - _overlap(waits, (since, until)))
            for name, (since, until) in _each(outage, course)
        }
    )


def imposed(outage: Interval, course: Course, clocks: Clocks) -> tuple[Interval, ...]:
    """Give the times in which AWS's clocks ran and nothing could be done about it, without overlaps, in order."""
    return _joined(parts(outage, course, clocks).values())


def parts(outage: Interval, course: Course, clocks: Clocks) -> Mapping[str, Interval]:
    """Name what AWS's clocks imposed, each with its time; some may go on at once, and beyond the outage.

    Detection by policy, the time that EC2 may take to shut a gate everywhere, the promotion, and the 60-second metric
    that the name follows (fact B7) with its TTL (fact B11). Where nothing moved, the outage is all AWS's.
    """
    begin, _ = outage
    if course.asked is None:
        return {"outage": outage}
    found: dict[str, Interval] = {}
    if course.agreed is not None:
        found["detection"] = (begin, min(course.agreed, begin + clocks.detection / clocks.rate))
    if course.fenced is not None:
        found["settling"] = (course.fenced, course.fenced + clocks.settle / clocks.rate)
    if course.open is not None:
        found["promotion"] = (course.asked, course.open)
    if course.named is not None and course.found is not None:
        found["name"] = (course.named, course.found + clocks.ttl / clocks.rate)
    return found


def _each(outage: Interval, course: Course) -> Iterator[tuple[str, Interval]]:
    """Give name and time of each phase, in order and without gaps; one that was not reached takes no time."""
    since, end = outage
    for name, reached in _milestones(course, end):
        until = since if reached is None else min(max(reached, since), end)
        yield name, (since, until)
        since = until


def _milestones(course: Course, end: float) -> Iterable[tuple[str, float | None]]:
    """Name the phases in order, each with the end of it."""
    ends: dict[str, float | None] = {
        "detect": course.agreed if course.asked is not None else end,
        "decide": course.locked,
        "fence": course.fenced,
        "drain": course.sealed,
        "promote": course.open,
        "verify": course.verified if course.verified is not None and _before(course.verified, course.found) else None,
        "move": course.found,
        "reconnect": end,
    }
    return [(one.name, ends[one.name]) for one in fields(Phases)]


def _before(one: float, other: float | None) -> bool:
    return other is not None and one < other


def _joined(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    joined: list[Interval] = []
    for since, until in sorted(one for one in intervals if one[1] > one[0]):
        if joined and since <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], until))
        else:
            joined.append((since, until))
    return tuple(joined)


def _overlap(intervals: Iterable[Interval], other: Interval) -> float:
    return math.fsum(max(0.0, min(until, other[1]) - max(since, other[0])) for since, until in intervals)
