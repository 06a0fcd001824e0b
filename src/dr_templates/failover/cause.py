"""The name of what is wrong, and whether it may move the database without being asked.

Silence has many causes, and most of them mend themselves or would not be mended by a move. Only three may act, each on
the agreement of all its witnesses; unknown is never one of them.
"""

from __future__ import annotations

from enum import StrEnum

from dr_templates.failover import gate
from dr_templates.failover.model import Answer, Observation, Policy, Sight, Stance
from dr_templates.failover.stance import fresh, gone, peer, stance, writable
from dr_templates.failover.state import Kind, State


class Cause(StrEnum):
    """What is wrong with a pair, in a word; ``words`` says it in a sentence."""

    DEAD = "dead"
    GONE = "gone"
    ISOLATED = "isolated"
    ROGUE = "rogue"
    SHUT = "shut"
    STREAMING = "streaming"
    CUT_OFF = "cut-off"
    OVERLOADED = "overloaded"
    STARTING = "starting"
    UNWELL = "unwell"
    MULTI_AZ = "multi-az"
    MAINTENANCE = "maintenance"
    STORAGE_FULL = "storage-full"
    KEY_UNUSABLE = "key-unusable"
    DELETED = "deleted"
    CONTROL_PLANE = "control-plane"
    REPLICATION_BROKEN = "replication-broken"
    REPLICA_ILL = "replica-ill"
    UNPROTECTED = "unprotected"
    WATCHDOG_SILENT = "watchdog-silent"
    BLIND = "blind"
    UNREADABLE = "unreadable"
    UNCLEAR = "unclear"
    NOTHING = "nothing"

    @property
    def words(self) -> str:
        """Say it in a sentence."""
        return WORDS[self]

    @property
    def acts(self) -> bool:
        """Whether it may start a move by itself, once it has held for the patience."""
        return self in ACTING


ACTING = frozenset({Cause.DEAD, Cause.GONE, Cause.ISOLATED})

WORDS = {
    Cause.DEAD: "the primary does not answer, its replica hears nothing from it, and RDS knows no reason",
    Cause.GONE: "nothing at the primary's site answers, and its watchdog has left no mark in either other place",
    Cause.ISOLATED: "the primary's site reaches nobody and has fenced itself",
    Cause.ROGUE: "a second database takes writes, or may at any moment",
    Cause.SHUT: "the primary is well, and its gate was left shut by a move that is over",
    Cause.STREAMING: "the primary cannot be reached but feeds its replica: it is alive",
    Cause.CUT_OFF: "the primary's site cannot be reached, but its watchdog is alive",
    Cause.OVERLOADED: "the primary takes no more connections",
    Cause.STARTING: "the primary is starting and will answer",
    Cause.UNWELL: "the primary's server speaks, but does not answer questions",
    Cause.MULTI_AZ: "a Multi-AZ failover is under way at the primary's site",
    Cause.MAINTENANCE: "RDS is at work on the primary",
    Cause.STORAGE_FULL: "the primary's storage is full: give it more; a move would not",
    Cause.KEY_UNUSABLE: "the primary's KMS key cannot be used: enable it, or move it yourself",
    Cause.DELETED: "the primary has been deleted: if that was no mistake, nothing is to be done",
    Cause.CONTROL_PLANE: "the database is well, but RDS's API does not answer",
    Cause.REPLICATION_BROKEN: "the replica hears nothing from a primary that is well",
    Cause.REPLICA_ILL: "the replica does not answer, or RDS is at work on it",
    Cause.UNPROTECTED: "there is no replica: the other site has to be rebuilt",
    Cause.WATCHDOG_SILENT: "the primary's watchdog is silent or cannot fence: its site would never count as gone",
    Cause.BLIND: "neither site can be reached from here: it is this place that is cut off",
    Cause.UNREADABLE: "the state table cannot be read: nobody can tell who is active",
    Cause.UNCLEAR: "the witnesses do not agree",
    Cause.NOTHING: "nothing is wrong",
}

BY_STATUS = {
    "absent": Cause.DELETED,
    "deleting": Cause.DELETED,
    "storage-full": Cause.STORAGE_FULL,
    "inaccessible-encryption-credentials": Cause.KEY_UNUSABLE,
    "inaccessible-encryption-credentials-recoverable": Cause.KEY_UNUSABLE,
}
"""RDS's own word for why an instance does not answer."""

FED_SECONDS = 150.0
"""A replica that has told nothing for longer, two looks a minute apart and some, may have been deaf before."""

EXPLAIN_NOTHING = frozenset({"available", "backing-up", "failed", "storage-optimization", "incompatible-network"})
"""A primary with one of these states ought to answer, or never will again; every other one means RDS is at work."""


