"""What an unplanned move may cost: the most that is missing in seconds, what is known to be missing in bytes."""

from __future__ import annotations

from dataclasses import dataclass

from dr_templates.failover import gate
from dr_templates.failover.cause import Cause
from dr_templates.failover.model import CLOCKS, Observation, Policy, Sight
from dr_templates.failover.stance import fenced_for, gone, peer, writable


@dataclass(frozen=True)
class Loss:
    """``seconds`` is an upper bound, ``bytes`` a lower one; None where nobody can tell."""

    seconds: float | None
    bytes: int | None


def exposure(seen: Observation, target: str, policy: Policy) -> Loss:
    """Say what a promotion of ``target`` would cost now.

    A commit that the replica lacks is younger than the newest heartbeat it has, and older than the time from which its
    primary can have taken no more; RDS's ReplicaLag tells neither (fact A33). Nothing is missing when the primary is
    fenced, answers, and the replica has replayed all it ever wrote.
    """
    source, replica = seen.sites[peer(seen, target)], seen.sites[target]
    if drained(source, replica):
        return Loss(0.0, 0)
    behind = _bytes(seen, source, replica)
    if replica.sql.beat is None:
        return Loss(None, behind)
    last = _last_write(seen, peer(seen, target), policy)
    return Loss(max(0.0, last - replica.sql.beat.written_at) + CLOCKS, behind)


def drained(source: Sight, replica: Sight) -> bool:
    """Tell whether the replica has replayed everything a primary without clients has written, by the primary's word."""
    return (
        writable(source.sql)
        and source.sql.sessions == 0
        and source.sql.written is not None
        and replica.sql.replayed is not None
        and same_cluster(source, replica)
        and replica.sql.replayed >= source.sql.written
    )


def same_cluster(source: Sight, replica: Sight) -> bool:
    """Tell whether positions of the two can be compared: one cluster, one timeline, both known."""
    ours, theirs = (source.sql.system, source.sql.timeline), (replica.sql.system, replica.sql.timeline)
    return ours == theirs and None not in ours


def _last_write(seen: Observation, site: str, policy: Policy) -> float:
    """Give a time after which the site can have acknowledged nothing."""
    state, sight = seen.state, seen.sites[site]
    move, suspicion = (state.move, state.suspicion) if state else (None, None)
    bounds = [seen.at]
    if move is not None and move.fenced is not None and fenced_for(sight, move.epoch):
        bounds.append(move.fenced + policy.settle)
    if suspicion is not None and suspicion.cause == Cause.ISOLATED and gate.shut(sight.gate):
        bounds.append(suspicion.since + policy.settle)
    if sight.mark is not None and gone(seen, site, policy):
        bounds.append(sight.mark.at + policy.lease + CLOCKS)
    return min(bounds)


def _bytes(seen: Observation, source: Sight, replica: Sight) -> int | None:
    pulse = seen.pulse if seen.pulse and seen.sites.get(seen.pulse.site) is source else None
    written = source.sql.written if writable(source.sql) else pulse.written if pulse else None
    reached = [place for place in (replica.sql.received, replica.sql.replayed) if place is not None]
    return None if written is None or not reached else max(0, written - max(reached))
