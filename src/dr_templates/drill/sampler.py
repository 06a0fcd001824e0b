"""The sampler: ten times a second, from every place, which database takes a client's write, and where the name points.

Databases are asked by their own addresses, in sessions that are kept: sessions that are left over are what a fence must
end. Every question has its own thread, so one that hangs delays none of the others.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Event, Thread

from pg8000.native import DatabaseError

from dr_templates.drill.ledger.asker import Asker
from dr_templates.drill.ledger.table import sampling_write
from dr_templates.drill.ledger.turns import Acceptance
from dr_templates.drill.ledger.way import FAULTS, Bounds, Login, Session, Way, connect, why

CONNECT = 1.0
"""How long (seconds) a new session may take; it is made beside the samples."""
AGAIN = 0.25
"""How long (seconds) none is tried after one that did not come about."""
CANCELED = "57014"
"""The SQLSTATE of a statement the server gave up because it took too long."""


@dataclass(frozen=True)
class Sample:
    """What was seen at one moment (``at``, the machine's seconds since 1970).

    ``writable`` tells by place and database whether a write was accepted, False when it was refused, by the database or
    its host; None when no answer came in time.
    ``name`` tells by place the database the name points at, or its target when that is none of them; None when it was
    not resolved in time. ``stances`` tells which database is in recovery. ``accepted`` are the writes that were
    answered since the sample before.
    """

    at: float
    writable: Mapping[str, Mapping[str, bool | None]]
    name: Mapping[str, str | None]
    stances: Mapping[str, bool | None]
    accepted: tuple[Acceptance, ...] = ()


@dataclass(frozen=True)
class Watch:
    """Whom to ask, and how often (``interval``) and with how much patience (``bound``; the machine's seconds).

    ``databases`` are logins to each database, ``name`` its endpoint, which the ways' ``resolve`` must know. ``look``
    gives the target (an endpoint) and the address of the moving name as a place sees it, or raises OSError.
    ``stances`` must answer at once, from what is known.
    """

    ways: Sequence[Way]
    databases: Mapping[str, Login]
    look: Callable[[str], tuple[str, str]]
    stances: Callable[[], Mapping[str, bool | None]]
    clock: Callable[[], float]
    interval: float = 0.1
    bound: float = 0.3


class _Writer:
    """Writes to one database from one place, and keeps its session for that."""

    def __init__(self, watch: Watch, way: Way, database: str) -> None:
        self.verdict: bool | None = None
        self.accepted: deque[Acceptance] = deque()
        self._way, self._database, self._login = way, database, watch.databases[database]
        self._clock, self._bounds = watch.clock, Bounds(CONNECT, watch.bound)
        self._sql = sampling_write(way.place)
        self._session: Session | None = None
        self._again = 0.0

    def write(self) -> None:
        """Try one write. An answer that is an error leaves the session as it is: the database may change its mind."""
        if self._session is None and self._clock() < self._again:
            return
        try:
            self._session = self._session or self._come()
            sent = self._clock()
            self._session.run(self._sql)
        except DatabaseError as error:
            self.verdict = None if why(error)[1] == CANCELED else False
            self._again = self._clock() + AGAIN
        except FAULTS as error:
            self.verdict = False if isinstance(error, ConnectionError) else None
            self._again = self._clock() + AGAIN
            self.close()
        else:
            self.verdict = True
            self.accepted.append(Acceptance(self._database, sent, self._clock()))

    def close(self) -> None:
        """Give the session up."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _come(self) -> Session:
        return connect(self._way, self._login, self._way.resolve(self._login.name), self._bounds)


class _Looker:
    """Resolves the moving name from one place."""

    def __init__(self, watch: Watch, way: Way) -> None:
        self.target: str | None = None
        self._look, self._place = watch.look, way.place
        self._known = {login.name: database for database, login in watch.databases.items()}

    def look(self) -> None:
        try:
            target, _ = self._look(self._place)
        except OSError:
            self.target = None
        else:
            self.target = self._known.get(target, target)


@dataclass(frozen=True)
class _Eyes:
    writers: Mapping[tuple[str, str], tuple[_Writer, Asker]]
    lookers: Mapping[str, tuple[_Looker, Asker]]

    @property
    def askers(self) -> list[Asker]:
        return [asker for _, asker in (*self.writers.values(), *self.lookers.values())]


@contextlib.contextmanager
def sampling(watch: Watch, take: Callable[[Sample], None]) -> Iterator[None]:
    """Sample while inside, and give each sample to ``take``, which must not raise; ended with its last session."""
    eyes = _open(watch)
    over = Event()
    thread = Thread(target=_run, args=(watch, eyes, take, over), name="sampler", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        for asker in eyes.askers:
            asker.stop()
        thread.join()
        for asker in eyes.askers:
            asker.join()


def _open(watch: Watch) -> _Eyes:
    writers, lookers = {}, {}
    for way in watch.ways:
        for database in watch.databases:
            writer = _Writer(watch, way, database)
            asker = Asker(f"sampler {way.place} {database}", writer.write, writer.close)
            writers[way.place, database] = (writer, asker)
        looker = _Looker(watch, way)
        lookers[way.place] = (looker, Asker(f"sampler {way.place} name", looker.look, lambda: None))
    return _Eyes(writers, lookers)


def _run(watch: Watch, eyes: _Eyes, take: Callable[[Sample], None], over: Event) -> None:
    while not over.is_set():
        at = watch.clock()
        take(_sample(watch, eyes, at))
        over.wait(max(0.0, at + watch.interval - watch.clock()))


def _sample(watch: Watch, eyes: _Eyes, at: float) -> Sample:
    """Ask everybody who is not still busy, and wait for those no longer than the bound."""
    asked = [asker for asker in eyes.askers if asker.ask()]
    stances = watch.stances()
    done = {id(asker) for asker in asked if asker.done(at + watch.bound - watch.clock())}
    writable: dict[str, dict[str, bool | None]] = {way.place: {} for way in watch.ways}
    accepted: list[Acceptance] = []
    for (place, database), (writer, asker) in eyes.writers.items():
        writable[place][database] = writer.verdict if id(asker) in done else None
        while writer.accepted:
            accepted.append(writer.accepted.popleft())
    name = {place: looker.target if id(asker) in done else None for place, (looker, asker) in eyes.lookers.items()}
    return Sample(at, writable, name, stances, tuple(accepted))
