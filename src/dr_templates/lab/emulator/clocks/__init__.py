"""The clock of the emulator's process, and everything of ministack's that has to go by it.

At a rate of 1 nothing of ministack is touched.
"""

from __future__ import annotations

from dr_templates.lab.clock import Clock
from dr_templates.lab.emulator.clocks import answers, machine, metrics, schedule, state


def install(clock: Clock) -> None:
    """Let the emulator go by ``clock`` from now on."""
    state.SETTLED.clock = clock
    if clock.rate != 1:
        for part in (answers, machine, metrics, schedule):
            part.install(clock)
