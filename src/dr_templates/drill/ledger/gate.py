"""Who may begin a commit: everybody, nobody, or exactly as many as it takes to have so many acknowledged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class Pass:
    """Leave to make one commit; ``acknowledged`` is set once the book has it."""

    def __init__(self) -> None:
        self.acknowledged = False


class Gate:
    """Open at first. ``permits`` is None while everybody may pass."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._permits: int | None = None
        self._under_way = 0
        self._acknowledged = 0
        self._letting = False
        self._over = False

    @contextmanager
    def passing(self) -> Iterator[Pass | None]:
        """Wait for leave to make one commit; None means that there will be none any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._over or self._permits is None or self._permits > 0)
            if not self._over:
                self._under_way += 1
                self._permits = None if self._permits is None else self._permits - 1
            over, counted = self._over, self._permits is not None
        leave = Pass()
        try:
            yield None if over else leave
        finally:
            if not over:
                self._leave(leave, counted=counted)

    def _leave(self, leave: Pass, *, counted: bool) -> None:
        with self._changed:
            self._under_way -= 1
            self._acknowledged += counted and leave.acknowledged
            if counted and not leave.acknowledged and self._letting and self._permits is not None:
                self._permits += 1
            self._changed.notify_all()

    def shut(self, patience: float) -> bool:
        """Let nobody begin; say whether nobody was left inside within ``patience`` seconds."""
        with self._changed:
            self._permits, self._letting = 0, False
            return self._changed.wait_for(lambda: not self._under_way, patience)

    def open(self) -> None:
        """Let everybody begin."""
        with self._changed:
            self._permits, self._letting = None, False
            self._changed.notify_all()

    def let(self, number: int, patience: float) -> int:
        """Let ``number`` commits be acknowledged through a shut gate, shut it again, and say how many were.

        They are fewer when ``patience`` seconds have passed.
        """
        with self._changed:
            self._permits, self._acknowledged, self._letting = number, 0, True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._over or self._acknowledged >= number, patience)
        self.shut(patience)
        return self._acknowledged

    def close(self) -> None:
        """Send everybody home."""
        with self._changed:
            self._over = True
            self._changed.notify_all()
