"""What a site is, from what was seen of it; and whether it is fenced, or gone, so that another may take its place."""

from __future__ import annotations

from typing import Final

from dr_templates.failover import gate
from dr_templates.failover.model import CLOCKS, Answer, Mark, Observation, Policy, Sight, Sql, Stance

UNWATCHED_SECONDS: Final = 30.0 + CLOCKS
"""A living watchdog leaves no longer gap between two marks than this, by clocks that may differ."""


def stance(sight: Sight) -> Stance:
    """Give the one word for a site.

    FENCED is what clients cannot reach: its gate is shut in both directions, and a database that answers has no client
    session left. What does not answer and is not shut is UNKNOWN: silence is not death.
    """
    if sight.sql.answer is Answer.ANSWERED:
        if sight.sql.in_recovery is None:
            return Stance.UNKNOWN
        if sight.sql.in_recovery:
            return Stance.REPLICA
        return Stance.FENCED if gate.shut(sight.gate) and sight.sql.sessions == 0 else Stance.PRIMARY
    if sight.instance.status == "absent":
        return Stance.ABSENT
    if gate.shut(sight.gate) and sight.instance.replica is not True:
        return Stance.FENCED
    return Stance.UNKNOWN


def writable(sql: Sql) -> bool:
    """Tell whether the database said itself that it takes writes."""
    return sql.answer is Answer.ANSWERED and sql.in_recovery is False


def fenced_for(sight: Sight, epoch: int) -> bool:
    """Tell whether a site is shut for this very epoch, so that nobody who acts on older news can open it again.

    Either the epoch's own deny is seen, or the site's watchdog has told that it put it there (a mark reaches us by way
    of the other site when nothing else does). A database that answers must have no client session either.
    """
    shut = gate.shut_by(sight.gate, gate.number(epoch)) or (sight.mark is not None and sight.mark.shut == epoch)
    return shut and (sight.sql.answer is not Answer.ANSWERED or sight.sql.sessions == 0)


def peer(seen: Observation, site: str) -> str:
    """Name the other site."""
    (other,) = (name for name in seen.sites if name != site)
    return other


def fresh(seen: Observation, site: str, seconds: float) -> bool:
    """Tell whether the site's watchdog has left a mark no longer ago than that."""
    mark = seen.sites[site].mark
    return mark is not None and seen.at - mark.at <= seconds


def gone(seen: Observation, site: str, policy: Policy) -> bool:
    """Tell whether two of three places agree that a site cannot be serving anybody (fact A50).

    Both tables that could hold its mark were read, and neither has one of the last ``lease`` plus ``margin`` seconds:
    so its watchdog, which had been able to fence, has fenced it by now, or died with it. Nothing at the site answers,
    and the replica hears nothing from it.

    A site that never left a mark has no watchdog to rely on. Nor has one that was seen to take writes long after its
    last mark: there the watchdog had died before the site fell silent. When nobody knows when it was last seen, a
    person who goes on alone has to.

    A site that was about to be promoted feeds nobody whose receiver could bear witness. So not even RDS's API may
    answer there, and its watchdog must have known of the move, and have been alive when the site last answered: then
    it has shut also what was a replica still.
    """
    sight = seen.sites[site]
    if not (sight.heard and sight.mark is not None and sight.mark.armed):
        return False
    if fresh(seen, site, policy.lease + policy.margin) or sight.sql.answer not in (Answer.UNASKED, Answer.SILENT):
        return False
    move = seen.state.move if seen.state is not None and seen.state.hands_over_to(site) else None
    if move is not None:
        return (
            sight.instance.status is None
            and 0 < move.first == sight.mark.due
            and move.answered - sight.mark.at <= UNWATCHED_SECONDS
        )
    return _watched(seen, site, sight.mark) and seen.sites[peer(seen, site)].sql.streaming is False


def _watched(seen: Observation, site: str, mark: Mark) -> bool:
    pulse = seen.pulse
    if pulse is None or pulse.site != site:
        return seen.state is not None and seen.state.alone != ""
    return pulse.at - mark.at <= UNWATCHED_SECONDS
