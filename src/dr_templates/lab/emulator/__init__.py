"""The local AWS emulator: ministack, extended until the project's own templates deploy there unchanged."""

from dr_templates.lab.emulator.place import Emulator, environment
from dr_templates.lab.emulator.run import at, down, running, up

__all__ = ["Emulator", "at", "down", "environment", "running", "up"]
