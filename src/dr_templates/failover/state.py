"""What the state table remembers: who is active, which epoch it is, and the move under way.

One document. Every write replaces it as a whole, and only if it still is what the writer has read (``serial``); so
whatever two runners do, one of them is told that it is late.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

DOUBT_SECONDS: Final = 3600.0
"""How long a replica that was about to be promoted must have been seen well before its readers come back: far longer
than RDS takes to begin. One that comes about even later is shut within a tick, as any site that is not active."""


class Kind(StrEnum):
    """Planned, nothing is lost; or unplanned."""

    SWITCHOVER = "switchover"
    FAILOVER = "failover"


class Phase(StrEnum):
    """How far a move is. Until SEALED everything can be undone; both ways end in DONE.

    A sealed move goes on. Where its target never comes up a person can have it TURNING: once the target is parted from
    its clients, the move is sealed the other way round.
    """

    OPEN = "open"
    CALLED_OFF = "called-off"
    SEALED = "sealed"
    TURNING = "turning"
    DONE = "done"


@dataclass(frozen=True)
class Proof:
    """Why a promotion was right, written down before it: the cluster, its timeline, and how far each side was.

    ``written`` is the last position of the fenced source, None when it could not be asked; ``replayed`` the replica's.
    ``loss_seconds`` is the most that may be missing, 0 for a planned move and None when nobody can tell; ``loss_bytes``
    what is known to be missing.
    """

    at: float
    shut: str
    system: str | None = None
    timeline: int | None = None
    written: int | None = None
    replayed: int | None = None
    beat: int | None = None
    loss_seconds: float | None = None
    loss_bytes: int | None = None


@dataclass(frozen=True)
class Move:
    """A move under way. ``holder`` has the lock until ``until`` and renews it; past that anybody may go on with it.

    ``cause`` is empty when a person asked; ``approved`` names the person who said yes to what it costs, and ``told``
    says that people have been asked to. ``fenced`` is when the site to be parted from its clients was first seen shut;
    ``answered`` when the target of a sealed move last answered. ``back`` says that a sealed move was turned back.
    ``turned`` is when it came to its phase; of an open planned one, when it began to shut. ``first`` is the epoch
    as which it was begun, whatever it is by now: what a watchdog knows it by.
    """

    epoch: int
    kind: Kind
    source: str
    target: str
    holder: str
    until: float
    begun: float
    by: str
    cause: str = ""
    approved: str | None = None
    phase: Phase = Phase.OPEN
    fenced: float | None = None
    answered: float = 0.0
    back: bool = False
    first: int = 0
    told: bool = False
    turned: float = 0.0
    asked: float | None = None
    named: bool = False
    verified: float | None = None
    detached: bool = False
    proof: Proof | None = None
    result: str = ""
    left: tuple[str, ...] = ()

    @property
    def towards(self) -> str:
        """The site it leads to: its target, or its source while it is turned back."""
        return self.source if self.phase is Phase.TURNING else self.target


@dataclass(frozen=True)
class Ended:
    """The last move, in a line: ``moved`` or not, and why. ``left`` names what it could not finish.

    ``back`` says that it returned to the site that another had been about to take over from.
    """

    epoch: int
    kind: Kind
    source: str
    target: str
    moved: bool
    at: float
    result: str
    left: tuple[str, ...] = ()
    back: bool = False


@dataclass(frozen=True)
class Pause:
    """Nothing moves until then: who said so, and why."""

    by: str
    reason: str
    until: float


@dataclass(frozen=True)
class Suspicion:
    """Since when all witnesses agree on a cause that may act, and when that was last seen."""

    cause: str
    since: float
    seen: float


@dataclass(frozen=True)
class Doubt:
    """A site that a move was turned back from, and since when it has been seen to be a well replica; None for not."""

    site: str
    well: float | None = None


@dataclass(frozen=True)
class State:
    """The document. ``active`` is the site that may take writes; ``serial`` 0 means nobody has written it yet.

    ``drilled`` is when a planned move or a drill last succeeded, 0 for never. ``alone`` names the person on whose word
    a site goes on without the control region: its own table holds the truth then, until control is back and takes over.
    ``doubt`` is about a site that may be promoted although nobody wants it any more.
    """

    active: str
    serial: int = 0
    epoch: int = 0
    move: Move | None = None
    pause: Pause | None = None
    cool_until: float = 0.0
    suspicion: Suspicion | None = None
    last: Ended | None = None
    drilled: float = 0.0
    alone: str = ""
    doubt: Doubt | None = None

    def paused(self, at: float) -> bool:
        """Tell whether a pause holds at this time."""
        return self.pause is not None and at < self.pause.until

    @property
    def age(self) -> tuple[int, int]:
        """Give what orders documents, wherever they are kept: the later one's is the greater."""
        return (self.epoch, self.serial)

    def newer_than(self, other: State) -> bool:
        """Tell which of two documents is the later one."""
        return self.age > other.age

    def doubts(self, site: str) -> bool:
        """Tell whether a move to this site was turned back, so that it may be promoted, which nobody wants.

        RDS shows the source of an instance, and calls it available, for a while after it was asked to promote it (A26).
        """
        return self.doubt is not None and self.doubt.site == site

    def hands_over_to(self, site: str) -> bool:
        """Tell whether a move is under way that has made this site active, and has not seen it take a write yet."""
        move = self.move
        return move is not None and move.target == site and move.phase in (Phase.SEALED, Phase.TURNING)


def succeed(state: State, **changes: object) -> State:
    """Give the next document: these fields changed, the serial one higher."""
    return replace(state, serial=state.serial + 1, **changes)  # type: ignore[arg-type]  # fields by name, which mypy cannot follow
