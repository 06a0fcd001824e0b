"""Events of a root stack and all nested in it, followed as they happen, and the first failure behind the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from dr_templates.aws.stacks import read
from dr_templates.aws.stacks.model import NESTED, REVIEW, Event, in_progress

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

_CANCELLED = ("cancelled", "canceled")
"""CloudFormation fails with these words whatever was under way beside the real failure."""


@dataclass(frozen=True)
class Traced:
    """An event, and the logical ids of the nested stacks that lead to it."""

    path: tuple[str, ...]
    event: Event


@dataclass
class Trace:
    """What has been read of the history of a root stack, and of each stack nested in it, by id."""

    client: CloudFormationClient
    root: str
    since: datetime | None = None
    paths: dict[str, tuple[str, ...]] = field(default_factory=dict)
    known: dict[str, str | None] = field(default_factory=dict)
    resting: set[str] = field(default_factory=set)
    status: str = ""

    def __post_init__(self) -> None:
        """Begin with the root alone."""
        self.paths.setdefault(self.root, ())

    @property
    def ended(self) -> bool:
        """Tell that the operation on the root has ended; ``status`` is how."""
        return bool(self.status) and not in_progress(self.status) and self.status != REVIEW

    def read(self) -> list[Traced]:
        """Give what is new since the last call, the oldest first."""
        found: list[Traced] = []
        waiting = [stack for stack in self.paths if stack not in self.resting]
        while waiting:
            stack = waiting.pop(0)
            for event in self._new(stack):
                found.append(Traced(self.paths[stack], event))
                if self._note(stack, event):
                    waiting.append(event.physical_id)
        return sorted(found, key=lambda traced: traced.event.at)

    def _new(self, stack: str) -> list[Event]:
        """Give the new events of one stack: of a nested one, those of this operation alone."""
        news = read.events(self.client, stack, self.known.get(stack))
        if news:
            self.known[stack] = news[-1].id
        if self.since is None and news and stack == self.root:
            self.since = _begun(news)
        return [event for event in news if self.since is None or event.at >= self.since]

    def _note(self, stack: str, event: Event) -> bool:
        """Take up what an event tells about stacks; tell whether it is of a nested one to be read as well."""
        if event.of_itself:
            if stack == self.root:
                self.status = event.status
            elif in_progress(event.status):
                self.resting.discard(stack)
            else:
                self.resting.add(stack)
            return False
        if event.type != NESTED or not event.physical_id.startswith("arn:"):
            return False
        rested = event.physical_id in self.resting
        if in_progress(event.status):
            self.resting.discard(event.physical_id)
        if event.physical_id in self.paths:
            return rested and event.physical_id not in self.resting
        self.paths[event.physical_id] = (*self.paths[stack], event.logical_id)
        return True


def _begun(events: list[Event]) -> datetime:
    """Tell when the last operation began: at the last of the stack's own events that begins one."""
    starts = [event.at for event in events if event.of_itself and event.status in _STARTS]
    return max(starts, default=events[0].at)


_STARTS = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS")


def baseline(client: CloudFormationClient, stack_id: str) -> Trace:
    """Begin to follow a stack from now on: what happened up to now is not told again."""
    trace = Trace(client, stack_id)
    past = read.events(client, stack_id, None)
    trace.known[stack_id] = past[-1].id if past else None
    return trace


def cause(client: CloudFormationClient, stack_id: str, *, undoing: bool = False) -> Traced | None:
    """Give the failure that the last operation of a stack failed of, None when none is told.

    ``undoing`` asks for what its rollback failed of, which is what has to be mended then.
    """
    traced = Trace(client, stack_id).read()
    return (first_failure(_undone(traced)) if undoing else None) or first_failure(traced)


def _undone(traced: Iterable[Traced]) -> Iterator[Traced]:
    """Give what happened in each stack once it had begun to roll back."""
    stacks: set[str] = set()
    for one in traced:
        if one.event.stack in stacks:
            yield one
        if one.event.of_itself and one.event.status.endswith("ROLLBACK_IN_PROGRESS"):
            stacks.add(one.event.stack)


def first_failure(traced: Iterable[Traced]) -> Traced | None:
    """Give the first failure of a resource that is no nested stack and was not merely cancelled.

    Failing that, the first of any kind: a stack can fail before a resource of it does, or be told to go back, which
    cancels what is under way.
    """
    failures = [one for one in traced if one.event.status.endswith("_FAILED")]
    real = [one for one in failures if one.event.reason and not _cancelled(one.event)]
    resources = [one for one in real if one.event.type != NESTED and not one.event.of_itself]
    turned = [one for one in traced if _turns_back(one.event)]
    return next(iter(resources or real or turned or failures), None)


def _turns_back(event: Event) -> bool:
    return event.of_itself and event.status.endswith("ROLLBACK_IN_PROGRESS") and bool(event.reason)


def _cancelled(event: Event) -> bool:
    return any(word in event.reason.lower() for word in _CANCELLED)
