"""What a drill comes to, and the report that is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

from dr_templates.drill.report import bounds
from dr_templates.drill.report.model import (
    Acted,
    Broke,
    Checked,
    Counted,
    Event,
    Measured,
    Named,
    Noted,
    Phases,
    Projected,
    Proved,
    Rated,
    Sampled,
    Started,
    Stood,
)


@dataclass(frozen=True)
class Met:
    """The objectives and whether they were met; None when that was not measured."""

    rto_seconds: float
    rpo_seconds: float
    rto_met: bool | None
    rpo_met: bool | None


@dataclass(frozen=True)
class Summary:
    """What it all comes to: the top of the report, and its last entry. None is what was not counted or measured."""

    verdict: str
    scenario: str
    title: str
    rto_seconds: float | None
    write_outage_seconds: float | None
    own_seconds: float | None
    phases: Phases | None
    scale: float
    projected: Projected | None
    objectives: Met
    acknowledged: int | None
    lost: int | None
    in_doubt: int | None
    lost_seconds: float | None
    samples: int
    double_writable_samples: int
    wrong_name_samples: int
    checks: tuple[Checked, ...]
    proof: Proved | None
    versions: Mapping[str, str]
    configuration: Mapping[str, str]


Word: TypeAlias = Started | Event | Summary

KINDS: Final[Mapping[str, type[Word]]] = MappingProxyType(
    {
        "started": Started,
        "broke": Broke,
        "action": Acted,
        "stance": Stood,
        "name": Named,
        "rate": Rated,
        "samples": Sampled,
        "note": Noted,
        "counted": Counted,
        "phases": Measured,
        "proof": Proved,
        "check": Checked,
        "verdict": Summary,
    }
)


@dataclass(frozen=True)
class Entry:
    """One thing recorded. ``lab`` is ``at`` by the lab's clock; ``hash`` covers all the rest, ``previous`` as well."""

    number: int
    kind: str
    at: float
    lab: float
    word: Word
    previous: str
    hash: str

    def __post_init__(self) -> None:
        bounds.moment("at", self.at)
        bounds.moment("lab", self.lab)


@dataclass(frozen=True)
class Report:
    """A drill from its start to its verdict. The last of ``entries`` is the summary: its hash covers everything."""

    started: Started
    entries: tuple[Entry, ...]
    summary: Summary

    @property
    def digest(self) -> str:
        """Give the last hash."""
        return self.entries[-1].hash

    @property
    def began(self) -> float:
        """Give when the drill was started."""
        return self.entries[0].at
