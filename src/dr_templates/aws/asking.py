"""Asking several witnesses at once, each for a bounded time. Who fails or is late has told nothing; nothing is raised.

The clients' own time-outs are not bound enough: they begin anew for every address of a host and do not cover the
resolution of its name.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Generic, TypeVar

from dr_templates.aws.asked import REFUSALS

Told = TypeVar("Told")
AT_ONCE = 24
CALL_SECONDS = 7.0
PROBE_SECONDS = 17.0


class Question(Generic[Told]):
    """A question that was asked at some time, and what has been heard."""

    def __init__(self, future: Future[tuple[bool, Told | None]], until: float) -> None:
        self._future = future
        self._until = until

    def told(self) -> Told | None:
        """Wait for the answer, for as long as it was given; None without one, or when it is that there is nothing."""
        return self._heard()[1]

    def answered(self) -> bool:
        """Wait as ``told`` does, and tell whether there was an answer, be it that there is nothing."""
        return self._heard()[0]

    def _heard(self) -> tuple[bool, Told | None]:
        done, _ = wait((self._future,), timeout=max(0.0, self._until - time.monotonic()))
        return self._future.result() if done else (False, None)


class Asker:
    """Asks questions in threads of its own."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool

    def ask(self, call: Callable[[], Told | None], seconds: float = CALL_SECONDS) -> Question[Told]:
        """Ask at once, without waiting; the answer counts if it comes within so many seconds."""
        return Question(self._pool.submit(_try, call), time.monotonic() + seconds)


@contextlib.contextmanager
def asker() -> Iterator[Asker]:
    """Give an asker; at the end nobody waits for answers that are still out."""
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        yield Asker(pool)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _try(call: Callable[[], Told | None]) -> tuple[bool, Told | None]:
    try:
        return True, call()
    except REFUSALS:
        return False, None
