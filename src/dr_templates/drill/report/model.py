"""What is recorded while a drill runs, a word for each kind of thing.

``at``, ``began`` and lengths of time are real seconds of this machine unless it is said that they are the lab's, which
are AWS's: the lab's clock runs ``scale`` times as fast.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final, TypeAlias

from dr_templates.drill.report import bounds
from dr_templates.lab.clock import Clock

_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Phases:
    """What the time without writes went on, one phase after another. Raises ``ValueError`` for a length below zero."""

    detect: float = 0.0
    decide: float = 0.0
    fence: float = 0.0
    drain: float = 0.0
    promote: float = 0.0
    verify: float = 0.0
    move: float = 0.0
    reconnect: float = 0.0

    def __post_init__(self) -> None:
        for name, seconds in self.each():
            bounds.length(name, seconds)

    def each(self) -> tuple[tuple[str, float], ...]:
        """Give name and length of each, in their order."""
        return tuple(asdict(self).items())

    @property
    def total(self) -> float:
        """Give all of them together."""
        return math.fsum(seconds for _, seconds in self.each())


@dataclass(frozen=True)
class Projected:
    """The outage as it would be at AWS's own clocks: what none of them imposed counts as it was measured.

    ``at_most_seconds`` counts that too as if it went by AWS's clocks, as far as it was waited and not computed it does.
    Raises ``ValueError`` when the phases do not add up to the outage, or it is more than that.
    """

    outage_seconds: float
    phases: Phases
    at_most_seconds: float

    def __post_init__(self) -> None:
        _adds_up(self.phases, self.outage_seconds)
        bounds.length("at_most_seconds", self.at_most_seconds)
        if self.at_most_seconds < self.outage_seconds - bounds.LEAST:
            fault = f"{self.outage_seconds} s are more than {self.at_most_seconds} s at most"
            raise ValueError(fault)


@dataclass(frozen=True)
class Objectives:
    """What was promised: how long writes may be refused, and how much of them may be missing, at AWS's clocks."""

    rto_seconds: float
    rpo_seconds: float


@dataclass(frozen=True)
class Started:
    """The first entry: what is going to be broken, what should come of it, and with what.

    ``clock`` and ``scale`` are start and rate of the lab's clock. Raises ``ValueError`` for a scenario's name that
    could not be a file's, and for a rate that no clock has.
    """

    scenario: str
    title: str
    breaks: str
    expected: str
    objectives: Objectives
    scale: float
    clock: float
    versions: Mapping[str, str]
    configuration: Mapping[str, str]

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.scenario):
            fault = f"{self.scenario!r} is no scenario's name"
            raise ValueError(fault)
        bounds.moment("clock", self.clock)
        bounds.length("scale", self.scale, least=bounds.LEAST)

    def lab(self, at: float) -> float:
        """Give the lab's time at a real time, to the microsecond."""
        return round(Clock(self.clock, self.scale).at(at), 6)


@dataclass(frozen=True)
class Broke:
    """Something was broken, or mended, on purpose."""

    words: str


@dataclass(frozen=True)
class Acted:
    """A step that a runner took, why, and what was in its way."""

    verb: str
    reason: str
    runner: str
    site: str | None = None
    epoch: int | None = None
    trouble: str | None = None


@dataclass(frozen=True)
class Stood:
    """What a site is from now on; the brain's words where they fit."""

    site: str
    stance: str


@dataclass(frozen=True)
class Named:
    """What the database's name means from now on to a client at ``place``; None when it means nothing."""

    place: str
    target: str | None


@dataclass(frozen=True)
class Rated:
    """Acknowledged writes in each bucket of ``seconds``, the first of which began at ``began``."""

    began: float
    seconds: float
    writes: tuple[int, ...]

    def __post_init__(self) -> None:
        bounds.moment("began", self.began)
        bounds.length("bucket", self.seconds, least=bounds.LEAST)
        bounds.counts({"fewest": min(self.writes, default=0), "most": max(self.writes, default=0)})


@dataclass(frozen=True)
class Sampled:
    """How often it was looked who takes writes, how often two databases did, and how often the name was wrong.

    It is wrong when it means a database in recovery or a fenced one while another takes writes. Told several times, the
    counts are added.
    """

    samples: int
    double_writable: int
    wrong_name: int

    def __post_init__(self) -> None:
        bounds.counts(asdict(self))


@dataclass(frozen=True)
class Noted:
    """Anything else worth telling."""

    words: str


@dataclass(frozen=True)
class Counted:
    """What the clients' ledger came to.

    ``lost`` of the acknowledged writes are missing in the database that the name means now; ``in_doubt`` were sent and
    never answered, of which ``kept`` are there. ``refused`` is how often a client was turned away. ``lost_seconds`` is
    how long before the newest acknowledged write that was lost the newest one kept was acknowledged, by the lab's
    clock: what the RPO is held against.
    """

    acknowledged: int
    lost: int
    in_doubt: int
    kept: int = 0
    refused: int = 0
    lost_seconds: float = 0.0

    def __post_init__(self) -> None:
        bounds.counts({name: getattr(self, name) for name in ("acknowledged", "lost", "in_doubt", "kept", "refused")})
        bounds.length("lost_seconds", self.lost_seconds)
        if self.lost > self.acknowledged or self.kept > self.in_doubt:
            fault = "more are lost, or kept, than there are"
            raise ValueError(fault)


@dataclass(frozen=True)
class Measured:
    """The longest time without an acknowledged write, which began at ``began``, and what it went on.

    ``rto_seconds`` is from the break to the first write acknowledged after it; ``own_seconds`` is what of the outage
    none of AWS's clocks imposed: what the controller took, and the clients to come back; None where nothing moved.
    Raises ``ValueError`` when the phases do not add up to the outage.
    """

    began: float
    rto_seconds: float
    outage_seconds: float
    own_seconds: float | None
    phases: Phases
    projected: Projected

    def __post_init__(self) -> None:
        bounds.moment("began", self.began)
        bounds.length("rto_seconds", self.rto_seconds)
        bounds.length("own_seconds", self.own_seconds or 0.0)
        _adds_up(self.phases, self.outage_seconds)


@dataclass(frozen=True)
class Proved:
    """Why a promotion was right, as the controller wrote it down: positions in the WAL as byte offsets.

    ``shut`` tells how it was known that the source takes no more writes; what could not be asked is None.
    """

    epoch: int
    shut: str
    system: str | None = None
    timeline: int | None = None
    written: int | None = None
    replayed: int | None = None


@dataclass(frozen=True)
class Checked:
    """One thing that must hold, whether it did, and what was seen."""

    name: str
    passed: bool
    words: str


Event: TypeAlias = Broke | Acted | Stood | Named | Rated | Sampled | Noted | Counted | Measured | Proved | Checked
"""What is recorded between the start and the summary."""


def _adds_up(phases: Phases, outage: float) -> None:
    bounds.length("outage", outage)
    if abs(phases.total - outage) > bounds.LEAST:
        fault = f"phases of {phases.total:.3f} s are no outage of {outage:.3f} s"
        raise ValueError(fault)
