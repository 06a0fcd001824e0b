"""Measure how long Patroni's failover keeps a client from writing, on this machine, with the lab's PostgreSQL.

``python bench/patroni/run.py`` installs Patroni and etcd into a temporary directory, starts three servers of each on
loopback and, round by round, switches over and then kills the primary's host (Patroni and PostgreSQL, SIGKILL), while a
client that names every host and asks for a session that can write counts what is acknowledged to it. JSON goes to
stdout, the rest to stderr.

DETECTION EXCLUDED. An unplanned outage is cut in two at the moment the first survivor's log says that it takes the
leader key and promotes. Before it lies ``detection``: the key has to live out its ttl, a matter of patience and of
nobody's merit, and the survivors have to see that and to agree who leads. After it lies ``rest``: the promotion, and
the client finding the new primary. As a decision is no detection, the outage is also cut where etcd lets the key go
(``expiry``, ``rest_from_expiry``). To be compared like with like:

- ``rest_from_expiry`` with our outage minus the patience of detection: decide, fence, promote, verify, move, reconnect;
- ``rest`` with our outage from the moment RDS is asked to promote;
- the outage of a switchover, which has no detection, with that of ours.

What the words of the report mean is in the report. Two sets of clocks are measured: Patroni's defaults, and the
shortest that it allows.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from types import FrameType

from cluster import open_cluster
from figures import MEANINGS, medians
from layout import PARAMETERS, Settings
from programs import Programs, install
from rounds import NODES, PAUSE, RETRY, Run, planned, unplanned, writing

from dr_templates.errors import DrError, Exit

SETS = {
    "default": Settings(ttl=30, loop_wait=10, retry_timeout=10),
    "shortest": Settings(ttl=20, loop_wait=1, retry_timeout=3),
}
ENDING = (signal.SIGINT, signal.SIGTERM)


def say(words: str) -> None:
    """Tell the person who waits."""
    print(words, file=sys.stderr, flush=True)


def measure(room: Path, made: Programs, name: str, rounds: int) -> Mapping[str, object]:
    """Measure one set of clocks: a switchover and a lost host in each round."""
    runs: dict[str, list[Run]] = {"planned": [], "unplanned": []}
    with open_cluster(room / name, made, SETS[name], NODES) as cluster, writing(cluster) as client:
        for number in range(rounds):
            for kind, measured in (("planned", planned), ("unplanned", unplanned)):
                run = {key: round(value, 3) for key, value in measured(cluster, client).items()}
                runs[kind].append(run)
                say(f"{name} {number + 1}/{rounds} {kind}: {json.dumps(run)}")
    return {"clocks": asdict(SETS[name])} | {kind: {"median": medians(of), "runs": of} for kind, of in runs.items()}


def report(chosen: list[str], rounds: int) -> dict[str, object]:
    """Install, measure, and leave nothing behind."""
    with tempfile.TemporaryDirectory(prefix="dr-patroni-", ignore_cleanup_errors=True) as folder:
        room = Path(folder)
        room.chmod(0o755)
        say("installing Patroni")
        made = install(room, os.environ)
        versions = {
            "patroni": made.run([made.at("patroni"), "--version"], room).split()[-1],
            "postgres": made.run([made.postgres.directory / "postgres", "--version"], room).split()[-1],
            "etcd": made.run([made.etcd("etcd"), "--version"], room).split()[2],
        }
        say(f"Patroni {versions['patroni']}, PostgreSQL {versions['postgres']}, etcd {versions['etcd']}")
        for name in ("detection", "rest", "expiry", "rest_from_expiry"):
            say(f"  {name}: {MEANINGS[name]}")
        sets = {name: measure(room, made, name, rounds) for name in chosen}
    client = {"pause": PAUSE, "retry": RETRY, "connections": 1}
    conditions = {"nodes": NODES, "parameters": PARAMETERS, "client": client}
    return {"versions": versions, **conditions, "processors": os.cpu_count(), "meanings": MEANINGS, "sets": sets}


def _ended(number: int, _: FrameType | None) -> None:
    for one in ENDING:  # who asks twice still waits until all is put away
        signal.signal(one, signal.SIG_IGN)
    raise SystemExit(128 + number)


def main() -> int:
    """Read the arguments, measure, print the report."""
    parser = argparse.ArgumentParser(description="Measure Patroni's failover on this machine.")
    parser.add_argument("--runs", type=int, default=10, metavar="R", help="rounds for each set of clocks (default 10)")
    parser.add_argument("--clocks", action="append", choices=SETS, help="only this set (may be given again)")
    arguments = parser.parse_args()
    if arguments.runs < 1:
        parser.error("--runs must be at least 1")
    for one in ENDING:
        signal.signal(one, _ended)
    try:
        print(json.dumps(report(arguments.clocks or list(SETS), arguments.runs), indent=2))
    except DrError as error:
        say(f"error: {error}")
        return error.code
    return Exit.DONE


if __name__ == "__main__":
    sys.exit(main())
