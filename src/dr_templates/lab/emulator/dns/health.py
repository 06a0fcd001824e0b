"""What a health check that follows an alarm says: by the metric's points themselves, not by the alarm's state.

The model of time: periods are aligned to the minutes of the lab's clock (to multiples of the alarm's period, when that
is longer). A period counts once it is closed, and that is when a check changes its mind; a point that comes late counts
from when it is there. A check knows nothing of periods that were closed before it was made. Nothing is remembered but
points: what was known last is found by going back to the last closed period that decides (facts B7 and B8).
"""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

HEALTHY, UNHEALTHY, LAST_KNOWN = "Healthy", "Unhealthy", "LastKnownStatus"
SHORTEST = 60
"""Seconds of the shortest period: Route 53 reads metrics of standard resolution."""


@dataclass(frozen=True)
class Point:
    """What one datum adds to a period: when it is dated, how many samples, their sum and their bounds."""

    at: float
    count: float
    total: float
    lowest: float
    highest: float


def _count(points: Sequence[Point]) -> float:
    return sum(point.count for point in points)


def _total(points: Sequence[Point]) -> float:
    return sum(point.total for point in points)


STATISTICS: Mapping[str, Callable[[Sequence[Point]], float]] = {
    "Average": lambda points: _total(points) / _count(points),
    "Minimum": lambda points: min(point.lowest for point in points),
    "Maximum": lambda points: max(point.highest for point in points),
    "Sum": _total,
    "SampleCount": _count,
}
COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


@dataclass(frozen=True)
class Alarm:
    """What Route 53 takes over from an alarm when a check is made or saved again."""

    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    statistic: str
    comparison: str
    threshold: float
    period: int = SHORTEST
    periods: int = 1


@dataclass(frozen=True)
class Check:
    """A health check: the alarm it follows, None when it follows none, and when it was made by the lab's clock."""

    alarm: Alarm | None
    made: float
    insufficient: str = LAST_KNOWN
    inverted: bool = False
    disabled: bool = False


@dataclass(frozen=True)
class Status:
    """What a check says, why, and the period it rests on: its bounds in the lab's time and the value in it."""

    healthy: bool
    why: str
    begun: float | None = None
    ended: float | None = None
    value: float | None = None


def read(alarm: Mapping[str, Any]) -> Alarm:
    """Take over an alarm as PutMetricAlarm keeps it. Raises ValueError for one that no check can follow (fact B7)."""
    if not alarm.get("MetricName") or alarm.get("Metrics"):
        _refuse("it is not on one plain metric: metric math is not supported")
    if alarm.get("ExtendedStatistic") or alarm["Statistic"] not in STATISTICS:
        _refuse(f"its statistic is none of {', '.join(STATISTICS)}")
    if alarm["ComparisonOperator"] not in COMPARISONS:
        _refuse(f"its comparison is none of {', '.join(COMPARISONS)}")
    if alarm.get("DatapointsToAlarm") not in (None, alarm["EvaluationPeriods"]):
        _refuse("it looks for M out of N datapoints")
    if alarm["Period"] < SHORTEST or alarm["Period"] % SHORTEST:
        _refuse("its metric is of high resolution")
    return Alarm(
        alarm["Namespace"],
        alarm["MetricName"],
        {one["Name"]: one["Value"] for one in alarm.get("Dimensions", ())},
        alarm["Statistic"],
        alarm["ComparisonOperator"],
        float(alarm["Threshold"]),
        int(alarm["Period"]),
        int(alarm["EvaluationPeriods"]),
    )


def judge(check: Check, points: Iterable[Point], now: float) -> Status:
    """Say what a check says at a time of the lab's clock, given all points of its metric.

    All of its periods must breach for it to be unhealthy. What is disabled is healthy, and what is inverted is the
    other way round, whatever it rests on.
    """
    if check.disabled:
        status = Status(healthy=True, why="disabled")
    elif check.alarm is None:
        status = Status(healthy=True, why="follows no alarm: the lab makes no requests")
    else:
        status = _follow(check, check.alarm, points, now)
    if not check.inverted:
        return status
    return Status(not status.healthy, f"inverted: {status.why}", status.begun, status.ended, status.value)


def _follow(check: Check, alarm: Alarm, points: Iterable[Point], now: float) -> Status:
    first, last = int(check.made // alarm.period), int(now // alarm.period) - 1
    kept: dict[int, list[Point]] = defaultdict(list)
    for point in points:
        period = int(point.at // alarm.period)
        if first <= period <= last and point.count > 0:
            kept[period].append(point)
    values = {period: STATISTICS[alarm.statistic](those) for period, those in kept.items()}
    if (status := _decide(alarm, values, last)) is not None:
        return status
    if check.insufficient != LAST_KNOWN:
        return Status(check.insufficient == HEALTHY, f"insufficient data: {check.insufficient}")
    ends = {period + later for period in values for later in range(alarm.periods)}
    for end in sorted(ends, reverse=True):
        if end < last and (known := _decide(alarm, values, end)) is not None:
            return Status(known.healthy, "insufficient data: last known status", known.begun, known.ended, known.value)
    return Status(healthy=True, why="insufficient data: new, nothing known yet")


def _decide(alarm: Alarm, values: Mapping[int, float], last: int) -> Status | None:
    """Say what the periods up to the last one given decide; None when they do not."""
    seen = [period for period in range(last, last - alarm.periods, -1) if period in values]
    fine = [one for one in seen if not COMPARISONS[alarm.comparison](values[one], alarm.threshold)]
    if not fine and len(seen) < alarm.periods:
        return None
    on = (fine or seen)[0]
    bounds = (float(on * alarm.period), float((on + 1) * alarm.period))
    if fine:
        return Status(True, "the metric does not breach", *bounds, values[on])
    return Status(False, "the metric breaches", *bounds, values[on])


def _refuse(why: str) -> None:
    words = f"the alarm cannot be followed: {why}"
    raise ValueError(words)
