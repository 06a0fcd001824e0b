"""Which clock the emulator's process goes by: settled as it starts, and the same to its end."""

from __future__ import annotations

from dataclasses import dataclass, field

from dr_templates.lab.clock import Clock


@dataclass
class Settled:
    """The clock of this process; until one is settled it is the machine's own."""

    clock: Clock = field(default_factory=lambda: Clock(0.0))


SETTLED = Settled()


def clock() -> Clock:
    """Give the emulator's clock."""
    return SETTLED.clock
