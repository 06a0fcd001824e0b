"""EventBridge: rules with a schedule fire by the clock, and events are dated by it, also where they wait in a queue."""

from __future__ import annotations

from ministack.services import eventbridge, sqs

from dr_templates.lab.clock import Clock
from dr_templates.lab.emulator import patches
from dr_templates.lab.emulator.clocks.module import timely

TICK_SECONDS, LEAST_SECONDS = 1.0, 0.1
"""How often rules are looked through: in the lab's seconds, and not more often than so many of the machine's."""


def install(clock: Clock) -> None:
    """Let both go by the clock. Raises DrError when ministack has another way to keep time there."""
    patches.needs(eventbridge, "_now_ts", "_scheduler_loop", "_tick_scheduled_rules")
    for service in (eventbridge, sqs):
        patches.replace(service, "time", timely(clock))
    patches.replace(eventbridge, "_SCHEDULER_TICK_INTERVAL", max(TICK_SECONDS, LEAST_SECONDS * clock.rate))
