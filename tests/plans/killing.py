"""Kills a deployer in the middle of its work."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from dr_templates.lab.emulator import Emulator

SEED = random.randrange(10**6)  # noqa: S311 - a point in time, and no secret
TESTS = Path(__file__).parents[1]


def at_random(point: int, longest: float) -> float:
    """Give a number of seconds, another one for each point and each run of the tests."""
    return random.Random(f"{SEED}/{point}").uniform(0, longest)  # noqa: S311 - as above


def killed(emulator: Emulator, suffix: str, size: str, moment: float) -> None:
    """Start to deploy, and kill that ``moment`` seconds after it has begun."""
    command = [sys.executable, "-m", "plans.killable", emulator.endpoint, suffix, size]
    path = os.pathsep.join((str(TESTS), str(TESTS.parent / "src")))
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begins\n"
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
