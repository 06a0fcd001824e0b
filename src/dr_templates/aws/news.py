"""What a watchdog is told after it has looked at its gate: who is active, and whether its database is a replica."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import partial

from dr_templates.aws import asked, sights, table
from dr_templates.aws.asked import REFUSALS
from dr_templates.aws.station import Memory, Station, together
from dr_templates.failover.model import Instance
from dr_templates.failover.state import State
from dr_templates.topology import CONTROL

ASSURED_SECONDS = 75.0
"""How long control's table has to have been read before its word opens a gate. When a control region comes back its
document may be older than a move made without it; its first tick, a minute later at most, sees to that."""


@dataclass(frozen=True)
class News:
    """What was read after the gate; ``sure`` as ``guard`` wants it, ``replica`` None for not known."""

    state: State | None
    sure: bool
    replica: bool | None


def hear(station: Station, memory: Memory) -> News:
    """Read who is active and whether the database is a replica.

    The newest document counts, wherever it was read; but the own copy alone does not, for the site may have slept
    through a move. A copy is never sure, save the own one of a site that a person has sent on alone.
    """
    reads = {place: partial(table.read_state, station.of(place)) for place in (*station.elsewhere, station.site)}
    answers = together(memory, {**reads, "replica": partial(_replica, station)}, nothing=(table.MISSING,))
    memory.state = own = answers.get(station.site, memory.state)
    truth = answers.get(CONTROL)
    told = [state for place in station.elsewhere if (state := answers.get(place))]
    alone = own is not None and own.alone != ""
    if own is not None and (told or alone):
        told.append(own)
    newest = max(told, key=lambda state: state.age, default=None)
    sure = newest is not None and ((newest == truth and _assured(station, memory)) or (alone and newest == own))
    if truth is None or newest != truth:
        memory.assured = None
    return News(newest, sure=sure, replica=answers.get("replica"))


def _assured(station: Station, memory: Memory) -> bool:
    """Tell whether control has been back for long enough that it has learnt of a move made without it."""
    now = station.clock()
    memory.assured = now if memory.assured is None else memory.assured
    return now - memory.assured >= ASSURED_SECONDS


def _replica(station: Station) -> bool | None:
    """Tell whether the database is a replica: by RDS, and by the database itself while RDS is at work on it.

    RDS names a source until it has done with a promotion, so its word alone does not do for an instance that is not
    ``available`` (fact A27).
    """
    instance = Instance()
    with contextlib.suppress(*REFUSALS):
        instance = asked.instance(station.clients.rds(station.region), station.names.instance(station.site))
    if instance.replica is False or instance.status == sights.AVAILABLE:
        return instance.replica
    probe = station.clients.lambda_(station.region)
    return sights.sql(asked.invoke(probe, station.names.probe(station.site))).in_recovery
