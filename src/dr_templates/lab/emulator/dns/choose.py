"""Which of several records of one name Route 53 answers with: by weight or by failover, and by health."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

PRIMARY = "PRIMARY"


@dataclass(frozen=True)
class Record:
    """One record set: ``weight`` or ``failover`` when it has siblings, ``check`` is the id of its health check.

    ``ttl`` is in seconds. ``unknown`` names what it is routed by when the lab does not know that way.
    """

    name: str
    kind: str
    ttl: int
    values: tuple[str, ...]
    identifier: str = ""
    weight: int | None = None
    failover: str | None = None
    check: str | None = None
    unknown: str | None = None


Healthy = Callable[[Record], bool]


def choose(records: Sequence[Record], healthy: Healthy, random: Random) -> Record:
    """Choose one of the records of a name and type, of which there is at least one (facts B9 and B10).

    A record without a health check is healthy. ``random`` decides between several by their weights.
    """
    if records[0].failover is not None:
        return _fail_over(records, healthy)
    if records[0].weight is None:
        return records[0]
    return _weigh(records, healthy, random)


def _weigh(records: Sequence[Record], healthy: Healthy, random: Random) -> Record:
    """Choose by weight.

    Weight zero counts only when every other is unhealthy, or when there is no other; when all are unhealthy, all are
    taken for healthy.
    """
    fit = [record for record in records if healthy(record)] or list(records)
    weighty = [record for record in fit if record.weight]
    if weighty:
        return random.choices(weighty, [record.weight or 0 for record in weighty])[0]
    return random.choice(fit)


def _fail_over(records: Sequence[Record], healthy: Healthy) -> Record:
    """Take the primary unless it alone is unhealthy."""
    ordered = sorted(records, key=lambda record: record.failover != PRIMARY)
    return next((record for record in ordered if healthy(record)), ordered[0])
