"""What samples prove: that two databases took clients' writes at once, or that the name pointed at the wrong one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dr_templates.drill.ledger.turns import Acceptance, turns, unexplained
from dr_templates.drill.sampler import Sample

NEAR = 0.1
"""Acceptances of two databases that are less than this apart (seconds) count as at once: nobody moves that quickly."""


@dataclass(frozen=True)
class WrongName:
    """At ``at`` the name pointed, for clients at ``place``, at a database that was fenced or in recovery.

    Meanwhile ``writable`` took writes, and had for ``seconds`` since the sample in which it was first seen to.
    """

    at: float
    place: str
    target: str
    writable: str
    seconds: float


def double_writable(samples: Sequence[Sample], moves: Sequence[float] = ()) -> int:
    """Count the samples that prove two databases writable for clients at once.

    An acceptance counts from its sending to its answer. It proves it when one of another database is less than ``NEAR``
    away, or when its database had certainly been succeeded by another and no move (``moves`` tells when each that was
    finished began) brought it back.
    """
    accepted = sorted((one for sample in samples for one in sample.accepted), key=lambda one: one.answered)
    guilty = _at_once(accepted)
    backs = unexplained(turns(one for one in accepted if one not in guilty), moves)
    guilty |= {one for one in accepted for turn in backs if _is(one, turn.after, turn.at)}
    return sum(any(one in guilty for one in sample.accepted) for sample in samples)


def wrong_name(samples: Iterable[Sample]) -> tuple[WrongName, ...]:
    """Give each sample and place with the name at a fenced database or a replica while another one takes writes.

    The look and the writes of one sample may be as far apart as the sampler's bound, and the name may point anywhere
    while nothing is writable, or at a database that does not answer at all: whoever broke it knows. A target that is
    none of the databases is wrong too, one that was not resolved is not.
    """
    found: list[WrongName] = []
    since: dict[str, float] = {}
    for sample in samples:
        now = {database for answers in sample.writable.values() for database, yes in answers.items() if yes}
        since = {database: since.get(database, sample.at) for database in now}
        for place, target in sample.name.items():
            if target is None or (target in now and sample.stances.get(target) is not True):
                continue
            if target in sample.stances and sample.stances[target] is None:
                continue
            found += [
                WrongName(sample.at, place, target, one, sample.at - since[one]) for one in sorted(now - {target})
            ]
    return tuple(found)


def _at_once(accepted: Sequence[Acceptance]) -> set[Acceptance]:
    """Compare each acceptance with those answered later, as far as the longest wait for an answer lets them be near."""
    guilty: set[Acceptance] = set()
    longest = max((one.answered - one.sent for one in accepted), default=0.0)
    for index, one in enumerate(accepted):
        for other in accepted[index + 1 :]:
            if other.answered - one.answered > NEAR + longest:
                break
            if other.database != one.database and other.sent - one.answered < NEAR:
                guilty |= {one, other}
    return guilty


def _is(one: Acceptance, database: str, answered: float) -> bool:
    return one.database == database and one.answered == answered
