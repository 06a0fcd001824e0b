"""The loop: observe, decide, perform, until settled. The same in Lambda, at the terminal and in the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from dr_templates.failover.decide import at_once, decide
from dr_templates.failover.model import Action, Observation, Policy, Want

RETRY_SECONDS = 2.0
BLIND_LOOKS = 15


class LostError(Exception):
    """The state is not what the step was decided on: somebody else has written, and the step has done nothing."""


class UnableError(Exception):
    """A step could not be done, or not be seen to be done; ``reason`` is for people. It may be tried again."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Pair(Protocol):
    """A body for the brain: AWS, or a simulation."""

    def observe(self) -> Observation:
        """Look at everything. What cannot be seen is told as not known; nothing is raised."""

    def perform(self, action: Action) -> None:
        """Do one step; doing it twice is as good as once. Raises ``LostError`` and ``UnableError``."""


@dataclass(frozen=True)
class Step:
    """One turn of the loop: what was seen, what was done about it, and what went wrong, if anything."""

    seen: Observation
    action: Action
    trouble: str = ""


def run(pair: Pair, policy: Policy, want: Want | None, pause: Callable[[float], None]) -> Iterator[Step]:
    """Carry on until nothing more is to be done, yielding every turn; ``pause`` waits that many seconds.

    Nobody loses anything by leaving off between two turns, or within one: whoever runs next goes on from there. A state
    that cannot be read for a moment does not end a move that may be half done.
    """
    blind = 0
    while True:
        seen = pair.observe()
        action = decide(seen, policy, want)
        trouble = attempt(pair, action)
        yield Step(seen, action, trouble)
        following = None if trouble else at_once(seen, action, policy, want)
        if following is not None:
            action, trouble = following, attempt(pair, following)
            yield Step(seen, action, trouble)
        blind = blind + 1 if seen.state is None and want else 0
        if action.settled and not 0 < blind < BLIND_LOOKS:
            return
        pause(max(action.seconds, RETRY_SECONDS if trouble or blind else 0.0))


def attempt(pair: Pair, action: Action) -> str:
    """Perform one step and say what went wrong: an empty text when nothing did."""
    try:
        pair.perform(action)
    except LostError as error:
        return f"somebody else was faster: {error}"
    except UnableError as error:
        return error.reason
    return ""
