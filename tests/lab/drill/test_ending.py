"""Nothing is left of a drill: not after one that failed, nor after one that was interrupted, whatever it was doing."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.lab.drill import traces

from dr_templates.config import load
from dr_templates.drill import run as drill
from dr_templates.drill.act import Act
from dr_templates.drill.report.outcome import Report
from dr_templates.drill.scenario import Scenario
from dr_templates.errors import DrError
from dr_templates.lab import emulator
from plans import lab, small

PROGRAM = Path(sys.executable).parent / "drctl"
INTERRUPTIBLE = """\
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Becomes the program its arguments name, with SIGINT as a shell leaves it: jobs in the background may ignore it."""
LONG = 120.0
"""Seconds until a drill plays, on a machine that is busy."""


@dataclass(frozen=True)
class Seen:
    """One lab while its drill plays: the sockets of its processes, and the addresses of its clients and databases."""

    sockets: set[traces.Place]
    addresses: set[str]


@contextlib.contextmanager
def drilled(reports: Path, *scenarios: str) -> Iterator[subprocess.Popen[str]]:
    """Start ``drctl drill``."""
    named = [word for name in scenarios for word in ("--scenario", name)]
    words = ["drill", *named, "--report", reports, "--config", small.CONFIG]
    command = [sys.executable, "-c", INTERRUPTIBLE, PROGRAM, *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def until(true: Callable[[], object], seconds: float = LONG) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not become true in time"
        time.sleep(0.05)


def starting(room: Path) -> bool:
    return any(room.glob("dr-emulator-*/log"))


def deploying(room: Path) -> bool:
    found = [emulator.at(home) for home in room.glob("dr-emulator-*")]
    return any(there is not None and lab.calls(there, "ExecuteChangeSet") for there in found)


def heard(process: subprocess.Popen[str], *words: str) -> None:
    """Read what it says until all these words have been said."""
    missing = {*words}
    assert process.stderr is not None
    for line in process.stderr:
        missing -= {word for word in missing if word in line}
        if not missing:
            return
    pytest.fail(f"it has ended without a word of {missing}")


def interrupted(process: subprocess.Popen[str], by: int, reports: Path) -> None:
    """Interrupt it, and see that it says so and nothing else, and has written nothing."""
    process.send_signal(by)
    out, err = process.communicate(timeout=90)
    assert process.returncode == 130, err
    assert err.splitlines()[-1] == "interrupted"
    assert "Traceback" not in err
    assert out == ""
    assert not reports.exists()


@pytest.mark.parametrize("moment", [starting, deploying])
def test_ctrl_c_before_anything_is_broken_leaves_nothing(
    room: Path, tmp_path: Path, moment: Callable[[Path], bool]
) -> None:
    with drilled(tmp_path / "reports", "switchover") as process:
        until(lambda: moment(room))
        open_then = traces.reachable(traces.owned(room))
        interrupted(process, signal.SIGINT, tmp_path / "reports")
    assert open_then & traces.all_reachable() == set()


@pytest.mark.slow
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_while_something_is_broken_leaves_nothing(room: Path, tmp_path: Path, by: int) -> None:
    with drilled(tmp_path / "reports", "one-way-partition") as process:
        heard(process, "calls from the control region do not reach")
        open_then = traces.reachable(traces.owned(room))
        assert open_then
        interrupted(process, by, tmp_path / "reports")
    assert open_then & traces.all_reachable() == set()


@pytest.mark.slow
def test_an_interruption_of_several_drills_ends_each_and_leaves_nothing(room: Path, tmp_path: Path) -> None:
    with drilled(tmp_path / "reports", "one-way-partition", "multi-az") as process:
        heard(process, "one-way-partition: ", "calls from the control region do not reach", "RDS fails over within")
        homes = [*room.glob("dr-emulator-*")]
        assert len(homes) == 2
        open_then = traces.reachable(traces.owned(room))
        interrupted(process, signal.SIGTERM, tmp_path / "reports")
    assert open_then & traces.all_reachable() == set()


@pytest.mark.slow
def test_two_drills_side_by_side_share_nothing_are_on_loopback_alone_and_leave_nothing_when_they_fail(
    room: Path,
) -> None:
    mine = traces.reachable({os.getpid()})
    both = threading.Barrier(2, timeout=2 * LONG)
    seen: list[Seen] = []

    def play(act: Act) -> None:
        act.broke("the dam")
        both.wait()  # both are there now
        told = act.stage.ask("network")["addresses"].values()
        databases = {one["address"] for one in act.stage.ask("databases")}
        home = act.stage.emulator.home
        assert home.parent == room
        seen.append(Seen(traces.reachable(traces.owned(home)), {*told, *databases, act.stage.ask("dns")["host"]}))
        both.wait()  # and neither has ended before it was looked at
        raise DrError(what="the water is too high", where="the dam", hint="Run.")

    def drilled_here(name: str) -> Report:
        scenario = Scenario(name, "A dam that breaks", "the dam", "nothing moves", play, moves=False)
        try:
            return drill.run(drill.Order(scenario, load(small.CONFIG), rate=4.0), lambda _: None, lambda _: None)
        except DrError:
            both.abort()  # the other one would wait in vain
            raise

    with ThreadPoolExecutor(2) as pool:
        reports = [*pool.map(drilled_here, ("upper-dam", "lower-dam"))]

    for report in reports:
        assert report.summary.verdict == "failed"
        failed = {check.name: check.words for check in report.summary.checks if not check.passed}
        assert failed["the scenario came to its end"] == "the water is too high"
        assert failed.keys().isdisjoint({"who is active", "promotions", "no move was begun", "writes lost"})
        assert (report.summary.lost, report.summary.double_writable_samples) == (0, 0)
        assert report.summary.acknowledged
    one, other = seen
    assert one.addresses & other.addresses == set()
    assert one.sockets & other.sockets == set()
    for lab_seen in seen:
        assert {table for table, _, _ in lab_seen.sockets} >= {"tcp", "udp"}
        assert [place for place in lab_seen.sockets if not traces.loopback(place)] == []
    assert (one.sockets | other.sockets) & traces.all_reachable() == set()
    assert traces.reachable({os.getpid()}) == mine
