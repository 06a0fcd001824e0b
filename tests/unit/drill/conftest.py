"""What a drill leaves, made by hand: a move by a clock ten times as fast, an outage from 1.5 to 38.5, and its samples.

The names of what stands in it are in seconds of this machine after ``START``.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from dr_templates.aws.clients import Clients
from dr_templates.aws.journal import Entry as Step
from dr_templates.aws.names import Names
from dr_templates.aws.settings import Upkeep
from dr_templates.config import load
from dr_templates.drill.ledger.book import Entry, Kind
from dr_templates.drill.ledger.table import Row
from dr_templates.drill.ledger.turns import Acceptance
from dr_templates.drill.reckoning import Ended, Standing
from dr_templates.drill.report.model import Objectives, Started
from dr_templates.drill.report.recorder import Recorder
from dr_templates.drill.sampler import Sample
from dr_templates.drill.scenario import Scenario
from dr_templates.drill.stage import Stage
from dr_templates.drill.watching import Watching
from dr_templates.failover.model import Verb
from dr_templates.failover.state import Proof
from dr_templates.lab.emulator import Emulator

START, RATE = 1_795_670_000.0, 10.0
HOME, AWAY = "virginia", "ireland"
ADDRESSES = {"127.1.0.10": HOME, "127.2.0.10": AWAY}
BROKE = 2.0
FAILED_OVER = Scenario("killed", "It dies", "it", "the other one is primary", lambda _: None, moves=True, lost=None)
PROOF = Proof(START, "seen shut", "7391827364519283746", 1, written=4096, replayed=4096)
MOVED = Standing(AWAY, serving=AWAY, promotions=1, reaching=frozenset({HOME, AWAY}))

Made = Callable[..., Ended]


def lab(seconds: float) -> float:
    """Give the lab's time so many seconds of this machine after the start."""
    return START + seconds * RATE


def acknowledged(number: int, at: float, by: str = HOME, worker: str = f"{HOME}/0") -> Entry:
    (address,) = [address for address, site in ADDRESSES.items() if site == by]
    return Entry(Kind.ACKNOWLEDGED, START + at, worker, number, START + at - 0.01, address)


def row(number: int, worker: str = f"{HOME}/0") -> Row:
    return Row(worker, number, "127.1.0.10")


def step(verb: str, at: float, epoch: int = 2, *, trouble: str = "", proof: Proof | None = None) -> Step:
    return Step(epoch, lab(at), "arn:runner", verb, AWAY, "it has to be", trouble=trouble, proof=proof)


def accepted(database: str, at: float) -> Acceptance:
    return Acceptance(database, START + at - 0.01, START + at)


def sample(at: float, name: str | None, *taken: Acceptance) -> Sample:
    return Sample(START + at, {}, {HOME: name, AWAY: name}, {HOME: None, AWAY: None}, taken)


MOVE = [
    step(Verb.LOCK, 20.5),
    step(Verb.FENCE, 21.0),
    step(Verb.SEAL, 22.0, proof=PROOF),
    step(Verb.PROMOTE, 22.5),
    step(Verb.NAME, 35.0),
    step(Verb.VERIFY, 35.5),
]
SEEN = [
    sample(0.0, HOME),
    sample(1.0, HOME, accepted(HOME, 0.9)),
    *(sample(float(at), HOME) for at in range(2, 34)),
    *(sample(float(at), HOME, accepted(AWAY, at - 0.5)) for at in range(34, 38)),
    *(sample(float(at), AWAY, accepted(AWAY, at - 0.5)) for at in range(38, 41)),
]
BOOK = [
    Entry(Kind.STARTED, START),
    acknowledged(1, 1.5),
    acknowledged(2, 38.5, AWAY),
    acknowledged(1, 39.0, AWAY, f"{AWAY}/0"),
    Entry(Kind.STOPPED, START + 40),
]
ROWS = [row(1), row(2), row(1, f"{AWAY}/0")]


@pytest.fixture
def stage(checkout: Path, tmp_path: Path) -> Stage:
    """Give a stage on which nothing stands: whoever would ask something of it gets no answer."""
    config = load(checkout / "config/demo.yaml")
    return Stage(
        emulator=Emulator("http://127.0.0.1:9", tmp_path, 0, start=START, rate=RATE),
        config=config,
        names=Names(config.name, config.suffix, config.account, config.topology),
        clients=Clients(),
        upkeep=Upkeep(14, "03:00-04:00", 30),
    )


@pytest.fixture
def made(stage: Stage) -> Made:
    """Make what a drill leaves: by itself that of a failover in which all held that had to."""

    def make(
        scenario: Scenario = FAILED_OVER,
        *,
        book: Sequence[Entry] = BOOK,
        rows: Sequence[Row] = ROWS,
        steps: Sequence[Step] = MOVE,
        samples: Sequence[Sample] = SEEN,
        now: Standing = MOVED,
        causes: Sequence[tuple[str, float]] = (),
        unlinked: float = BROKE,
    ) -> Ended:
        started = Started("killed", "t", "b", "e", Objectives(900, 600), RATE, START, {}, {})
        seen = [(cause, START + at) for cause, at in causes]
        watched = Watching(stage, Recorder(started), [*samples], [*steps], causes=seen, addresses=dict(ADDRESSES))
        return Ended(scenario, book, rows, watched, START + BROKE, START + unlinked, now)

    return make
