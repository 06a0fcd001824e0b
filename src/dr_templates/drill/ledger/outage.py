"""When nobody could write, and who wrote where: what the book tells about time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dr_templates.drill.ledger.book import Entry, Kind
from dr_templates.drill.ledger.turns import Acceptance, Turn, turns, unexplained

BUCKET = 0.25

WANTED = frozenset({Kind.STARTED, Kind.FREED})
UNWANTED = frozenset({Kind.HELD, Kind.STOPPED})


@dataclass(frozen=True)
class Outage:
    """A time in which no commit was acknowledged although clients wanted to write (seconds of the machine's clock).

    ``over`` is False when there was none before the clients stopped.
    """

    begin: float
    end: float
    over: bool

    @property
    def seconds(self) -> float:
        """How long it was."""
        return self.end - self.begin


def longest_outage(book: Sequence[Entry], place: str | None = None) -> Outage | None:
    """Give the longest outage, for the clients of one place or of all; None when the clients never began.

    Time in which they were held does not count, so an outage that begins meanwhile begins when they are let go on.
    """
    longest: Outage | None = None
    since: float | None = None
    for entry in sorted(book, key=lambda one: one.at):
        done = entry.kind is Kind.ACKNOWLEDGED and place in (None, entry.place)
        if since is not None and (done or entry.kind in UNWANTED):
            found = Outage(since, entry.at, over=done)
            longest = found if longest is None or found.seconds > longest.seconds else longest
        if entry.kind in UNWANTED:
            since = None
        elif entry.kind in WANTED or (done and since is not None):
            since = entry.at
    return longest


def places(book: Iterable[Entry]) -> tuple[str, ...]:
    """Name the places from which somebody tried to write."""
    return tuple(sorted({entry.place for entry in book if entry.worker}))


def outages(book: Sequence[Entry]) -> dict[str, Outage]:
    """Give each place's longest outage."""
    found = {place: longest_outage(book, place) for place in places(book)}
    return {place: outage for place, outage in found.items() if outage is not None}


def rates(book: Iterable[Entry], width: float = BUCKET) -> list[tuple[float, int]]:
    """Count acknowledged writes per bucket of ``width`` seconds: (begin of the bucket, writes), none left out."""
    counts = Counter(int(entry.at // width) for entry in book if entry.kind is Kind.ACKNOWLEDGED)
    if not counts:
        return []
    return [(bucket * width, counts[bucket]) for bucket in range(min(counts), max(counts) + 1)]


def writer_turns(book: Iterable[Entry]) -> tuple[Turn, ...]:
    """Give every time it was certain that another address takes the clients' writes."""
    return turns(Acceptance(one.address, one.sent, one.at) for one in book if one.kind is Kind.ACKNOWLEDGED)


def two_writers(book: Iterable[Entry], moves: Sequence[float] = ()) -> tuple[Turn, ...]:
    """Give the turns back to an address that no move explains; ``moves`` tells when each that was finished began.

    There is none unless two databases acknowledged clients' writes at once.
    """
    return unexplained(writer_turns(book), moves)
