"""What the benchmark of drills makes of a history: which waits were the tool's own, and how long they are on AWS."""

import importlib.util
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from dr_templates.lab.clock import Clock

START, RATE = 1000.0, 3.0
CLOCK = Clock(START, RATE)


@pytest.fixture(scope="module")
def drilling(checkout: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_drilling", checkout / "bench" / "drilling.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def entered(name: str, real: float) -> Mapping[str, Any]:
    return {"timestamp": _at(real), "stateEnteredEventDetails": {"name": name}}


def left(name: str, real: float, output: object = None) -> Mapping[str, Any]:
    return {"timestamp": _at(real), "stateExitedEventDetails": {"name": name, "output": json.dumps(output)}}


def turn(looked: float, seconds: float, performed: tuple[float, float]) -> list[Mapping[str, Any]]:
    """Give a turn that looked at a real time and was to last so many of the lab's seconds, and was then performed."""
    at = CLOCK.at(looked)
    said = {"observation": {"at": at}, "decision": {"until": at + seconds}}
    return [
        left("Decide", performed[0], said),
        entered("Perform", performed[0]),
        left("Perform", performed[1]),
        entered("Pause", performed[1]),
        left("Pause", performed[1]),
    ]


def _at(real: float) -> datetime:
    return datetime.fromtimestamp(CLOCK.at(real), UTC)


def test_work_that_outlasts_the_wait_on_aws_as_well_makes_it_no_longer(drilling: ModuleType) -> None:
    events = turn(START + 1, 1.0, (START + 2.5, START + 2.6))
    assert sum(one.seconds for one in drilling.waits(events, [], CLOCK)) == pytest.approx(0.0, abs=0.001)


def test_a_wait_is_as_much_longer_on_aws_as_work_does_not_fill_it(drilling: ModuleType) -> None:
    events = turn(START + 1, 3.0, (START + 1.5, START + 2.0))
    found = drilling.waits(events, [CLOCK.at(START + 1.75)], CLOCK)
    assert [one.began for one in found if one.seconds] == [pytest.approx(START + 1.75)]
    assert sum(one.seconds for one in found) == pytest.approx((3.0 - 0.75) - (1.0 - 0.75), abs=0.001)


def test_a_state_that_waits_is_so_many_times_longer_on_aws(drilling: ModuleType) -> None:
    events = [entered("Recover", START + 1), left("Recover", START + 3)]
    assert sum(one.seconds for one in drilling.waits(events, [], CLOCK)) == pytest.approx(2.0 * (RATE - 1))


def test_waits_for_what_aws_imposes_and_outside_the_outage_are_not_added(drilling: ModuleType) -> None:
    found = [drilling.Wait(began, began + 0.1, 1.0) for began in (0.5, 2.0, 5.0, 9.5)]
    assert drilling.lengthened(0.25, found, (1.0, 9.0), [(4.0, 6.0)]) == pytest.approx(1.25)


def test_a_wait_for_the_end_of_what_aws_imposes_is_not_added_when_the_look_before_it_was_late(
    drilling: ModuleType,
) -> None:
    late = drilling.Wait(6.5, 6.0, 1.0)
    assert drilling.lengthened(0.25, [late], (1.0, 9.0), [(4.0, 6.0)]) == pytest.approx(0.25)