def name(seen: Observation, policy: Policy) -> Cause:
    """Name what is wrong. ``policy`` gives the lease, after which a watchdog's mark is old."""
    if seen.state is None:
        return Cause.UNREADABLE
    site = seen.state.active
    active, other = seen.sites[site], seen.sites[peer(seen, site)]
    if rogue(seen, seen.state, peer(seen, site)):
        return Cause.ROGUE
    if writable(active.sql):
        return _with_primary(seen, site, policy)
    if _unseen(active) and _unseen(other) and not fresh(seen, site, policy.lease):
        return Cause.BLIND
    return _by_rds(active) or _by_server(active) or _of_silence(seen, site, policy)


def rogue(seen: Observation, state: State, site: str) -> bool:
    """Tell whether the site that is not active has a database that takes writes, or soon will, behind an open gate.

    A site that was left in an unplanned move may come back as the primary it was: its gate can be shut before anything
    else there answers, unless it is known to be a replica by now; and even then while the move that was turned back
    may still promote it.
    """
    other = seen.sites[site]
    if gate.shut(other.gate) or not (gate.known(other.gate) or writable(other.sql)):
        return False
    silent = other.sql.answer is not Answer.ANSWERED and other.instance.status not in ("absent", "deleting", "creating")
    known = other.instance.replica is False or (left_unplanned(state, site) and other.instance.replica is None)
    return writable(other.sql) or (silent and known) or state.doubts(site)


def left_unplanned(state: State, site: str) -> bool:
    """Tell whether the last move was an unplanned one away from a site."""
    last = state.last
    return last is not None and last.moved and last.kind is Kind.FAILOVER and last.source == site


def _unseen(sight: Sight) -> bool:
    return sight.sql.answer is Answer.UNASKED and sight.instance.status is None


def _with_primary(seen: Observation, site: str, policy: Policy) -> Cause:
    """Name what is wrong around a primary that answers."""
    active, other = seen.sites[site], seen.sites[peer(seen, site)]
    silent = not fresh(seen, site, policy.lease + policy.margin)
    unarmed = active.mark is None or not active.mark.armed
    status = active.instance.status or ""
    causes = (
        (gate.shut_by(active.gate, gate.OWN), Cause.ISOLATED),
        (_left_shut(seen, active), Cause.SHUT),
        (status in BY_STATUS, BY_STATUS.get(status, Cause.UNCLEAR)),
        (other.instance.replica is False or other.instance.status == "absent", Cause.UNPROTECTED),
        (stance(other) is not Stance.REPLICA or other.instance.status not in (None, "available"), Cause.REPLICA_ILL),
        (other.sql.streaming is not True, Cause.REPLICATION_BROKEN),
        (active.instance.status is None, Cause.CONTROL_PLANE),
        (silent or unarmed, Cause.WATCHDOG_SILENT),
    )
    return next((cause for true, cause in causes if true), Cause.NOTHING)


def _left_shut(seen: Observation, active: Sight) -> bool:
    """Tell whether no move is under way, and the deny of one keeps clients out."""
    resting = seen.state is not None and seen.state.move is None
    return resting and any(gate.shut_by(active.gate, deny) for deny in gate.of_moves(active.gate))


def _by_rds(active: Sight) -> Cause | None:
    if active.instance.failing_over:
        return Cause.MULTI_AZ
    status = active.instance.status
    if status is None or status in EXPLAIN_NOTHING:
        return None
    return BY_STATUS.get(status, Cause.MAINTENANCE)


def _by_server(active: Sight) -> Cause | None:
    return {
        Answer.CROWDED: Cause.OVERLOADED,
        Answer.STARTING: Cause.STARTING,
        Answer.REFUSING: Cause.UNWELL,
        Answer.ANSWERED: Cause.UNCLEAR,
    }.get(active.sql.answer)


def _of_silence(seen: Observation, site: str, policy: Policy) -> Cause:
    """Name a silence that neither RDS nor the server explains: its replica and its watchdog are the witnesses left."""
    active, other = seen.sites[site], seen.sites[peer(seen, site)]
    if other.sql.streaming is True:
        return Cause.STREAMING
    if _unseen(active):
        if gone(seen, site, policy):
            return Cause.GONE
        return Cause.CUT_OFF if fresh(seen, site, policy.lease + policy.margin) else Cause.UNCLEAR
    known = active.sql.answer is Answer.SILENT and active.instance.status is not None
    known = known and active.instance.failing_over is not None
    return Cause.DEAD if known and _fell_silent(seen, site) else Cause.UNCLEAR


def _fell_silent(seen: Observation, site: str) -> bool:
    """Tell whether the replica hears nothing any more from a primary that fed it when it was last seen well.

    A receiver that had been silent before bears no witness, and the probe alone may be what is broken.
    """
    pulse = seen.pulse
    if pulse is None or pulse.site != site or pulse.fed is None:
        return False
    return pulse.at - pulse.fed <= FED_SECONDS and seen.sites[peer(seen, site)].sql.streaming is False
