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
SLOT_SECONDS = 12.0
"""Longer than a sender is given to end."""


def reload(node: Node) -> None:
    """Write the settings and login rules anew, and let the server read them if it runs."""
    postgres.configure(node)
    if processes.postmaster(node.data) is not None:
        node.room.software.run("pg_ctl", "reload", "--pgdata", node.data)


def set_password(node: Node, user: str, password: str) -> None:
    """Give a role another password; the server's log gets to see its verifier only."""
    role, secret = pg8000.native.identifier(user), pg8000.native.literal(verifier(password))
    ask(node, f"ALTER ROLE {role} PASSWORD {secret}")


def drop_slot(node: Node, follower: Node) -> None:
    """Forget the slot of a replica that has gone, so that it no longer holds the log back.

    Its sender is ended first: that may not have noticed yet, and a slot in use cannot be dropped.
    """
    slot = follower.name.replace("-", "_")
    found = "FROM pg_replication_slots WHERE slot_name = :slot"
    terminate = f"SELECT pg_terminate_backend(active_pid, 10000) {found} AND active"
    ask(node, terminate, SLOT_SECONDS, slot=slot)
    ask(node, f"SELECT pg_drop_replication_slot(slot_name) {found}", slot=slot)


def receives(node: Node) -> bool:
    """Tell whether a replica receives its source's log just now; one that does not answer in seconds does not."""
    told: list[list[object]] = []
    with forgiving():
        told = ask(node, "SELECT status FROM pg_stat_wal_receiver")
    return told == [["streaming"]]


def answers(node: Node) -> bool:
    """Tell whether a server may answer: it runs, and is not frozen."""
    return processes.runs(node.data) and not processes.frozen(node.data)


def ask(node: Node, statement: str, seconds: float = LOOK_SECONDS, **values: object) -> list[list[object]]:
    """Run a statement as the superuser, and wait no longer than ``seconds`` for each step of it.

    A server that is stopped is not asked: it would keep us waiting for as long. Raises one of ``TROUBLES``.
    """
    if not answers(node):
        raise DrError(what="the server does not answer", where=str(node.data), hint="Start it, or let it go on.")
    login = {"database": "postgres", "password": node.room.password, "unix_sock": str(node.socket)}
    with pg8000.native.Connection(ADMIN, timeout=seconds, ssl_context=False, **login) as connection:
        return list(connection.run(statement, **values) or ())


def remove(node: Node) -> None:
    """End a server and remove all that is its own."""
    postgres.kill(node)
    shutil.rmtree(node.home, ignore_errors=True)


@contextlib.contextmanager
def forgiving() -> Iterator[None]:
    """Let pass that a server does not do what it is asked: it may be gone, or frozen."""
    with contextlib.suppress(*TROUBLES):
        yield
