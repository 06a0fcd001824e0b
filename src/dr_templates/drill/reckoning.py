"""Reckons a drill up: what the clients lost, how long they waited and for what, and whether what had to hold held."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dr_templates.aws.journal import Entry as Step
from dr_templates.drill.judge import double_writable, wrong_name
from dr_templates.drill.ledger.book import Entry, Kind
from dr_templates.drill.ledger.count import Count, count
from dr_templates.drill.ledger.outage import Outage, longest_outage, rates
from dr_templates.drill.ledger.table import Row
from dr_templates.drill.phases import Clocks, Course, measured
from dr_templates.drill.report.model import Counted, Measured, Rated, Sampled
from dr_templates.drill.scenario import Scenario
from dr_templates.drill.watching import Watching
from dr_templates.failover.cause import Cause
from dr_templates.failover.model import Verb
from dr_templates.lab.clock import Clock

BUCKET = 0.25
SCHEDULE_SECONDS = 60.0
"""How far apart the controller's looks are."""
SLACK = 2.0
"""Real seconds: a link that is well is no further behind, samples follow each other, and clients write as often."""
AFTER = 1.0
"""Real seconds before the break from which on an outage counts as its consequence."""


@dataclass(frozen=True)
class Standing:
    """What stands when a drill is over: who is active, and whether a move is still under way.

    ``serving`` is the site whose database takes writes and can be reached, by its server's own word, if just one does.
    ``promotions`` is how often RDS was asked for one, ``reaching`` from which places the active site can be reached.
    ``restarted`` is when RDS had the active site's server up last (real seconds), None when it never said so.
    """

    active: str
    moving: bool = False
    serving: str | None = None
    promotions: int = 0
    reaching: frozenset[str] = frozenset()
    restarted: float | None = None


@dataclass(frozen=True)
class Ended:
    """What a drill leaves: the book, the rows behind the name, what was watched, what stands now.

    ``broke`` is when it broke, ``unlinked`` from when on the replica may not have had everything: real seconds.
    """

    scenario: Scenario
    book: Sequence[Entry]
    rows: Sequence[Row]
    watched: Watching
    broke: float
    unlinked: float
    now: Standing


def counted(ended: Ended) -> tuple[Count, Counted]:
    """Count what the clients were told against what is there."""
    found = count(ended.book, ended.rows)
    refused = sum(one.kind is Kind.REFUSED for one in ended.book)
    words = Counted(
        acknowledged=found.acknowledged,
        lost=found.lost,
        in_doubt=found.doubtful_present + found.doubtful_absent,
        kept=found.doubtful_present,
        refused=refused,
        lost_seconds=lost_seconds(ended.book, ended.rows) * ended.watched.stage.clock.rate,
    )
    return found, words


def lost_seconds(book: Iterable[Entry], rows: Iterable[Row]) -> float:
    """Say how long before the newest acknowledged write that is missing the newest one that is there was acknowledged.

    In seconds of the machine's clock; 0 when none is missing. Only what was acknowledged before counts: the clients go
    on writing to the new primary.
    """
    there = {(row.worker, row.number) for row in rows}
    told = [one for one in book if one.kind is Kind.ACKNOWLEDGED]
    missing = [one.at for one in told if (one.worker, one.number) not in there]
    if not missing:
        return 0.0
    kept = [one.at for one in told if (one.worker, one.number) in there and one.at <= min(missing)]
    return max(missing) - max(kept, default=min(missing))


def outage(ended: Ended) -> Outage | None:
    """Give the longest time without an acknowledged write from the break on.

    From the last one to the end of the drill it is none, unless clients would have written again long since.
    """
    marks = [one for one in ended.book if one.at >= ended.broke - AFTER]
    begun = Entry(Kind.STARTED, ended.broke - AFTER)
    found = longest_outage([begun, *marks])
    if found is not None and not found.over and found.seconds <= SLACK:
        return longest_outage([begun, *(one for one in marks if one.kind is not Kind.STOPPED)])
    return found


