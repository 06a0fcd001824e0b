"""Measure what users wait for, against what it cannot do without: ratios within one run, so any machine will do.

Every pair runs in turns, so that a busy moment hits both; the medians are compared. Exits 1 when a ratio is over its
bound.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

from dr_templates.failover import model, state
from dr_templates.failover.decide import decide

ROUNDS = 7
DECISIONS = 2000
LONGEST_DECISION = 0.001


class Pair(NamedTuple):
    """What is measured, what it is measured against, and how many times as long it may take."""

    name: str
    code: str
    against: str
    baseline: str
    bound: float


PAIRS = (
    Pair(
        "write every template",
        "import sys, pathlib; from dr_templates import render; render.write(pathlib.Path(sys.argv[1]))",
        "import troposphere.rds and .ec2",
        "import troposphere.rds, troposphere.ec2",
        3.0,
    ),
    Pair(
        "drctl --help",
        "from dr_templates.cli.main import main; main(['--help'])",
        "import click and rich",
        "import click, rich",
        2.0,
    ),
)


def seconds(code: str) -> float:
    """Time one fresh interpreter that runs the code; its first argument is a new empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code, folder], check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - start


def measure(pair: Pair) -> bool:
    """Print the medians and the ratio of a pair, and tell whether it keeps its bound. One unmeasured run goes first."""
    runs = [(seconds(pair.code), seconds(pair.baseline)) for _ in range(ROUNDS + 1)][1:]
    ours, theirs = (statistics.median(column) for column in zip(*runs, strict=True))
    kept: bool = ours <= pair.bound * theirs
    verdict = "ok" if kept else "OVER THE BOUND"
    print(
        f"{pair.name}: {ours:.3f} s; {pair.against}: {theirs:.3f} s; "
        f"ratio {ours / theirs:.2f}, bound {pair.bound:.1f}: {verdict}"
    )
    return kept


def think() -> bool:
    """Print how long the brain takes over a home region that is gone, the longest way through it, and judge it."""
    replica = model.Sql(model.Answer.ANSWERED, True, "1", 1, None, 1000, 1000, False, model.Beat("home", 5, 990.0), 0)
    seen = model.Observation(
        at=1100.0,
        runner="bench",
        home="home",
        sites={
            "home": model.Sight(mark=model.Mark(995.0, True), heard=True),
            "away": model.Sight(replica, model.Instance("available", True), heard=True),
        },
        state=state.State("home", serial=1, suspicion=state.Suspicion("gone", 1000.0, 1095.0)),
        pulse=model.Pulse("home", 990.0),
    )
    took = []
    for _ in range(DECISIONS):
        start = time.perf_counter()
        decide(seen, model.Policy())
        took.append(time.perf_counter() - start)
    kept = statistics.median(took) < LONGEST_DECISION
    verdict = "ok" if kept else "OVER THE BOUND"
    print(f"one decision: {statistics.median(took) * 1000:.4f} ms (median of {DECISIONS}), bound 1 ms: {verdict}")
    return kept


if __name__ == "__main__":
    kept = [*map(measure, PAIRS), think()]
    sys.exit(0 if all(kept) else 1)
