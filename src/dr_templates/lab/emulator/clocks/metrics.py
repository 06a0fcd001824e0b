"""CloudWatch's points without a time of their own, its alarms, and the span of RDS events asked for: by the clock."""

from __future__ import annotations

from ministack.services import cloudwatch, rds

from dr_templates.lab.clock import Clock
from dr_templates.lab.emulator import patches
from dr_templates.lab.emulator.clocks.module import timely


def install(clock: Clock) -> None:
    """Let both go by the clock. Raises DrError when ministack has another way to keep time there."""
    for service in (cloudwatch, rds):
        patches.replace(service, "time", timely(clock))
