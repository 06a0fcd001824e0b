"""Gets stacks out of the states from which no update starts, where that costs nothing."""

from __future__ import annotations

from collections.abc import Iterator

from dr_templates.aws.operator import explained
from dr_templates.aws.stacks.model import Stack
from dr_templates.deploy import stuck
from dr_templates.deploy.deployment import Deployment
from dr_templates.deploy.following import follow
from dr_templates.deploy.plan import Stacks
from dr_templates.deploy.roots import Root
from dr_templates.deploy.steps import Begun, Step
from dr_templates.deploy.stuck import Cure, State
from dr_templates.deploy.tracing import Trace, baseline

CURES = {
    Cure.ROLL_BACK: "its rollback is continued",
    Cure.REMOVE: "what is left of it, an empty stack, is deleted",
}


def curable(stacks: Stacks) -> list[tuple[Root, Stack, State]]:
    """Give the stacks that can be helped without a person."""
    return [found for found in stuck.held(stacks) if found[2].cure in CURES]


def recover(on: Deployment, stacks: Stacks) -> Iterator[Step]:
    """Continue rollbacks that stopped, and delete what a first deploy that was undone has left: a stack of nothing.

    Raises ``DrError`` with the true cause when that fails too.
    """
    traces: dict[Root, Trace] = {}
    for one, stack, state in curable(stacks):
        client = on.client(one)
        with explained(on.where(one)):
            traces[one] = baseline(client, stack.id)
            if state.cure is Cure.ROLL_BACK:
                client.continue_update_rollback(StackName=stack.id)
            else:
                client.delete_stack(StackName=stack.id)
        yield Begun(one, on.region(one), stack.name, CURES[state.cure])
    yield from follow(on, traces, undoing=True)
