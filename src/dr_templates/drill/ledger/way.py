"""How a client comes to the database: from a place, by a name, over TLS, and never waiting without bound."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pg8000.native

from dr_templates.runtime.database import DATABASE_ERRORS, SSL_REQUEST, explain

FAULTS = DATABASE_ERRORS
"""What can go wrong on the way to a database and at it."""
SERVER_SHARE = 0.9
"""The server gives up a statement a little before its client does, so that the client hears of it."""
REASONS = {b"": "the connection was closed", b"N": "the server offers no TLS"}
NO_POSTGRESQL = "the answer is not PostgreSQL's"


@dataclass(frozen=True)
class Way:
    """Where a client is, the address it comes from, and how it resolves names.

    ``resolve`` gives the address behind a name as that place sees it, or raises OSError; it must not wait for long.
    """

    place: str
    source: str
    resolve: Callable[[str], str]


@dataclass(frozen=True)
class Login:
    """Whom a client asks for and as whom it comes; ``authority`` is the file of the certificates it trusts."""

    name: str
    port: int
    database: str
    user: str
    password: str = field(repr=False)
    authority: Path


@dataclass(frozen=True)
class Bounds:
    """How long a client waits for an answer while it connects, and for one to a statement (the machine's seconds)."""

    connect: float = 3.0
    statement: float = 5.0


@dataclass(frozen=True)
class Session:
    """A client's session, and the address it goes to."""

    connection: pg8000.native.Connection
    secure: ssl.SSLSocket
    address: str

    def run(self, sql: str) -> list[list[object]]:
        """Run SQL in one message; raise one of ``FAULTS``."""
        return list(self.connection.run(sql) or ())

    def close(self) -> None:
        """Say goodbye and let the socket go, also when nobody listens any more (see ``runtime.database.session``)."""
        with contextlib.suppress(*FAULTS):
            self.connection.close()
        _let_go(self.secure)

    def cut(self) -> None:
        """Let whoever waits for an answer in this session see it lost, at once; any thread may do so."""
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self.secure, socket.SHUT_RDWR)


def connect(way: Way, login: Login, address: str, bounds: Bounds) -> Session:
    """Log in at an address that the name was resolved to; raise one of ``FAULTS``.

    The certificate must be of the authority, and may be for any host: the moving name is in no certificate of RDS's, so
    its clients do as libpq does with ``sslmode=verify-ca``.
    """
    secure = _secure(way, login, address, bounds.connect)
    try:
        connection = pg8000.native.Connection(
            login.user,
            sock=secure,
            ssl_context=False,
            database=login.database,
            password=login.password,
            application_name=f"ledger {way.place}",
            startup_params={"statement_timeout": str(round(bounds.statement * SERVER_SHARE * 1000))},
        )
    except FAULTS:
        _let_go(secure)
        raise
    secure.settimeout(bounds.statement)
    return Session(connection, secure, address)


def why(error: BaseException) -> tuple[str, str]:
    """Put an error into words, with its SQLSTATE, empty if it has none."""
    words, sqlstate = explain(error)
    return words, sqlstate or ""


def _secure(way: Way, login: Login, address: str, timeout: float) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=login.authority)
    context.check_hostname = False
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    raw = socket.create_connection((address, login.port), timeout, (way.source, 0))
    try:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        raw.sendall(SSL_REQUEST)
        answer = raw.recv(1)
        if answer != b"S":
            raise ConnectionAbortedError(REASONS.get(answer, NO_POSTGRESQL))
        return context.wrap_socket(raw)
    except OSError:
        raw.close()
        raise


def _let_go(secure: ssl.SSLSocket) -> None:
    with contextlib.suppress(OSError):
        os.close(secure.detach())
