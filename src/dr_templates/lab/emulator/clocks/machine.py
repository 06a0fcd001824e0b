"""Step Functions: waits and pauses before another attempt pass by the clock, and every time is told by it.

A task's own timeout stays the machine's: how long work takes is not a matter of the lab's clock.
"""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

from ministack.services import stepfunctions

from dr_templates.lab.clock import Clock
from dr_templates.lab.emulator import patches
from dr_templates.lab.emulator.clocks.module import timely


def install(clock: Clock) -> None:
    """Let it go by the clock. Raises DrError when ministack has another way to keep time there."""

    def now_iso() -> str:
        return datetime.fromtimestamp(clock.now(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def sleep_until(iso_ts: object) -> None:
        with contextlib.suppress(ValueError):  # as ministack: what is no time is not waited for
            clock.pause(datetime.fromisoformat(str(iso_ts)).timestamp() - clock.now())

    patches.needs(stepfunctions, "_scaled_sleep")
    patches.replace(stepfunctions, "time", timely(clock))
    patches.replace(stepfunctions, "now_iso", now_iso)
    patches.replace(stepfunctions, "_sleep_until", sleep_until)
