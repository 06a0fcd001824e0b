"""Real PostgreSQL servers shaped like RDS: a superuser nobody is given, a master user who is none, TLS only.

A node is plain data; the functions here act on it. Everything lives in a room, and leaving the room ends every server
in it, however it was left.
"""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pg8000.native

from dr_templates.lab import dbclock, processes
from dr_templates.lab.clock import Clock
from dr_templates.lab.defaults import DEFAULTS, INNER_PORT
from dr_templates.lab.front import open_front
from dr_templates.lab.lines import Roads
from dr_templates.lab.link import open_link
from dr_templates.lab.nodes import SOCKET, Master, Node, Room
from dr_templates.lab.software import prepare
from dr_templates.runtime.scram import verifier

__all__ = ["SOCKET", "Master", "Node", "Room"]  # from ``nodes``, for whoever uses them with what is here
ADMIN = "rdsadmin"
REPLICATOR = "rdsrepladmin"
LINK = "link"


@contextlib.contextmanager
def open_room(
    directory: Path,
    root: Path | None = None,
    sockets: Path | None = None,
    clock: Clock | None = None,
    roads: Roads | None = None,
) -> Iterator[Room]:
    """Make a room for servers run from the programs in ``directory``; on leaving, end them all and remove it."""
    root = root or Path(tempfile.mkdtemp(prefix="dr-lab-"))
    root.chmod(0o755)
    room = Room(root, prepare(directory, root), sockets=sockets, clock=clock or Clock(0.0), roads=roads or Roads())
    try:
        yield room
    finally:
        for close in room.doors.values():
            close()
        for data in root.glob("*/data"):
            processes.end(data)
        shutil.rmtree(root)


def free_port(host: str) -> int:
    """Name a port of ``host`` that nothing listens on."""
    with socket.socket() as listener:
        listener.bind((host, 0))
        return int(listener.getsockname()[1])


def create_primary(node: Node, master: Master) -> Node:
    """Make a new server with RDS's roles, and start it.

    The master user holds CREATEROLE, CREATEDB and ``rds_superuser``, which may pass on what RDS lets it pass on.
    """
    _make_home(node)
    login = ("--username", ADMIN, "--pwfile", _write(node, "password", node.room.password), "--auth=scram-sha-256")
    node.room.software.run("initdb", "--pgdata", node.data, *login, "--encoding=UTF8", "--wal-segsize=1", "--no-sync")
    configure(node)
    start(node)
    if node.room.clock.rate != 1:
        for database in dbclock.DATABASES:
            sql(node, dbclock.statements(node.room.clock), database)
    literal, identifier = pg8000.native.literal, pg8000.native.identifier
    sql(
        node,
        f"""
        CREATE ROLE {REPLICATOR} LOGIN REPLICATION PASSWORD {literal(verifier(node.room.password))};
        CREATE ROLE rds_superuser;
        CREATE ROLE rds_iam;
        GRANT pg_monitor, pg_signal_backend, rds_iam TO rds_superuser WITH ADMIN OPTION;
        CREATE ROLE {identifier(master.user)} LOGIN CREATEDB CREATEROLE PASSWORD {literal(verifier(master.password))};
        GRANT rds_superuser TO {identifier(master.user)};
        """,
    )
    if master.database != "postgres":
        sql(node, f"CREATE DATABASE {identifier(master.database)} OWNER {identifier(master.user)}")
    return node


def create_replica(node: Node, source: Node) -> Node:
    """Copy ``source`` and follow it by streaming, through a slot named after the new node; start it.

    Both go by the link that the room has a road for, or else directly.
    """
    _make_home(node)
    origin = ("--host", _open_link(node, source).parent, "--port", str(INNER_PORT), "--username", REPLICATOR)
    slot = node.name.replace("-", "_")
    way = ("--write-recovery-conf", "--create-slot", "--slot", slot, "--checkpoint=fast", "--no-sync")
    credentials = {"PGPASSWORD": node.room.password}
    node.room.software.run("pg_basebackup", "--pgdata", node.data, *origin, *way, environment=credentials)
    configure(node)
    start(node)
    return node


