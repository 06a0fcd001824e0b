"""The clients: from each place some workers with a session each, who reconnect by the name as a pool does.

Whatever goes wrong ends the session; the worker waits a little, resolves the name anew and connects again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

from pg8000.native import DatabaseError

from dr_templates.drill.ledger.book import Book, Entry, Kind, Tally, last_numbers, open_book, read_book
from dr_templates.drill.ledger.gate import Gate
from dr_templates.drill.ledger.table import Row, entering
from dr_templates.drill.ledger.way import FAULTS, Bounds, Login, Session, Way, connect, why
from dr_templates.errors import DrError


@dataclass(frozen=True)
class Pace:
    """How many workers each place has, how many commits a second each tries, and how they wait (the machine's seconds).

    After a fault a worker waits ``first_wait``, then twice as long each time up to ``longest_wait``, each shortened by
    chance to between half and the whole.
    """

    workers: int = 8
    rate: float = 10.0
    bounds: Bounds = field(default_factory=Bounds)
    first_wait: float = 0.05
    longest_wait: float = 0.5


class Pool:
    """The workers of all places. Nothing is written before ``start``, and nothing begins after ``stop``."""

    def __init__(
        self,
        ways: Sequence[Way],
        login: Login,
        book: Book,
        *,
        clock: Callable[[], float],
        chance: Callable[[], float],
        pace: Pace,
        numbers: Mapping[str, int],
    ) -> None:
        self._login, self._book, self._clock, self._chance, self._pace = login, book, clock, chance, pace
        self._gate = Gate()
        self._over = Event()
        self._sessions: dict[str, Session] = {}
        self._fault: OSError | None = None
        self._threads: list[Thread] = []
        for way in ways:
            for index in range(pace.workers):
                worker = f"{way.place}/{index}"
                whole = (way, worker, numbers.get(worker, 0))
                self._threads.append(Thread(target=self._guard, args=whole, name=f"ledger {worker}", daemon=True))

    def start(self) -> None:
        """Let all workers begin. Raises DrError when the book cannot be written."""
        self._mark(Kind.STARTED)
        self._check()
        for thread in self._threads:
            thread.start()

    def hold(self) -> None:
        """Let nobody begin another commit; return when none is under way. Raises DrError when that takes too long."""
        if not self._gate.shut(2 * self._pace.bounds.statement + 1):
            raise DrError(what="the clients' commits do not end", where="drill.ledger", hint="Run the drill again.")
        self._mark(Kind.HELD)
        self._check()

    def go_on(self) -> None:
        """Undo ``hold``. Raises DrError when the book cannot be written."""
        self._mark(Kind.FREED)
        self._check()
        self._gate.open()

    def write(self, number: int, patience: float = 30.0) -> None:
        """Have exactly ``number`` commits acknowledged by workers that are held, and hold them again.

        Raises DrError when they are fewer after ``patience`` seconds.
        """
        done = self._gate.let(number, patience)
        self._check()
        if done != number:
            raise DrError(
                what=f"{done} of {number} commits were acknowledged",
                where="drill.ledger",
                hint="The database has to take writes for this; see the book for what it answered.",
            )

    def tally(self) -> Tally:
        """Count what the clients have been told so far."""
        return self._book.tally()

    def stop(self, patience: float = 1.0) -> None:
        """Send the workers home; a commit that has no answer after ``patience`` seconds is cut off, and doubtful.

        A worker that connects at that moment ends when its bound for it does. Raises DrError when the book could not be
        written. Stopped again, it does nothing.
        """
        if not self._over.is_set():
            self._over.set()
            self._gate.close()
            self._mark(Kind.STOPPED)
        running = [thread for thread in self._threads if thread.is_alive()]
        until = self._clock() + patience
        for thread in running:
            thread.join(max(0.0, until - self._clock()))
        for session in tuple(self._sessions.values()):
            session.cut()
        for thread in running:
            thread.join()
        self._check()

    def _mark(self, kind: Kind) -> None:
        try:
            self._book.note(Entry(kind, self._clock()))
        except OSError as error:
            self._fault = error

    def _check(self) -> None:
        if self._fault is not None:
            raise DrError(
                what=f"the ledger's book cannot be written: {self._fault}",
                where="drill.ledger",
                hint="Is the disk full? What the clients were told since is not known.",
            ) from self._fault

    def _guard(self, way: Way, worker: str, number: int) -> None:
        """Work to the end, or until the book cannot be written: then nobody may go on."""
        try:
            self._work(way, worker, number)
        except OSError as error:
            self._fault = error
            self._over.set()
            self._gate.close()
        finally:
            self._leave(worker)

    def _work(self, way: Way, worker: str, number: int) -> None:
        faults = 0
        self._over.wait(self._chance() / self._pace.rate)
        while not self._over.is_set():
            session = self._sessions.get(worker) or self._come(way, worker)
            done = False
            if session is not None:
                with self._gate.passing() as leave:
                    if leave is None:
                        return
                    number += 1
                    leave.acknowledged = done = self._commit(session, Row(worker, number, session.address))
            if done:
                faults = 0
                self._over.wait((0.75 + self._chance() / 2) / self._pace.rate)
            else:
                self._leave(worker)
                wait = min(self._pace.first_wait * 2.0**faults, self._pace.longest_wait)
                faults += 1
                self._over.wait(wait * (1 + self._chance()) / 2)

    def _come(self, way: Way, worker: str) -> Session | None:
        address = ""
        try:
            address = way.resolve(self._login.name)
            session = connect(way, self._login, address, self._pace.bounds)
        except FAULTS as error:
            words, sqlstate = why(error)
            entry = Entry(Kind.UNCONNECTED, self._clock(), worker, address=address, why=words, sqlstate=sqlstate)
            self._book.note(entry)
            return None
        self._sessions[worker] = session
        return session

    def _leave(self, worker: str) -> None:
        if session := self._sessions.pop(worker, None):
            session.close()

    def _commit(self, session: Session, row: Row) -> bool:
        """Try one commit and write down its fate; say whether it was acknowledged.

        An error the server answers to COMMIT means that there was none: once a commit is in the WAL only a lost session
        can hide it. The driver tells the two apart, since a server that ends a session sends no more after that error.
        """
        told = (row.worker, row.number)
        begun = self._clock()
        try:
            session.run(entering(row))
        except FAULTS as error:
            self._book.note(Entry(Kind.REFUSED, self._clock(), *told, begun, session.address, *why(error)))
            return False
        sent = self._clock()
        self._book.note(Entry(Kind.SENT, sent, *told, sent, session.address))
        try:
            session.run("COMMIT")
        except FAULTS as error:
            kind = Kind.REFUSED if isinstance(error, DatabaseError) else Kind.DOUBTFUL
            self._book.note(Entry(kind, self._clock(), *told, sent, session.address, *why(error)))
            return False
        self._book.note(Entry(Kind.ACKNOWLEDGED, self._clock(), *told, sent, session.address))
        return True


@contextlib.contextmanager
def open_pool(
    path: Path,
    ways: Sequence[Way],
    login: Login,
    *,
    clock: Callable[[], float],
    chance: Callable[[], float],
    pace: Pace = Pace(),
) -> Iterator[Pool]:
    """Open the book at ``path`` and have workers ready; on leaving, however, they have stopped.

    ``clock`` is the machine's, in seconds since 1970; ``chance`` gives numbers from 0 to 1. A book that is there is
    continued, and so are its numbers. Raises DrError when it is none.
    """
    with open_book(path) as book:
        numbers = last_numbers(read_book(path))
        pool = Pool(ways, login, book, clock=clock, chance=chance, pace=pace, numbers=numbers)
        try:
            yield pool
        finally:
            pool.stop()
