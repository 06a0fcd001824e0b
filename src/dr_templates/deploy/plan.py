"""What a deployment would do, as data: a change set for each root stack, or what is foreseen where none can be made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dr_templates.aws.stacks.model import Change, Stack
from dr_templates.deploy.roots import Root

BROKEN = ("CREATE_FAILED", "UPDATE_FAILED")
"""States of a stack that a failure left standing: it is not whole, and goes on from there."""
Stacks = Mapping[Root, Stack | None]
"""The root stacks as they stand; None for one that does not."""


@dataclass(frozen=True)
class StackPlan:
    """What is to become of one root stack.

    ``change_set`` is its ARN; one without ``changes`` gives the stack other outputs. It is empty when nothing changes,
    and where none can be made yet: then ``waits`` names the parameters that only stacks before it will give, and
    ``changes`` is what its template says. ``inputs`` is a hash of what it is made of, as far as that is known.
    ``guards`` says in words what is to change about its protection; ``broken``, that it was left standing by a failure.
    ``named`` gives the paths of what bears a name of its own in it.
    """

    root: Root
    stack: str
    region: str
    new: bool
    change_set: str = ""
    changes: tuple[Change, ...] = ()
    waits: tuple[str, ...] = ()
    inputs: str = ""
    guards: tuple[str, ...] = ()
    broken: bool = False
    named: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Tell that nothing is to be done."""
        return not (self.change_set or self.changes or self.guards)


@dataclass(frozen=True)
class Plan:
    """What is to become of every root stack, in the order of deployment."""

    environment: str
    account: str
    stacks: tuple[StackPlan, ...]

    @property
    def work(self) -> tuple[StackPlan, ...]:
        """Give those in which something is to be done."""
        return tuple(planned for planned in self.stacks if not planned.empty)

    @property
    def empty(self) -> bool:
        """Tell that nothing is to be done."""
        return not self.work

    def of(self, root: Root) -> StackPlan:
        """Give what is to become of a root. Raises ``KeyError`` for one that is not planned."""
        return {planned.root: planned for planned in self.stacks}[root]


Told = Callable[[str], None]
"""Takes a line of progress."""
