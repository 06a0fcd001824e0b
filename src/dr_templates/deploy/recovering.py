"""Gets stacks out of the states from which no update starts, where that costs nothing."""

from __future__ import annotations

from collections.abc import Iterator

from dr_templates.aws.operator import explained
from dr_templates.deploy import stuck
from dr_templates.deploy.deployment import Deployment
from dr_templates.deploy.following import follow
from dr_templates.deploy.plan import Stacks
from dr_templates.deploy.roots import Root
from dr_templates.deploy.steps import Begun, Step
from dr_templates.deploy.stuck import Cure
from dr_templates.deploy.tracing import Trace, baseline


def recover(on: Deployment, stacks: Stacks) -> Iterator[Step]:
    """Continue rollbacks that stopped, and delete what a first deploy that was undone has left: a stack of nothing.

    Raises ``DrError`` with the true cause when that fails too.
    """
    traces: dict[Root, Trace] = {}
    for one, stack, state in stuck.held(stacks):
        client = on.client(one)
        with explained(on.where(one)):
            match state.cure:
                case Cure.ROLL_BACK:
                    traces[one] = baseline(client, stack.id)
                    client.continue_update_rollback(StackName=stack.name)
                    yield Begun(one, on.region(one), stack.name, "its rollback goes on")
                case Cure.REMOVE:
                    traces[one] = baseline(client, stack.id)
                    client.delete_stack(StackName=stack.name)
                    yield Begun(one, on.region(one), stack.name, "what is left of it is deleted")
                case _:
                    pass
    yield from follow(on, traces, undoing=True)
