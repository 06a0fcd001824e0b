"""A question that may hang: asked in a thread of its own, and never more than once at a time."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition, Thread


class Asker:
    """Asks ``question`` each time it is told to, unless the last time is not over; ``finish`` runs at the end."""

    def __init__(self, name: str, question: Callable[[], None], finish: Callable[[], None]) -> None:
        self._question, self._finish = question, finish
        self._changed = Condition()
        self._asked = self._over = False
        self._thread = Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def ask(self) -> bool:
        """Ask, and say so; False when the last time is not over."""
        with self._changed:
            if self._asked:
                return False
            self._asked = True
            self._changed.notify_all()
            return True

    def done(self, patience: float) -> bool:
        """Say whether it is over within ``patience`` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._asked, max(0.0, patience))

    def stop(self) -> None:
        """Ask no more."""
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def join(self) -> None:
        """Wait until the last time is over and all is finished."""
        self._thread.join()

    def _work(self) -> None:
        try:
            while self._wait():
                self._question()
                with self._changed:
                    self._asked = False
                    self._changed.notify_all()
        finally:
            self._finish()

    def _wait(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._asked or self._over)
            return not self._over
