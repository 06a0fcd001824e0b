"""What a world is made of besides its databases: its manners, its places' tables, its gates."""

from __future__ import annotations

from dataclasses import dataclass, field

from dr_templates.failover.model import Gate, Mark, Pulse
from dr_templates.failover.state import State


@dataclass(frozen=True)
class Manner:
    """How the world behaves where it may. Seconds.

    ``lag``: how far the stream is behind. ``linger``: how long RDS still calls a replica available after it was told to
    promote it (fact A27). ``reboot``: until its source is gone, and ``finish``: until it takes connections.
    ``cuts_stream``: whether a fence also cuts the stream, which AWS does not document (fact A22).
    ``late``: how long after EC2 tells of a deny it stops the first packet.
    """

    lag: float = 0.4
    linger: float = 6.0
    reboot: float = 40.0
    finish: float = 20.0
    cuts_stream: bool = False
    late: float = 2.0


@dataclass
class Table:
    """A place's table, as far as it is used there."""

    state: State | None = None
    marks: dict[str, Mark] = field(default_factory=dict)
    pulse: Pulse | None = None
    acked: float | None = None
    journal: list[str] = field(default_factory=list)


@dataclass
class Doors:
    """The denies in the NACL before a database, by direction, each with the time since when EC2 tells of it."""

    entering: dict[int, float] = field(default_factory=dict)
    leaving: dict[int, float] = field(default_factory=dict)

    def look(self) -> Gate:
        """Give them as EC2 tells."""
        return Gate(frozenset(self.entering), frozenset(self.leaving))

    def lift(self, denies: frozenset[int]) -> None:
        """Lift some denies in both directions."""
        for way in (self.leaving, self.entering):
            take(way, denies)


def put(way: dict[int, float], denies: frozenset[int], at: float) -> None:
    """Set some denies in one direction; one that stands already stays as it is."""
    for deny in denies:
        way.setdefault(deny, at)


def take(way: dict[int, float], denies: frozenset[int]) -> None:
    """Lift some denies in one direction; one that is missing is fine."""
    for deny in denies:
        way.pop(deny, None)
