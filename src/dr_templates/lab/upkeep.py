"""What RDS does to a server that is there already: other rules and passwords, replicas forgotten, the end of it."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator

import pg8000.native
from scramp import ScramException

from dr_templates.errors import DrError
from dr_templates.lab import postgres, processes
from dr_templates.lab.postgres import ADMIN, Node
from dr_templates.runtime.scram import verifier

TROUBLES = (pg8000.native.Error, ScramException, OSError, DrError)
LOOK_SECONDS = 3.0


def reload(node: Node) -> None:
    """Write the settings and login rules anew, and let the server read them if it runs."""
    postgres.configure(node)
    if processes.postmaster(node.data) is not None:
        node.room.software.run("pg_ctl", "reload", "--pgdata", node.data)


def set_password(node: Node, user: str, password: str) -> None:
    """Give a role another password; the server's log gets to see its verifier only."""
    role, secret = pg8000.native.identifier(user), pg8000.native.literal(verifier(password))
    postgres.sql(node, f"ALTER ROLE {role} PASSWORD {secret}")


def drop_slot(node: Node, follower: Node) -> None:
    """Forget the slot of a replica that has gone, so that it no longer holds the log back.

    Its sender is ended first: that may not have noticed yet, and a slot in use cannot be dropped.
    """
    slot = follower.name.replace("-", "_")
    found = "FROM pg_replication_slots WHERE slot_name = :slot"
    postgres.sql(node, f"SELECT pg_terminate_backend(active_pid, 10000) {found} AND active", slot=slot)
    postgres.sql(node, f"SELECT pg_drop_replication_slot(slot_name) {found}", slot=slot)


def receives(node: Node) -> bool:
    """Tell whether a replica receives its source's log just now; one that does not answer in seconds does not.

    A server that is stopped is not asked: it would keep us waiting for as long.
    """
    running = processes.postmaster(node.data)
    if running is None or processes.state(running) in ("T", "Z"):
        return False
    login = {"database": "postgres", "password": node.room.password, "unix_sock": str(node.socket)}
    told: list[list[object]] = []
    with forgiving(), pg8000.native.Connection(ADMIN, timeout=LOOK_SECONDS, **login) as connection:
        told = list(connection.run("SELECT status FROM pg_stat_wal_receiver") or ())
    return told == [["streaming"]]


def remove(node: Node) -> None:
    """End a server and remove all that is its own."""
    postgres.kill(node)
    shutil.rmtree(node.home, ignore_errors=True)


@contextlib.contextmanager
def forgiving() -> Iterator[None]:
    """Let pass that a server does not do what it is asked: it may be gone, or frozen."""
    with contextlib.suppress(*TROUBLES):
        yield
