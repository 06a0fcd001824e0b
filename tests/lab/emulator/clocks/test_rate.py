import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.lab.emulator.clocks.conftest import RATE

from dr_templates.errors import DrError, Exit
from dr_templates.lab.clock import Clock
from dr_templates.lab.emulator import Emulator, at, running, up

BAD = [0.99, 0.0, -1.0, float("nan"), float("inf")]


def test_whoever_finds_an_emulator_knows_its_clock(emulator: Emulator) -> None:
    said = json.loads((emulator.home / "record.json").read_text())
    assert said["rate"] == RATE
    assert emulator.clock == Clock(said["start"], RATE)
    assert at(emulator.home) == emulator
    assert said["start"] <= time.time()


def test_an_emulators_clock_is_the_machines_unless_told_otherwise() -> None:
    with running() as there:
        before = time.time()
        assert before <= there.clock.now() <= time.time()


@pytest.mark.parametrize("rate", BAD)
def test_a_rate_that_is_none_is_told_before_anything_is_made(rate: float, tmp_path: Path) -> None:
    with pytest.raises(DrError, match="the lab's clock cannot run at a rate of") as error, running(rate=rate):
        pass
    assert error.value.code is Exit.USAGE
    with pytest.raises(DrError, match="cannot run at a rate of"):
        up(tmp_path / "home", port=0, rate=rate)
    assert not (tmp_path / "home").exists()


def test_the_program_refuses_it_too_and_without_a_traceback(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "dr_templates.lab.emulator", "--home", tmp_path / "home", "--rate", "0.5"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == Exit.USAGE
    assert ended.stderr.startswith("the lab's clock cannot run at a rate of 0.5 (rate). Give a number")
    assert ended.stderr.count("\n") == 1
    assert not (tmp_path / "home").exists()
