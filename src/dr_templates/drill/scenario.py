"""What a scenario is: what it breaks, how, and what has to come of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dr_templates.drill.act import Act
from dr_templates.failover.cause import Cause

RATE = 10.0


@dataclass(frozen=True)
class Scenario:
    """One drill by name: ``play`` breaks things and waits for what comes of it, as ``expected`` says.

    ``moves`` tells whether the standby has to be primary at the end, or home has to have stayed it. ``lost`` is the
    exact number of acknowledged writes that have to be missing, None when that is for the drill to find out. A
    ``planned`` move has to prove that nothing is missing; one ``over_rpo`` may lose more than the objective allows.
    One that is ``asked`` for by a person may take the lock without moving anything; any other that does not move may
    not. ``gap`` is the longest time without writes in AWS's seconds, None for no bound but the objective.
    ``cause`` is what the controller has to have named: else what was broken has not had the effect it was to have.
    Those that are not ``usual`` are drilled only when they are asked for: they take longer, or add little to others.
    ``rate`` is how fast the lab's clock runs, ``changes`` what the section ``failover`` of the configuration says
    instead.
    """

    name: str
    title: str
    breaks: str
    expected: str
    play: Callable[[Act], None]
    moves: bool
    lost: int | None = 0
    planned: bool = False
    asked: bool = False
    gap: float | None = None
    over_rpo: bool = False
    cause: Cause | None = None
    usual: bool = True
    rate: float = RATE
    changes: Mapping[str, Any] = field(default_factory=dict)
