"""The ways to the databases' servers: whether their addresses are free, and a path to their sockets that is short."""

from __future__ import annotations

import socket
from pathlib import Path

from dr_templates.errors import DrError
from dr_templates.lab import postgres
from dr_templates.lab.emulator.place import link

LONGEST_SOCKET = 100
"""A unix socket's path has hardly more than a hundred bytes."""


def check(host: str, port: int) -> None:
    """Raise DrError unless a server can listen there."""
    try:
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((host, port))
    except OSError as error:
        raise DrError(
            what=f"the databases cannot have port {port}: {error.strerror}",
            where=f"{host}:{port}",
            hint="End the server that listens there; it is often a PostgreSQL that listens on all addresses.",
        ) from error


def short(root: Path, port: int) -> Path | None:
    """Make a short way to a directory whose own path is too long for a unix socket; None when it is not.

    It is a link, named after the emulator's port. Raises DrError when somebody else has that name.
    """
    if len(str(root / "db-12345678" / postgres.LINK / postgres.SOCKET)) <= LONGEST_SOCKET:
        return None
    way = link(port)
    try:
        way.unlink(missing_ok=True)
        way.symlink_to(root)
    except OSError as error:
        raise DrError(
            what=f"no short way to the sockets of PostgreSQL can be made: {error.strerror}",
            where=str(way),
            hint="Choose a home for the emulator with a shorter path.",
        ) from error
    return way
