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

ROUNDS = 7


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


if __name__ == "__main__":
    kept = [measure(pair) for pair in PAIRS]
    sys.exit(0 if all(kept) else 1)
