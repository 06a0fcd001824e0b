"""The way into a database: verified TLS, bounded waiting, and one error that says how far we came."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files

import pg8000.native
from scramp import ScramException

SSL_REQUEST = bytes.fromhex("0000000804d2162f")
DATABASE_ERRORS = (pg8000.native.Error, ScramException, OSError)
REFUSED_LOGIN = "28"


class Stage(StrEnum):
    """How far a caller came, and so where it stopped."""

    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    HANDSHAKE = "handshake"
    LOGIN = "login"
    QUERY = "query"
    ANSWERED = "answered"


@dataclass(frozen=True)
class Target:
    """Whom to reach, as whom, and how long to wait (seconds).

    ``ca`` is the PEM text of the authorities to trust; None means the RDS bundle in this package (A42).
    """

    host: str
    port: int
    database: str
    user: str
    password: str = field(repr=False)
    ca: str | None = field(default=None, repr=False)
    connect_timeout: float = 3.0
    statement_timeout: float = 5.0


class UnavailableError(Exception):
    """The database could not be used: where it stopped, why, and PostgreSQL's SQLSTATE when it gave one."""

    def __init__(self, stage: Stage, reason: str, sqlstate: str | None = None) -> None:
        super().__init__(reason)
        self.stage = stage
        self.reason = reason
        self.sqlstate = sqlstate

    @property
    def login_refused(self) -> bool:
        """Whether the server knows us and says no (SQLSTATE class 28), rather than being busy or gone."""
        return self.stage is Stage.LOGIN and (self.sqlstate or "").startswith(REFUSED_LOGIN)


@dataclass(frozen=True)
class Handshake:
    """What a host answered to PostgreSQL's first question. ``stopped`` is None when it offers TLS, as it should."""

    milliseconds: float
    stopped: Stage | None = None
    reason: str | None = None


def handshake(host: str, port: int, timeout: float, clock: Callable[[], float] = time.monotonic) -> Handshake:
    """Ask whether a PostgreSQL that speaks TLS is there, without logging in."""
    start = clock()
    try:
        _greet(host, port, timeout).close()
    except UnavailableError as fault:
        return Handshake((clock() - start) * 1000, fault.stage, fault.reason)
    return Handshake((clock() - start) * 1000)


@contextlib.contextmanager
def session(target: Target) -> Iterator[pg8000.native.Connection]:
    """Log in over TLS, the certificate and the host name verified, statements bounded on both sides; leave at the end.

    The socket is gone then, also when the server no longer listens to goodbyes: the driver leaves it to the garbage
    collector when an error that somebody keeps still refers to it. Raises UnavailableError when no connection comes
    about.
    """
    secure = _secure(target)
    try:
        connection = _log_in(secure, target)
        try:
            yield connection
        finally:
            with contextlib.suppress(*DATABASE_ERRORS):
                connection.close()
    finally:
        with contextlib.suppress(OSError):
            os.close(secure.detach())


def _secure(target: Target) -> ssl.SSLSocket:
    context = trust(target.ca)
    raw = _greet(target.host, target.port, target.connect_timeout)
    try:
        return context.wrap_socket(raw, server_hostname=target.host)
    except OSError as error:
        raw.close()
        raise UnavailableError(Stage.HANDSHAKE, explain(error)[0]) from error


def _log_in(secure: ssl.SSLSocket, target: Target) -> pg8000.native.Connection:
    try:
        connection = pg8000.native.Connection(
            target.user,
            sock=secure,
            ssl_context=False,
            database=target.database,
            password=target.password,
            application_name="dr",
            startup_params={"statement_timeout": str(round(target.statement_timeout * 1000))},
        )
    except DATABASE_ERRORS as error:
        raise UnavailableError(Stage.LOGIN, *explain(error)) from error
    secure.settimeout(target.statement_timeout + 1)
    return connection


@cache
def trust(ca: str | None) -> ssl.SSLContext:
    """Make the TLS rules: these authorities and no others, the host name checked, TLS 1.2 or newer.

    They are kept: to read more than a hundred certificates of RDS's takes longer than to ask the database.
    """
    bundle = ca or files(__package__).joinpath("rds-ca-bundle.pem").read_text(encoding="ascii")
    context = ssl.create_default_context(cadata=bundle)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def explain(error: BaseException) -> tuple[str, str | None]:
    """Put a driver's or the network's error into words that hold no secret, with the SQLSTATE if there is one."""
    if isinstance(error, pg8000.native.DatabaseError):
        fields = error.args[0]
        return str(fields["M"]), str(fields["C"])
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, TimeoutError):
            return "no answer in time", None
        cause = cause.__cause__ or cause.__context__
    return str(error) or type(error).__name__, None


def _greet(host: str, port: int, timeout: float) -> socket.socket:
    """Connect and ask for TLS; return the socket when the answer is yes."""
    try:
        raw = socket.create_connection((host, port), timeout)
    except ConnectionRefusedError as error:
        raise UnavailableError(Stage.REFUSED, explain(error)[0]) from error
    except OSError as error:
        raise UnavailableError(Stage.UNREACHABLE, explain(error)[0]) from error
    try:
        raw.sendall(SSL_REQUEST)
        answer = raw.recv(1)
    except OSError as error:
        raw.close()
        raise UnavailableError(Stage.HANDSHAKE, explain(error)[0]) from error
    if answer != b"S":
        raw.close()
        reasons = {b"": "the connection was closed", b"N": "the server offers no TLS"}
        raise UnavailableError(Stage.HANDSHAKE, reasons.get(answer, "the answer is not PostgreSQL's"))
    return raw
