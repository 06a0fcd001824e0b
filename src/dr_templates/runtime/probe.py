"""What only SQL can tell about one database, as one observation.

A database that does not answer is an observation too: whatever it refuses is written into the sight, never raised.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pg8000.native

from dr_templates.runtime import questions
from dr_templates.runtime.database import DATABASE_ERRORS, Stage, Target, UnavailableError, explain, session


@dataclass(frozen=True)
class Receiver:
    """A replica's WAL receiver, and how long ago (seconds) it last heard from its source."""

    status: str
    message_age_seconds: float | None


@dataclass(frozen=True)
class Replica:
    """A replica as its source sees it."""

    application_name: str
    state: str
    sent_lsn: str | None
    replay_lsn: str | None


@dataclass(frozen=True)
class Slot:
    """A replication slot: what it keeps on disk, and how much more may come before it is lost (bytes)."""

    name: str
    active: bool
    wal_status: str | None
    safe_wal_size: int | None
    retained_bytes: int | None


@dataclass(frozen=True)
class Heartbeat:
    """The newest heartbeat row the database holds, and its age by the database's own clock (seconds)."""

    site: str
    beat: int
    written_at: datetime
    age_seconds: float


@dataclass(frozen=True)
class Sight:
    """One look at one database. None means not known; ``unanswered`` names the questions that failed.

    ``error`` and ``sqlstate`` belong to the first thing that went wrong, at ``stage``.
    """

    site: str
    stage: Stage
    milliseconds: float = 0.0
    error: str | None = None
    sqlstate: str | None = None
    unanswered: tuple[str, ...] = ()
    server_version: str | None = None
    in_recovery: bool | None = None
    system_identifier: str | None = None
    timeline: int | None = None
    written_lsn: str | None = None
    flushed_lsn: str | None = None
    received_lsn: str | None = None
    replayed_lsn: str | None = None
    replay_lag_bytes: int | None = None
    last_replayed_at: datetime | None = None
    receiver: Receiver | None = None
    replicas: tuple[Replica, ...] | None = None
    slots: tuple[Slot, ...] | None = None
    heartbeat: Heartbeat | None = None
    client_sessions: int | None = None

    @property
    def reachable(self) -> bool:
        """Whether the database answered SQL."""
        return self.in_recovery is not None

    def as_json(self) -> dict[str, Any]:
        """Give the sight as plain values for ``json``, times in ISO 8601, UTC."""
        return asdict(self, dict_factory=_plain)


@dataclass
class _Notes:
    """What has been learnt so far, while asking."""

    facts: dict[str, Any] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)
    fault: tuple[str, str | None] | None = None
    lost: bool = False


@dataclass(frozen=True)
class _Question:
    sql: str
    take: Callable[[list[dict[str, Any]]], Mapping[str, Any]]


def probe(target: Target, site: str, *, beat: bool = True, clock: Callable[[], float] = time.monotonic) -> Sight:
    """Look at the database behind ``target``; on a primary also write ``site``'s heartbeat, unless told not to."""
    start = clock()
    try:
        with session(target) as connection:
            sight = _ask_all(connection, site, beat=beat)
    except UnavailableError as fault:
        sight = Sight(site, fault.stage, error=fault.reason, sqlstate=fault.sqlstate)
    return replace(sight, milliseconds=round((clock() - start) * 1000, 1))


def end_sessions(target: Target) -> int:
    """End every client session of the database but our own, and say how many: closing a door leaves them in (A49).

    Raises UnavailableError.
    """
    with session(target) as connection:
        try:
            return int(_rows(connection, questions.END_SESSIONS)[0]["ended"])
        except DATABASE_ERRORS as error:
            raise UnavailableError(Stage.QUERY, *explain(error)) from error


def _ask_all(connection: pg8000.native.Connection, site: str, *, beat: bool) -> Sight:
    notes = _Notes()
    _ask(connection, notes, "role", _Question(questions.ROLE, _first))
    if notes.facts:
        for name, question in _questions(in_recovery=notes.facts["in_recovery"], beat=beat).items():
            _ask(connection, notes, name, question, **({"site": site} if name == "beat" else {}))
    stage = Stage.ANSWERED if notes.fault is None else Stage.QUERY
    error, sqlstate = notes.fault or (None, None)
    return Sight(site, stage, 0.0, error, sqlstate, tuple(notes.unanswered), **notes.facts)


def _questions(*, in_recovery: bool, beat: bool) -> dict[str, _Question]:
    """Name the questions for this role, in the order asked; the one that writes comes after all that only read."""
    common = {"system": _Question(questions.SYSTEM, _first), "sessions": _Question(questions.SESSIONS, _first)}
    heartbeat = {"heartbeat": _Question(questions.HEARTBEAT, _one("heartbeat", Heartbeat))}
    if in_recovery:
        position = {"position": _Question(questions.REPLICA_POSITION, _first)}
        receiver = {"receiver": _Question(questions.RECEIVER, _one("receiver", Receiver))}
        return common | position | receiver | heartbeat
    position = {"position": _Question(questions.PRIMARY_POSITION, _first)}
    replicas = {"replicas": _Question(questions.REPLICAS, _many("replicas", Replica))}
    slots = {"slots": _Question(questions.SLOTS, _many("slots", Slot))}
    write = {"beat": _Question(questions.BEAT, lambda _: {})} if beat else {}
    return common | position | replicas | slots | write | heartbeat


def _ask(connection: pg8000.native.Connection, notes: _Notes, name: str, question: _Question, **values: object) -> None:
    """Ask one question and note the answer, or note that there is none; a lost connection is not asked again."""
    if notes.lost:
        notes.unanswered.append(name)
        return
    try:
        notes.facts.update(question.take(_rows(connection, question.sql, **values)))
    except DATABASE_ERRORS as error:
        notes.unanswered.append(name)
        notes.fault = notes.fault or explain(error)
        notes.lost = not isinstance(error, pg8000.native.DatabaseError)


def _rows(connection: pg8000.native.Connection, sql: str, **values: object) -> list[dict[str, Any]]:
    rows = connection.run(sql, **values) or []
    names = [column["name"] for column in connection.columns or ()]
    return [dict(zip(names, row, strict=True)) for row in rows]


def _first(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return rows[0]


def _one(name: str, make: Callable[..., object]) -> Callable[[list[dict[str, Any]]], dict[str, Any]]:
    return lambda rows: {name: make(**rows[0]) if rows else None}


def _many(name: str, make: Callable[..., object]) -> Callable[[list[dict[str, Any]]], dict[str, Any]]:
    return lambda rows: {name: tuple(make(**row) for row in rows)}


def _plain(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {key: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value for key, value in pairs}
