"""``drctl lab up`` and ``down``: the emulator of AWS on this machine, started in the background and ended."""

import shlex
from pathlib import Path

from dr_templates.cli import view
from dr_templates.lab import emulator


def up(home: Path, port: int, output: str) -> None:
    """Start the emulator, or find the one that runs, and give the variables that lead there."""
    with view.progress("starting the emulator"):
        there = emulator.up(home, port)
    variables = emulator.environment(there)
    if output == "json":
        view.data({"endpoint": there.endpoint, "pid": there.pid, "home": str(there.home), "environment": variables})
    else:
        for name, value in variables.items():
            view.line(f"export {name}={shlex.quote(value)}")
    view.say(f'the emulator is at {there.endpoint}; to use it: eval "$(drctl lab up)"')


def down(home: Path, output: str) -> None:
    """End the emulator and everything it has started."""
    with view.progress("ending the emulator"):
        ended = emulator.down(home)
    if output == "json":
        view.data({"ended": ended})
    view.say("the emulator is gone" if ended else "no emulator runs")
