"""What is done to the cluster while the client writes, and the figures each time gives."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from cluster import leader, lose, settle, sql, start, switchover
from figures import TAKEN, Ack, ack, earliest, outage
from layout import Cluster
from leaderkey import goings
from programs import ENVIRONMENT

from dr_templates.errors import DrError

NODES = 3
PAUSE, RETRY = 0.01, 0.05
"""Seconds between two writes of the client, and before it connects again."""
LOG_DELAY = 1.0
"""Seconds after the outage until the survivors have written into their logs what belongs to it."""
AGAIN = "Run it again when the machine is less busy."
Run = dict[str, float]


@dataclass(frozen=True)
class Client:
    """The acknowledgements of the writing process as far as they were read, and when the leader key went."""

    lines: TextIO
    goings: list[float]
    acks: list[Ack] = field(default_factory=list)

    def read(self) -> list[Ack]:
        """Read on, and give all since the last ``begin``."""
        while line := self.lines.readline():
            self.acks.append(ack(line))
        return self.acks


@contextlib.contextmanager
def writing(cluster: Cluster) -> Iterator[Client]:
    """Let the client write until the end of the block, and watch the leader key."""
    script, said = Path(__file__).with_name("writer.py"), cluster.root / "acks"
    words: list[str | Path] = [cluster.programs.at("python"), script, cluster.conninfo, str(PAUSE), str(RETRY)]
    environment = {**ENVIRONMENT, "PGPASSWORD": cluster.password}
    with said.open("w") as out, cluster.log("client").open("w") as log, said.open() as lines, goings(cluster) as gone:
        process = subprocess.Popen(words, stdout=out, stderr=log, env=environment, start_new_session=True)
        try:
            yield Client(lines, gone)
        finally:
            process.kill()
            process.wait()


def planned(cluster: Cluster, client: Client) -> Run:
    """Switch over to the next node, and give the figures."""
    old = leader(cluster)
    new = cluster.nodes[(cluster.nodes.index(old) + 1) % NODES]
    begin(client, cluster.address(old))
    started = time.monotonic()
    switchover(cluster, old, new)
    command = time.monotonic() - started
    last, first = moved(client, cluster.address(old))
    settle(cluster, NODES)
    return {"outage": first - last, "command": command, **count(cluster, client)}


def unplanned(cluster: Cluster, client: Client) -> Run:
    """Lose the primary's host, bring it back once another has taken over, and give the figures."""
    old = leader(cluster)
    begin(client, cluster.address(old))
    lose(cluster, old)
    last, first = moved(client, cluster.address(old))
    time.sleep(LOG_DELAY)
    logs = [cluster.log(node).read_text().splitlines() for node in cluster.nodes if node != old]
    taken, expired = earliest(logs, TAKEN, last), next((at for at in client.goings if at > last), None)
    if expired is None:
        raise DrError(what="etcd has not told that the leader key went", where=cluster.net, hint=AGAIN)
    counted = count(cluster, client)
    started = time.monotonic()
    start(cluster, old)
    settle(cluster, NODES)
    recovery = time.monotonic() - started
    by_log = {"detection": taken - last, "rest": first - taken}
    by_etcd = {"expiry": expired - last, "rest_from_expiry": first - expired}
    return {"outage": first - last, **by_log, **by_etcd, "recovery": recovery, **counted}


def begin(client: Client, old: str, seconds: float = 60) -> None:
    """Forget what was before, and wait until ``old`` acknowledges. Raises DrError when it does not."""
    client.read()
    client.acks.clear()
    until = time.monotonic() + seconds
    while not any(one.server == old for one in client.read()):
        if time.monotonic() > until:
            raise DrError(what="the primary acknowledges no write", where=old, hint=AGAIN)
        time.sleep(0.2)


def moved(client: Client, old: str, seconds: float = 180) -> tuple[float, float]:
    """Wait until another server than ``old`` acknowledges; give the outage's begin and end. Raises DrError."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := outage(client.read(), old):
            return found
        time.sleep(0.2)
    raise DrError(what=f"no write acknowledged in {seconds:g} s", where=f"all servers but {old}", hint=AGAIN)


def count(cluster: Cluster, client: Client) -> Run:
    """Count the writes acknowledged since ``begin``, and those of them that the present primary does not hold."""
    numbers = {one.number for one in client.read()}
    query = "SELECT number FROM ledger WHERE number >= :first"
    rows = sql(cluster, leader(cluster), query, first=min(numbers))
    return {"acknowledged": len(numbers), "lost": len(numbers - {row[0] for row in rows})}
