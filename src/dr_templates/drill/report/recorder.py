"""Records a drill while it runs, entry by entry, and seals it with what it comes to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

from dr_templates.drill.report.canonical import settled
from dr_templates.drill.report.chain import linked
from dr_templates.drill.report.model import Event, Started
from dr_templates.drill.report.outcome import Entry, Report, Summary, Word
from dr_templates.drill.report.secrecy import refuse
from dr_templates.drill.report.summing import summed
from dr_templates.failover.codec import encode

Tell = Callable[[Entry], None]


def _silent(_: Entry) -> None:
    """Tell nobody."""


class Recorder:
    """Takes words from several threads at once and hands each entry to ``tell``, for whoever watches.

    ``secrets`` are the lab's own passwords: an entry with one of them is refused. ``now`` gives real seconds since
    1970.
    """

    def __init__(
        self,
        started: Started,
        *,
        secrets: Iterable[str] = (),
        tell: Tell = _silent,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._started = settled(started)
        self._secrets = frozenset(secrets)
        self._tell = tell
        self._now = now
        self._entries: list[Entry] = []
        self._lock = threading.Lock()
        self._report: Report | None = None
        self._tell(self._append(self._started, None))

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Give what has been recorded so far."""
        with self._lock:
            return tuple(self._entries)

    def note(self, word: Event, *, at: float | None = None) -> Entry:
        """Record one word. ``at`` is when it was so, in real seconds since 1970, if that is not now.

        Raises ``ValueError`` or ``TypeError`` for a word that is none and for any after ``finish``, and ``DrError`` for
        one that tells a secret. None of these is recorded.
        """
        with self._lock:
            if isinstance(word, Started | Summary) or self._report:
                fault = "a drill has one beginning, and nothing after its end"
                raise ValueError(fault)
            entry = self._append(settled(word), at)
        self._tell(entry)
        return entry

    def finish(self) -> Report:
        """Sum up, seal and give the report; asked again, it gives the same."""
        with self._lock:
            if self._report:
                return self._report
            summary = summed(self._started, [entry.word for entry in self._entries])
            last = self._append(summary, None)
            report = self._report = Report(self._started, tuple(self._entries), summary)
        self._tell(last)
        return report

    def _append(self, word: Word, at: float | None) -> Entry:
        refuse(type(word).__name__, encode(word), self._secrets)
        real = round(self._now() if at is None else at, 6)
        before = self._entries[-1] if self._entries else None
        entry = linked(before, real, self._started.lab(real), word)
        self._entries.append(entry)
        return entry
