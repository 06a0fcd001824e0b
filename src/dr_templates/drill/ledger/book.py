"""The book: every commit's fate as the client was told it, one line of JSON each, written before anybody counts it.

Before a COMMIT is sent, that it will be is written too. So whatever ends the client, the book knows every number that a
database can hold, and one that is sent and nothing else is doubtful.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from threading import Lock

from dr_templates.errors import DrError


class Kind(StrEnum):
    """What a line of the book tells.

    SENT: a COMMIT is about to be sent. ACKNOWLEDGED: the database answered it. REFUSED: surely not committed.
    DOUBTFUL: sent, and no answer came. UNCONNECTED: no session came about, so nothing was tried.
    STARTED, HELD, FREED, STOPPED: whether the clients wanted to write, since when.
    """

    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    DOUBTFUL = "doubtful"
    UNCONNECTED = "unconnected"
    STARTED = "started"
    HELD = "held"
    FREED = "freed"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Entry:
    """One line: what, when (``at``, seconds of the machine's clock), and what is known besides.

    ``at`` of an acknowledged commit is when the answer was there; ``sent`` is when its COMMIT was sent.
    """

    kind: Kind
    at: float
    worker: str = ""
    number: int = 0
    sent: float = 0.0
    address: str = ""
    why: str = ""
    sqlstate: str = ""

    @property
    def place(self) -> str:
        """The place of the worker, which is named ``place/index``."""
        return self.worker.rpartition("/")[0]


NAMES = tuple(field.name for field in fields(Entry))


@dataclass(frozen=True)
class Tally:
    """How many of each kind the book has got since it was opened."""

    acknowledged: int
    refused: int
    doubtful: int
    unconnected: int


class Book:
    """A book that is open to be written, by any thread."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = Lock()
        self._counts: Counter[Kind] = Counter()

    def note(self, entry: Entry) -> None:
        """Write one line; it is the kernel's when this returns, so the end of this process does not lose it.

        Raises OSError when it cannot be written.
        """
        known = {name: value for name in NAMES if (value := entry.__dict__[name])}
        line = json.dumps(known, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            while line:
                line = line[os.write(self._descriptor, line) :]
            self._counts[entry.kind] += 1

    def close(self) -> None:
        """Write no more, whoever still tries to (OSError): the descriptor may soon be another file's."""
        with self._lock:
            os.close(self._descriptor)
            self._descriptor = -1

    def tally(self) -> Tally:
        """Count what has been written so far."""
        kinds = (Kind.ACKNOWLEDGED, Kind.REFUSED, Kind.DOUBTFUL, Kind.UNCONNECTED)
        with self._lock:
            return Tally(*(self._counts[kind] for kind in kinds))


@contextlib.contextmanager
def open_book(path: Path) -> Iterator[Book]:
    """Open a book to write at its end, and make it if it is not there; a torn last line is taken off first."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with contextlib.closing(Book(descriptor)) as book:
        os.ftruncate(descriptor, path.read_bytes().rfind(b"\n") + 1)
        yield book


def read_book(path: Path) -> tuple[Entry, ...]:
    """Read a book, also while it is written: a last line without its end does not count.

    Raises DrError when any other line is none of a book's.
    """
    lines = path.read_bytes().split(b"\n")[:-1]
    return tuple(_read(line, path, number) for number, line in enumerate(lines, 1))


def last_numbers(entries: tuple[Entry, ...]) -> dict[str, int]:
    """Give the highest number each worker has used."""
    last: dict[str, int] = {}
    for entry in entries:
        last[entry.worker] = max(entry.number, last.get(entry.worker, 0))
    return last


def _read(line: bytes, path: Path, number: int) -> Entry:
    try:
        told = json.loads(line)
        return Entry(**{**told, "kind": Kind(told["kind"])})
    except (ValueError, TypeError, KeyError) as error:
        raise DrError(
            what=f"line {number} is none of a ledger's book",
            where=str(path),
            hint="Was the file changed? What the clients were told cannot be counted from it.",
        ) from error
