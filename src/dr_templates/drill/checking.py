"""Says of everything that must hold in a drill whether it did. What could not be seen has not held."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from dr_templates.drill.ledger.book import Entry, Kind
from dr_templates.drill.ledger.count import Count
from dr_templates.drill.ledger.outage import Outage, two_writers
from dr_templates.drill.reckoning import SLACK, Ended, moves
from dr_templates.drill.report.model import Checked, Counted, Measured
from dr_templates.failover.model import Verb


def checks(ended: Ended, found: Count, longest: Outage | None) -> tuple[Checked, ...]:
    """Give all checks but those of the objectives."""
    told = (*_roles(ended), *_writes(ended, found), *_clients(ended, longest), *_of_scenario(ended, longest))
    return (*told, _seen(ended))


def objectives(ended: Ended, rto: float, split_up: Measured | None, told: Counted) -> tuple[Checked, ...]:
    """Hold what was measured against what was promised: the outage at AWS's clocks, and what is missing (seconds)."""
    rpo = ended.watched.stage.policy.rpo
    found: list[Checked] = []
    if split_up is not None:
        there = split_up.projected.at_most_seconds
        found.append(Checked("RTO", there <= rto, f"{there:.0f} s at most at AWS's clocks, {rto:.0f} s promised"))
    if not ended.scenario.over_rpo:
        words = f"{told.lost_seconds:.0f} s of writes lost, {rpo:.0f} s allowed"
        found.append(Checked("RPO", told.lost_seconds <= rpo, words))
    return tuple(found)


def _roles(ended: Ended) -> Iterator[Checked]:
    """Check who is primary, by the document, by the servers' own word, and how it came about."""
    stage, scenario, now = ended.watched.stage, ended.scenario, ended.now
    home = stage.names.home
    wanted = stage.names.peer(home) if scenario.moves else home
    yield Checked("who is active", now.active == wanted, f"{now.active} is, {wanted} had to be")
    serving = now.serving or "neither site, or both"
    yield Checked("whose database is primary", now.serving == wanted, f"{serving} by the servers' own word")
    yield Checked("no move is under way", not now.moving, "one still is" if now.moving else "none is")
    asked = (1,) if scenario.moves else (0,)
    yield Checked("promotions", now.promotions in asked, f"RDS was asked {now.promotions} times")
    if not scenario.moves and not scenario.asked:
        begun = [step.verb for step in ended.watched.steps if step.verb in (Verb.LOCK, Verb.FENCE, Verb.SEAL)]
        yield Checked("no move was begun", not begun, ", ".join(begun) or "none was")


def _writes(ended: Ended, found: Count) -> Iterator[Checked]:
    """Check that all that clients were told is there, but for what was no longer replicated."""
    stage, there = ended.watched.stage, {(row.worker, row.number) for row in ended.rows}
    gone = [one for one in ended.book if one.kind is Kind.ACKNOWLEDGED and (one.worker, one.number) not in there]
    late = [one for one in gone if one.sent < ended.unlinked - SLACK]
    yield Checked("nothing is lost that had been replicated", not late, f"{len(late)} writes of before the break")
    new = [one for one in gone if _address(ended, one) != stage.names.home]
    yield Checked("nothing is lost that the new primary took", not new, f"{len(new)} writes")
    odd = found.refused_present + found.strangers
    words = f"{found.refused_present} refused writes present, {found.strangers} unknown rows"
    yield Checked("nothing is there that was not written", not odd, words)
    if ended.scenario.lost is not None:
        words = f"{found.lost}, expected {ended.scenario.lost}"
        yield Checked("writes lost", found.lost == ended.scenario.lost, words)


def _address(ended: Ended, one: Entry) -> str | None:
    """Name the site that acknowledged a write."""
    return ended.watched.addresses.get(one.address)


def _clients(ended: Ended, longest: Outage | None) -> Iterator[Checked]:
    """Check that everybody who can reach the active site writes again, and that nobody wrote to two databases."""
    back = two_writers(ended.book, moves(ended))
    yield Checked("clients were answered by one database at a time", not back, f"{len(back)} turns back")
    stopped = max((one.at for one in ended.book if one.kind is Kind.STOPPED), default=0.0)
    heard = {one.place for one in ended.book if one.kind is Kind.ACKNOWLEDGED and stopped - SLACK <= one.at <= stopped}
    silent = sorted(ended.now.reaching - heard)
    yield Checked("clients write again", bool(heard) and not silent, f"silent: {', '.join(silent) or 'nobody'}")
    if ended.scenario.gap is not None and longest is not None:
        gap = longest.seconds * ended.watched.stage.clock.rate
        yield Checked(
            "no gap", gap <= ended.scenario.gap, f"{gap:.1f} s at AWS's clocks, {ended.scenario.gap:g} allowed"
        )


def _seen(ended: Ended) -> Checked:
    """Check that the sampler has seen the old primary before, the new one after, and was never blind."""
    samples, stage = ended.watched.samples, ended.watched.stage
    accepted = [one for sample in samples for one in sample.accepted]
    before = any(one.database == stage.names.home and one.answered < ended.broke for one in accepted)
    last = samples[-1].at if samples else 0.0
    after = any(one.database == ended.now.active and one.answered > last - SLACK for one in accepted)
    gaps = [second.at - first.at for first, second in pairwise(samples)]
    longest = max(gaps, default=0.0)
    words = f"before the break: {before}, at the end: {after}, {longest:.1f} s between two samples at most"
    return Checked("the sampler saw", before and after and longest <= SLACK, words)


def _of_scenario(ended: Ended, longest: Outage | None) -> Iterator[Checked]:
    """Check what only some scenarios ask for."""
    scenario = ended.scenario
    if longest is not None:
        yield Checked("the outage is over", longest.over, "it is" if longest.over else "it was not before the end")
    if scenario.cause is not None:
        causes = {cause for cause, at in ended.watched.causes if at >= ended.broke}
        words = f"{', '.join(sorted(filter(None, causes)))}; expected {scenario.cause}"
        yield Checked("the controller names the cause", scenario.cause in causes, words)
    if scenario.planned:
        yield _proven(ended)


def _proven(ended: Ended) -> Checked:
    """Say whether a planned move had proved by position that nothing was missing before it promoted."""
    seals = [step.proof for step in ended.watched.steps if step.verb == Verb.SEAL and step.proof is not None]
    proof = seals[-1] if seals else None
    proven = (
        proof is not None
        and proof.written is not None
        and proof.replayed is not None
        and proof.replayed >= proof.written
    )
    words = f"written {proof.written}, replayed {proof.replayed}" if proof else "there is no proof"
    return Checked("the replica had replayed all before it was promoted", proven, words)
