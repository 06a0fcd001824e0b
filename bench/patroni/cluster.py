"""A Patroni cluster on loopback addresses of its own: started, asked, struck by the loss of a host, and ended."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import socket
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pg8000.native
from layout import APPLICATION, ETCDS, POSTGRES, REST, SCOPE, Cluster, Settings, configuration, etcd_flags
from programs import Programs, end

from dr_templates.errors import DrError
from dr_templates.lab import processes

LAG = 64 * 1024
"""Bytes a member may be behind and count as settled: the client goes on writing."""
STEADY = 2.0
TAIL = 4


@contextlib.contextmanager
def open_cluster(root: Path, programs: Programs, settings: Settings, count: int) -> Iterator[Cluster]:
    """Start a cluster of ``count`` nodes in ``root`` and prepare it for the client; end every process on leaving.

    Raises DrError when somebody listens on its addresses already, or when it does not come up.
    """
    root.mkdir()
    root.chmod(0o755)
    cluster = Cluster(root, programs, settings, _net(), tuple(f"node{number + 1}" for number in range(count)))
    try:
        _start_etcd(cluster)
        for node in cluster.nodes:
            _configure(cluster, node)
            start(cluster, node)
        settle(cluster, count)
        _make_ledger(cluster)
        yield cluster
    finally:
        _end(cluster)


def start(cluster: Cluster, node: str) -> None:
    """Start Patroni on a node, which starts PostgreSQL."""
    words = [cluster.programs.at("patroni"), cluster.configuration(node)]
    with cluster.log(node).open("a") as log:
        cluster.running[node] = cluster.programs.start(words, log, cluster.home(node))


def lose(cluster: Cluster, node: str) -> None:
    """Kill Patroni and PostgreSQL on a node at once, as when its host is gone."""
    _kill(cluster, node)
    processes.end(cluster.data(node))


def members(cluster: Cluster) -> list[dict[str, Any]]:
    """Ask the first node that answers how the cluster stands; nothing when none does."""
    for node in cluster.nodes:
        try:
            with urllib.request.urlopen(f"http://{cluster.address(node)}:{REST}/cluster", timeout=2) as answer:
                return list(json.load(answer)["members"])
        except (OSError, ValueError, KeyError, http.client.HTTPException):
            continue
    return []


def leader(cluster: Cluster) -> str:
    """Name the leader. Raises DrError when there is none."""
    for member in members(cluster):
        if member["role"] == "leader":
            return str(member["name"])
    raise DrError(what="the cluster has no leader", where=cluster.net, hint=_tails(cluster))


def settle(cluster: Cluster, count: int, seconds: float = 180) -> None:
    """Wait until one leads and the others stream on its timeline, steadily for ``STEADY`` seconds. Raises DrError."""
    until = time.monotonic() + seconds
    since: float | None = None
    while time.monotonic() < until and all(process.poll() is None for process in cluster.running.values()):
        since = (since or time.monotonic()) if settled(members(cluster), count) else None
        if since and time.monotonic() - since > STEADY:
            return
        time.sleep(0.25)
    raise DrError(what="the cluster does not settle", where=str(members(cluster)), hint=_tails(cluster))


def settled(found: list[dict[str, Any]], count: int) -> bool:
    """Say whether one of ``count`` members leads and all others stream from it with next to no lag."""
    leaders = [one for one in found if one["role"] == "leader" and one["state"] == "running"]
    followers = [one for one in found if one["state"] == "streaming" and one.get("lag") in range(LAG)]
    return len(leaders) == 1 and len(followers) == count - 1 and len({one.get("timeline") for one in found}) == 1


def switchover(cluster: Cluster, old: str, new: str) -> None:
    """Do what an operator does. Raises DrError with patronictl's words."""
    program: tuple[str | Path, ...] = (cluster.programs.at("patronictl"), "-c", cluster.configuration(old))
    words = ("switchover", SCOPE, "--leader", old, "--candidate", new, "--force")
    cluster.programs.run((*program, *words), cluster.home(old))


def sql(cluster: Cluster, node: str, statement: str, **values: object) -> list[list[Any]]:
    """Run a statement as the superuser."""
    login = {"host": cluster.address(node), "port": POSTGRES, "password": cluster.password, "database": "postgres"}
    with pg8000.native.Connection("postgres", **login) as connection:
        return list(connection.run(statement, **values) or ())


def _net() -> str:
    """Begin the addresses with this process's number, apart from the emulators', which begin at 127.128."""
    number = os.getpid()
    net = f"127.{64 + (number >> 8) % 64}.{number & 255}"
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((f"{net}.1", POSTGRES))
        except OSError as error:
            hint = "Stop the PostgreSQL that listens on all addresses while this runs."
            raise DrError(what=f"the address is taken: {error}", where=f"{net}.1:{POSTGRES}", hint=hint) from error
    return net


def _tails(cluster: Cluster) -> str:
    """Give the last words of every log: they are removed with everything else."""
    logs = {node: cluster.log(node) for node in cluster.nodes}
    tails = {node: log.read_text().splitlines()[-TAIL:] for node, log in logs.items() if log.exists()}
    return "\n".join(f"{node}: {line}" for node, tail in tails.items() for line in tail)


def _make_ledger(cluster: Cluster) -> None:
    first, password = leader(cluster), pg8000.native.literal(cluster.password)
    sql(cluster, first, f"CREATE ROLE {APPLICATION} LOGIN PASSWORD {password}")
    sql(cluster, first, "CREATE TABLE ledger (number bigint PRIMARY KEY)")
    sql(cluster, first, f"GRANT INSERT, SELECT ON ledger TO {APPLICATION}")


def _make_home(cluster: Cluster, name: str) -> Path:
    home = cluster.home(name)
    home.mkdir(mode=0o700)
    if account := cluster.programs.postgres.account:
        shutil.chown(home, account)
    return home


def _configure(cluster: Cluster, node: str) -> None:
    _make_home(cluster, node)
    path = cluster.configuration(node)
    path.touch(mode=0o600)
    path.write_text(json.dumps(configuration(cluster, node), indent=1))
    if account := cluster.programs.postgres.account:
        shutil.chown(path, account)


def _start_etcd(cluster: Cluster) -> None:
    """Start three etcd servers, which are never killed: they live on hosts of their own."""
    for number in ETCDS:
        home = _make_home(cluster, f"etcd{number}")
        with cluster.log(home.name).open("a") as log:
            words: list[str | Path] = [cluster.programs.etcd("etcd"), *etcd_flags(cluster, number)]
            cluster.running[home.name] = cluster.programs.start(words, log, home)


def _kill(cluster: Cluster, name: str) -> None:
    process = cluster.running.pop(name, None)
    if process is not None:
        end(process)


def _end(cluster: Cluster) -> None:
    """End every process of the cluster, also a server that was just being started and is in no lock file yet."""
    for node in cluster.nodes:
        _kill(cluster, node)
        processes.end(cluster.data(node))
    for name in list(cluster.running):
        _kill(cluster, name)
    for pid in _strays(cluster.root):
        if (gone := processes.kill(pid)) is not None:
            processes.wait(gone, 10)


def _strays(root: Path) -> list[int]:
    mine = os.fsencode(root) + b"/"
    found = []
    for words in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it has ended since
            if mine in words.read_bytes():
                found.append(int(words.parent.name))
    return found