def course(ended: Ended, found: Outage) -> Course:
    """Find when what was reached, by the journal and the samples."""
    watched, clock = ended.watched, ended.watched.stage.clock
    home, away = watched.stage.names.home, watched.stage.names.peer(watched.stage.names.home)
    steps = [step for step in watched.steps if not step.trouble]
    promoted = [step for step in steps if step.verb == Verb.PROMOTE] or _sealed(steps)
    if not promoted or ended.now.active == home:
        return Course(ended.broke)
    epoch = promoted[-1].epoch
    asked = clock.real(promoted[-1].at)
    opened = [one.answered for sample in watched.samples for one in sample.accepted if one.database == away]
    if ended.now.restarted is not None and ended.now.restarted > asked:
        opened.append(ended.now.restarted)
    moved = [one.at for one in watched.samples if one.at >= asked and away in one.name.values()]
    return Course(
        broke=ended.broke,
        agreed=_agreed(watched, epoch, clock, found),
        locked=_done(steps, (Verb.LOCK, Verb.TAKE), clock, asked),
        fenced=clock.real(watched.shut[epoch]) if epoch in watched.shut else None,
        sealed=_done(steps, (Verb.SEAL,), clock, asked),
        asked=asked,
        named=_done(steps, (Verb.NAME,), clock, found.end),
        open=min(opened, default=None),
        verified=_done(steps, (Verb.VERIFY,), clock, found.end),
        found=min(moved, default=None),
    )


def _sealed(steps: Iterable[Step]) -> list[Step]:
    """Give the seals: whoever wrote one promotes in the same breath, and may have died before that was written down."""
    return [step for step in steps if step.verb == Verb.SEAL]


def _agreed(watched: Watching, epoch: int, clock: Clock, found: Outage) -> float | None:
    """Say when the witnesses had agreed for the patience; None for a move that a person asked for."""
    suspicion = watched.suspicions.get(epoch)
    if suspicion is None:
        return None
    return min(found.end, clock.real(suspicion.since + watched.stage.policy.patience))


def _done(steps: Iterable[Step], verbs: Sequence[str], clock: Clock, by: float) -> float | None:
    """Say when the last of these steps up to a time was done."""
    times = [clock.real(step.at) for step in steps if step.verb in verbs]
    return max((at for at in times if at <= by + 0.001), default=None)


def split(ended: Ended, found: Outage) -> Measured:
    """Split the outage into phases."""
    stage = ended.watched.stage
    clocks = Clocks(stage.clock.rate, stage.policy.settle, stage.config.dns.ttl_seconds, detection(ended))
    return measured((found.begin, found.end), course(ended, found), clocks)


def detection(ended: Ended) -> float:
    """Say how long policy and schedule may take until a move is begun, in AWS's seconds: a look, and the patience.

    A site that cannot be reached counts as gone only after its lease and a margin.
    """
    policy = ended.watched.stage.policy
    away = ended.scenario.cause in (Cause.GONE, Cause.ISOLATED)
    return SCHEDULE_SECONDS + policy.patience + (policy.lease + policy.margin if away else 0.0)


def sampled(ended: Ended) -> Sampled:
    """Count samples, and those that must not be."""
    samples = ended.watched.samples
    return Sampled(len(samples), double_writable(samples, moves(ended)), len({one.at for one in wrong_name(samples)}))


def moves(ended: Ended) -> tuple[float, ...]:
    """Say when each move that was sealed began, in seconds of the machine's clock."""
    clock = ended.watched.stage.clock
    sealed = {step.epoch for step in ended.watched.steps if step.verb in (Verb.SEAL, Verb.RETURN)}
    begun: dict[int, float] = {}
    for step in ended.watched.steps:
        if step.epoch in sealed:
            begun[step.epoch] = min(begun.get(step.epoch, step.at), step.at)
    return tuple(sorted(clock.real(at) for at in begun.values()))


def rated(ended: Ended) -> Rated | None:
    """Give the writes by bucket; None when there were none."""
    found = rates(ended.book, BUCKET)
    return Rated(found[0][0], BUCKET, tuple(writes for _, writes in found)) if found else None
