"""Stacks in a state from which an update cannot start: what happened, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from dr_templates.aws.operator import explained
from dr_templates.aws.stacks.model import Stack
from dr_templates.deploy.deployment import Deployment
from dr_templates.deploy.looking import look_at
from dr_templates.deploy.plan import Stacks
from dr_templates.deploy.roots import Root
from dr_templates.deploy.tracing import cause
from dr_templates.errors import DrError, Exit

RECOVER = "drctl deploy --recover"


class Cure(Enum):
    """What gets a stack out of a state: another deploy follows it, it is rolled back again, it is removed, a person."""

    GO_ON = "go on"
    FOLLOW = "follow"
    ROLL_BACK = "roll back"
    REMOVE = "remove"
    BY_HAND = "by hand"


@dataclass(frozen=True)
class State:
    """What a status means, and its cure."""

    cure: Cure
    words: str = ""
    hint: str = ""


_BY_HAND = 'docs/deploying.md, "A first deploy that failed, by hand", says how to take it down without losing data.'
STATES = {
    "ROLLBACK_COMPLETE": State(
        Cure.REMOVE,
        "its first deploy failed and was undone; what is left is an empty stack that can only be deleted",
        f"{RECOVER} deletes it and goes on. What was retained stands in the way by its name: see docs/deploying.md.",
    ),
    "ROLLBACK_FAILED": State(Cure.BY_HAND, "its first deploy failed and could not be undone", _BY_HAND),
    "UPDATE_ROLLBACK_FAILED": State(
        Cure.ROLL_BACK,
        "an update failed, and so did its undoing",
        f"Mend what is named, then: {RECOVER}, which continues the rollback and goes on.",
    ),
    "DELETE_FAILED": State(
        Cure.BY_HAND,
        "it was being deleted, and something would not go",
        "Mend what is named and delete that stack again (aws cloudformation delete-stack), then deploy anew; "
        "drctl destroy takes down the whole environment.",
    ),
}
"""The states that hold a deploy up; in all others CloudFormation takes an update, or will once it is done."""


def state(stack: Stack) -> State:
    """Tell what a stack's status means for a deploy."""
    if stack.running:
        return State(Cure.FOLLOW, "CloudFormation is at work on it", "Wait, or: drctl deploy, which follows it first.")
    return STATES.get(stack.status, State(Cure.GO_ON))


def held(stacks: Stacks) -> Iterator[tuple[Root, Stack, State]]:
    """Give the stacks that stand in the way of a plan."""
    for one, stack in stacks.items():
        if stack is not None and (found := state(stack)).cure is not Cure.GO_ON:
            yield one, stack, found


def exchanged(on: Deployment) -> None:
    """Raise ``DrError`` (held) when a site has the stack of the other role: home was exchanged in the configuration.

    Sites do not move, roles do, and a move does not change which site is home.
    """
    topology = on.topology
    for place, template in ((topology.home.name, "standby"), (topology.standby.name, "primary")):
        one = Root(place, template)
        if look_at(on, one) is not None:
            raise DrError(
                what=f"{on.stack(one)} stands, and the configuration says that {topology.home.name} is home",
                where=on.where(one),
                hint="home is where the primary was made, and stays so after a move: set it back.",
                code=Exit.HELD,
            )


def refuse(on: Deployment, stacks: Stacks) -> None:
    """Raise ``DrError`` (held) naming every stack that stands in the way, why it does, and what to do."""
    exchanged(on)
    found = list(held(stacks))
    if not found:
        return
    raise DrError(
        what="\n".join(
            f"{on.stack(one)} is {stack.status}: {what.words}{_because(on, one, stack)}" for one, stack, what in found
        ),
        where=", ".join(f"{one} in {on.region(one)}" for one, _, _ in found),
        hint=" ".join(dict.fromkeys(what.hint for _, _, what in found)),
        code=Exit.HELD,
    )


def _because(on: Deployment, one: Root, stack: Stack) -> str:
    """Give AWS's own words about what failed, from the history of the stack and of those nested in it."""
    if stack.running:
        return ""
    with explained(on.where(one)):
        first = cause(on.client(one), stack.id, undoing=stack.status.endswith("ROLLBACK_FAILED"))
    if first is None:
        return f" ({stack.reason})" if stack.reason else ""
    return f"\n  {'/'.join((*first.path, first.event.logical_id))}: {first.event.reason}"
