"""``drctl lab up`` and ``down``: the emulator of AWS on this machine, started in the background and ended."""

import shlex
from pathlib import Path

from dr_templates.cli import view
from dr_templates.errors import DrError, Exit
from dr_templates.lab import emulator
from dr_templates.lab.emulator import Emulator

PORT = 4566


def up(home: Path, port: int | None, rate: float, output: str, again: str) -> None:
    """Start the emulator, or find the one that runs, and give the variables that lead there.

    ``again`` is the command that gives them once more. Raises ``DrError`` when one runs there at another port.
    """
    with view.progress("starting the emulator"):
        there = emulator.up(home, PORT if port is None else port, rate=rate)
    if there.rate != rate:
        raise _otherwise(there, rate, again)
    if rate != 1:
        again = f"{again} --rate {rate:g}"
    if port and not there.endpoint.endswith(f":{port}"):
        raise _elsewhere(there, again)
    variables = emulator.environment(there)
    if output == "json":
        view.data({"endpoint": there.endpoint, "pid": there.pid, "home": str(there.home), "environment": variables})
    else:
        for name, value in variables.items():
            view.line(f"export {name}={shlex.quote(value)}")
    view.say(f'the emulator is at {there.endpoint}; to use it: eval "$({again})"')


def _elsewhere(there: Emulator, again: str) -> DrError:
    return DrError(
        what=f"an emulator runs there already, at {there.endpoint}",
        where=str(there.home),
        hint=f'Use it: eval "$({again})". Or give the second a --home of its own.',
        code=Exit.USAGE,
    )


def _otherwise(there: Emulator, rate: float, again: str) -> DrError:
    return DrError(
        what=f"an emulator runs there already, and its clock {there.rate:g} times as fast, not {rate:g}",
        where=str(there.home),
        hint=f'Use it: eval "$({again} --rate {there.rate:g})". Or end it first: drctl lab down',
        code=Exit.USAGE,
    )


def down(home: Path, output: str) -> None:
    """End the emulator and everything it has started."""
    with view.progress("ending the emulator"):
        ended = emulator.down(home)
    if output == "json":
        view.data({"ended": ended})
    view.say("the emulator is gone" if ended else "no emulator runs")
