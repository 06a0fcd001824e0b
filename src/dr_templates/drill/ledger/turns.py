"""Who wrote when: in an acceptance the database took a write somewhere between its sending and its answer.

From that alone it can be told for certain that another database has taken over, and that one came back.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Acceptance:
    """One write a database accepted: whose answer, and within which time."""

    database: str
    sent: float
    answered: float


@dataclass(frozen=True)
class Turn:
    """Another database takes the writes: at ``at`` it had answered one that was sent (``sent``) after its own time.

    ``back`` says that ``after`` had had a turn before.
    """

    at: float
    sent: float
    before: str
    after: str
    back: bool


@dataclass(frozen=True)
class _Link:
    """The end of a chain of acceptances, each certainly after the one before it and of another database."""

    length: int
    last: Acceptance
    rest: _Link | None


def turns(acceptances: Iterable[Acceptance]) -> tuple[Turn, ...]:
    """Give the turns that must have been, in order: the most of which each is certainly after the one before.

    A write that may have been accepted before the other took over makes no turn: its answer may only have been late.
    """
    chains: dict[str, list[_Link]] = {}
    for one in sorted(acceptances, key=lambda one: one.answered):
        rest = max(
            (link for database, links in chains.items() if database != one.database for link in _before(one, links)),
            key=lambda link: link.length,
            default=None,
        )
        link = _Link(rest.length + 1 if rest else 1, one, rest)
        known = chains.setdefault(one.database, [])
        if not known or known[-1].length < link.length:
            known.append(link)
    ends = [links[-1] for links in chains.values()]
    return _told(max(ends, key=lambda link: link.length, default=None))


def _before(one: Acceptance, links: list[_Link]) -> list[_Link]:
    """Give the longest of a database's chains that was over when a write was sent; longer ones were over later."""
    index = bisect_left(links, one.sent, key=lambda link: link.last.answered)
    return links[max(0, index - 1) : index]


def _told(link: _Link | None) -> tuple[Turn, ...]:
    chain = []
    while link is not None:
        chain.append(link.last)
        link = link.rest
    found: list[Turn] = []
    had: set[str] = set()
    for old, new in pairwise(reversed(chain)):
        had.add(old.database)
        found.append(Turn(new.answered, new.sent, old.database, new.database, new.database in had))
    return tuple(found)


def unexplained(found: Iterable[Turn], moves: Sequence[float]) -> tuple[Turn, ...]:
    """Give the turns back that no move explains; ``moves`` tells when each began, and each explains one turn after it.

    What is left means that two databases took writes by turns, so both were open.
    """
    left = sorted(moves)
    wrong = []
    for turn in found:
        if left and left[0] <= turn.at:
            left.pop(0)
        elif turn.back:
            wrong.append(turn)
    return tuple(wrong)
