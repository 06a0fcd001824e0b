"""What tests have set in a running emulator: the pace, the faults that are armed, the calls that were made."""

from __future__ import annotations

from dataclasses import dataclass, field

from dr_templates.lab.emulator.orders.faults import Armed
from dr_templates.lab.emulator.orders.pace import Pace


@dataclass
class Settings:
    """The emulator's switches. There is one set of them in its process: ``SETTINGS``."""

    pace: Pace = field(default_factory=Pace)
    armed: Armed = field(default_factory=Armed)


SETTINGS = Settings()