def start(node: Node) -> None:
    """Start the server, wait until it accepts connections, and open its door."""
    node.room.software.run("pg_ctl", "start", "--wait", "--pgdata", node.data, "--log", node.log)
    open_door(node)


def stop(node: Node, mode: str = "fast") -> None:
    """Close the door and stop the server in order (``fast``) or at once (``immediate``)."""
    close_door(node)
    node.room.software.run("pg_ctl", "stop", "--wait", "--pgdata", node.data, "--mode", mode)


def kill(node: Node) -> None:
    """End the server as a crash does: no shutdown, no last checkpoint, nobody told."""
    close_door(node)
    processes.end(node.data)


def freeze(node: Node) -> None:
    """Stop the postmaster from answering without ending it: the address still accepts, nothing comes back."""
    processes.send(node.data, signal.SIGSTOP)


def thaw(node: Node) -> None:
    """Undo ``freeze``."""
    processes.send(node.data, signal.SIGCONT)


def promote(node: Node) -> None:
    """Make a replica a primary, and wait until it is one."""
    node.room.software.run("pg_ctl", "promote", "--wait", "--pgdata", node.data)


def open_door(node: Node) -> None:
    """Let the network reach the server again."""
    if node.home not in node.room.doors:
        road = partial(node.room.roads.session, node.name)
        pem = _write(node, "server.pem", node.pem)
        node.room.doors[node.home] = open_front(node.host, node.port, node.socket, pem, road)


def close_door(node: Node) -> None:
    """Cut the server off from the network; replication, which has its own way, goes on."""
    if close := node.room.doors.pop(node.home, None):
        close()


def close_link(node: Node) -> None:
    """End the link of a replica that follows no longer."""
    if close := node.room.doors.pop(node.home / LINK, None):
        close()


def sql(node: Node, statement: str, database: str = "postgres", **values: object) -> list[list[Any]]:
    """Run a statement as the superuser, who comes in by the unix socket."""
    login = {"database": database, "password": node.room.password, "unix_sock": str(node.socket), "ssl_context": False}
    with pg8000.native.Connection(ADMIN, **login) as connection:
        return list(connection.run(statement, **values) or ())


def _open_link(node: Node, source: Node) -> Path:
    """Give the socket on which a replica reaches its source."""
    road = node.room.roads.stream(node.name, source.name)
    if road is None:
        return source.socket
    (node.home / LINK).mkdir(mode=0o755)
    place = node.socket.parent / LINK / SOCKET
    node.room.doors[node.home / LINK] = open_link(place, source.socket, road)
    return place


def _make_home(node: Node) -> None:
    node.home.mkdir(mode=0o700)
    if node.room.software.account:
        shutil.chown(node.home, node.room.software.account)


def _write(node: Node, name: str, text: str) -> Path:
    path = node.home / name
    path.touch(mode=0o600)
    path.write_text(text)
    if node.room.software.account:
        shutil.chown(path, node.room.software.account)
    return path


def configure(node: Node) -> None:
    """Write settings and login rules: most hold once reloaded, the rest from the next start."""
    settings = {
        **DEFAULTS,
        "unix_socket_directories": str(node.socket.parent),
        "cluster_name": node.name,
        **node.settings,
        **dbclock.patience(node.room.clock, node.settings),
    }
    lines = [f"{name} = {pg8000.native.literal(value)}" for name, value in settings.items()]
    _write(node, "data/lab.conf", "\n".join(lines))
    main = node.data / "postgresql.conf"
    if "lab.conf" not in main.read_text():
        _write(node, "data/postgresql.conf", main.read_text() + "\ninclude 'lab.conf'\n")
    trusted = [f'local all "{name}" trust' for name in node.trusted]
    if node.tokens_except:
        trusted += [f'local all "{node.tokens_except}" scram-sha-256', "local all +rds_iam trust"]
    rules = [*trusted, "local all all scram-sha-256", "local replication all scram-sha-256"]
    _write(node, "data/pg_hba.conf", "\n".join(rules) + "\n")
