"""Asking several witnesses at once, each for a bounded time. Who fails or is late has told nothing; nothing is raised.

The clients' own time-outs are not bound enough: they begin anew for every address of a host and do not cover the
resolution of its name. A call that hangs, in a resolver for instance, is left to itself.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from botocore.exceptions import ClientError

from dr_templates.aws.asked import REFUSALS
from dr_templates.aws.clients import code

Told = TypeVar("Told")
AT_ONCE = 24
CALL_SECONDS = 7.0
PROBE_SECONDS = 17.0


@dataclass(frozen=True)
class Heard(Generic[Told]):
    """What came of a question: what was told, or why nothing was (``trouble``, empty when there was an answer)."""

    told: Told | None = None
    trouble: str = ""


class Question(Generic[Told]):
    """A question that was asked at some time, and what has been heard."""

    def __init__(self, future: Future[Heard[Told]], until: float) -> None:
        self._future = future
        self._until = until

    def heard(self) -> Heard[Told]:
        """Wait for the answer, for as long as it was given."""
        done, _ = wait((self._future,), timeout=max(0.0, self._until - time.monotonic()))
        return self._future.result() if done else Heard(trouble="no answer in time")

    def told(self) -> Told | None:
        """Wait as ``heard`` does; None without an answer, or when it is that there is nothing."""
        return self.heard().told

    def answered(self) -> bool:
        """Wait as ``heard`` does, and tell whether there was an answer, be it that there is nothing."""
        return not self.heard().trouble


class Asker:
    """Asks questions in threads of its own."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool

    def ask(
        self, call: Callable[[], Told | None], seconds: float = CALL_SECONDS, nothing: Collection[str] = ()
    ) -> Question[Told]:
        """Ask at once, without waiting; the answer counts if it comes within so many seconds.

        ``nothing`` names AWS's error codes that say that there is nothing, which is an answer.
        """
        return Question(self._pool.submit(_try, call, nothing), time.monotonic() + seconds)


@contextlib.contextmanager
def asker(at_once: int = AT_ONCE) -> Iterator[Asker]:
    """Give an asker of so many threads; at the end nobody waits for answers that are still out."""
    pool = ThreadPoolExecutor(at_once)
    try:
        yield Asker(pool)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def ask_all(
    calls: Mapping[str, Callable[[], Any]], seconds: float, nothing: Collection[str] = ()
) -> tuple[dict[str, Any], dict[str, str]]:
    """Ask all of these side by side; give the answers there are, and for each of the others why there is none."""
    with asker(max(1, len(calls))) as ask:
        asked = {name: ask.ask(call, seconds, nothing) for name, call in calls.items()}
        heard = {name: question.heard() for name, question in asked.items()}
    answers = {name: each.told for name, each in heard.items() if not each.trouble}
    return answers, {name: each.trouble for name, each in heard.items() if each.trouble}


def _try(call: Callable[[], Told | None], nothing: Collection[str]) -> Heard[Told]:
    try:
        return Heard(call())
    except REFUSALS as error:
        if isinstance(error, ClientError) and code(error) in nothing:
            return Heard()
        return Heard(trouble=str(error) or type(error).__name__)
