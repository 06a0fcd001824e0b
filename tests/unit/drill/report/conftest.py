"""One drill that has something of every kind, recorded as a drill does."""

from collections.abc import Callable, Mapping

import pytest

from dr_templates.drill.report.model import (
    Acted,
    Broke,
    Checked,
    Counted,
    Event,
    Measured,
    Named,
    Noted,
    Objectives,
    Phases,
    Projected,
    Proved,
    Rated,
    Sampled,
    Started,
    Stood,
)
from dr_templates.drill.report.outcome import Report
from dr_templates.drill.report.recorder import Recorder

START = 1_795_670_000.123456
AWKWARD = "</script><b>nobody</b> & 'no one' answers \N{EM DASH} https://example.com/"
"""A reason as free text may be: it must neither end the page's script nor become an element."""

Begin = Callable[..., Started]
Story = Callable[..., list[Event]]
Record = Callable[..., Report]


def begin(configuration: Mapping[str, str] | None = None, scenario: str = "primary-killed") -> Started:
    return Started(
        scenario=scenario,
        title="The primary dies & stays dead",
        breaks="its postmaster",
        expected="the replica is promoted",
        objectives=Objectives(rto_seconds=900, rpo_seconds=60),
        scale=10,
        clock=START - 30,
        versions={"PostgreSQL": "17.5"},
        configuration={"patience": "180 s"} if configuration is None else configuration,
    )


def happened(double: int = 0, wrong: int = 0, *, holds: bool = True) -> list[Event]:
    phases = Phases(detect=18.3, decide=0.2, fence=0.5, promote=12.0, verify=0.5, move=0.4, reconnect=0.9)
    slow = Phases(detect=183.0, decide=0.2, fence=3.0, promote=120.0, verify=0.5, move=4.0, reconnect=5.9)
    return [
        Stood("us-east-1", "primary"),
        Stood("eu-west-1", "replica"),
        Named("us-east-1", "us-east-1"),
        Broke("the postmaster is killed"),
        Stood("us-east-1", "unknown"),
        Acted("suspect", AWKWARD, "controller", "us-east-1"),
        Acted("fence", "it may come back", "controller", "us-east-1", 4, "EC2 said <Throttling>"),
        Acted("promote", "all witnesses agree", "controller", "eu-west-1", 4),
        Named("us-east-1", None),
        Stood("eu-west-1", "primary"),
        Named("us-east-1", "eu-west-1"),
        Noted("the old instance is kept"),
        Rated(START, 0.25, (40, 41, 0, 0, 39)),
        Sampled(samples=400, double_writable=double, wrong_name=wrong),
        Counted(acknowledged=7234, lost=3, in_doubt=12, kept=9, refused=431, lost_seconds=1.2),
        Measured(START + 4, 32.9, phases.total, 0.9, phases, Projected(slow.total, slow, slow.total + 9.0)),
        Proved(4, "seen shut", "7391827364519283746", 1, 0x3_0012_4000, 0x3_0012_3F80),
        Checked("moved once", passed=holds, words="one promotion"),
    ]


def recorded(events: list[Event] | None = None, started: Started | None = None) -> Report:
    times = iter(START + number for number in range(1000))
    recorder = Recorder(begin() if started is None else started, now=lambda: next(times))
    for event in happened() if events is None else events:
        recorder.note(event)
    return recorder.finish()


@pytest.fixture
def started() -> Begin:
    return begin


@pytest.fixture
def events() -> Story:
    return happened


@pytest.fixture
def record() -> Record:
    return recorded


@pytest.fixture(scope="session")
def report() -> Report:
    return recorded()


@pytest.fixture(scope="session")
def awkward() -> str:
    return AWKWARD
