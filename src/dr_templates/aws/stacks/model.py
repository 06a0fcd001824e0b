"""What CloudFormation tells, in our words: stacks, the changes of a change set, and events. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

NESTED = "AWS::CloudFormation::Stack"
REVIEW = "REVIEW_IN_PROGRESS"
"""A stack that has nothing but change sets: made by one, and never executed."""


class Effect(StrEnum):
    """What a change does to a resource; ``PERHAPS`` is a replacement that CloudFormation leaves open (fact A13)."""

    ADD = "add"
    CHANGE = "change"
    PERHAPS = "replace?"
    REPLACE = "replace"
    REMOVE = "remove"


@dataclass(frozen=True)
class Touch:
    """A property that changes, whether that recreates the resource (never, conditionally, always), and its values.

    The values are None where CloudFormation does not tell them.
    """

    name: str
    recreation: str = "Never"
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True)
class Change:
    """One resource that changes; a nested stack has the changes within it."""

    effect: Effect
    logical_id: str
    type: str
    physical_id: str = ""
    touches: tuple[Touch, ...] = ()
    nested: tuple[Change, ...] = ()

    @property
    def is_stack(self) -> bool:
        """Tell whether this is a nested stack."""
        return self.type == NESTED


def leaves(changes: tuple[Change, ...], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Change]]:
    """Give every change that is no nested stack, each with the logical ids of the stacks it is in."""
    for change in changes:
        if change.is_stack:
            yield from leaves(change.nested, (*path, change.logical_id))
        else:
            yield path, change


def nests(changes: tuple[Change, ...], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Change]]:
    """Give every nested stack that changes, each with the logical ids of the stacks it is in."""
    for change in changes:
        if change.is_stack:
            yield path, change
            yield from nests(change.nested, (*path, change.logical_id))


@dataclass(frozen=True)
class Stack:
    """A root stack as it stands. ``protected`` is termination protection."""

    name: str
    id: str
    status: str
    reason: str = ""
    parameters: Mapping[str, str] | None = None
    outputs: Mapping[str, str] | None = None
    protected: bool = False

    @property
    def whole(self) -> bool:
        """Tell that the last operation on it came to a good end, or was undone to one."""
        return self.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")

    @property
    def running(self) -> bool:
        """Tell whether CloudFormation is at work on it."""
        return in_progress(self.status)


@dataclass(frozen=True)
class Event:
    """One line of a stack's history; ``stack`` is the id of the stack it is about or within."""

    id: str
    at: datetime
    stack: str
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str = ""

    @property
    def of_itself(self) -> bool:
        """Tell whether it is about the stack as a whole."""
        return self.physical_id == self.stack


def in_progress(status: str) -> bool:
    """Tell a status that ends by itself."""
    return status.endswith("_IN_PROGRESS") and status != REVIEW


def failed(status: str) -> bool:
    """Tell a status of a stack or resource that did not come to where it should."""
    return status.endswith("_FAILED") or "ROLLBACK" in status
