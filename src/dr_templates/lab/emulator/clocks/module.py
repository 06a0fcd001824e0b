"""The module ``time`` as a service of ministack's is to see it."""

from __future__ import annotations

import time
from types import ModuleType

from dr_templates.lab.clock import Clock


def timely(clock: Clock) -> ModuleType:
    """Give a module like ``time`` whose ``time`` and ``sleep`` go by the clock; what is monotonic stays as it is."""
    made = ModuleType("time")
    vars(made).update({**vars(time), "time": clock.now, "sleep": clock.pause})
    return made
