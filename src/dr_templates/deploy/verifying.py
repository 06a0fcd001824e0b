"""A saved plan held against what there is now: it is carried out as it was seen, or not at all."""

from __future__ import annotations

from dr_templates.aws.operator import explained
from dr_templates.aws.stacks import change_sets
from dr_templates.aws.stacks.change_sets import StaleError
from dr_templates.aws.stacks.model import REVIEW
from dr_templates.deploy import foreseen, stuck
from dr_templates.deploy.deployment import Deployment, Source
from dr_templates.deploy.looking import look
from dr_templates.deploy.plan import Plan, StackPlan, Stacks
from dr_templates.deploy.planning import whole
from dr_templates.deploy.recipe import recipe
from dr_templates.deploy.roots import Root
from dr_templates.errors import DrError, Exit


def verified(on: Deployment, source: Source, plan: Plan) -> Plan:
    """Give a plan that was saved, once CloudFormation has said the same of its change sets again.

    Raises ``DrError`` (pending) when one is gone or says something else than the file, or the stacks that wait would be
    made of something else by now.
    """
    stacks = look(on)
    stuck.refuse(on, stacks)
    for planned in plan.stacks:
        one = planned.root
        try:
            with explained(on.where(one)):
                same = _still(on, source, planned, stacks)
        except StaleError as error:
            raise _changed(on, one, str(error)) from error
        if not same:
            raise _changed(on, one, "it is not what was saved")
    return plan


def _still(on: Deployment, source: Source, planned: StackPlan, stacks: Stacks) -> bool:
    one, stack = planned.root, stacks[planned.root]
    new = stack is None or stack.status == REVIEW
    if planned.change_set:
        found = change_sets.read_made(on.client(one), planned.change_set, on.wait)
        ours = found.stack_id.split("/")[1] == on.stack(one) and new == planned.new
        return ours and whole(on, one, found.changes) == planned.changes
    wanted = recipe(on, source, one, stacks)
    foreseen_now = foreseen.additions(source.blueprints, one.template, wanted.parameters) if planned.new else ()
    waits = set(wanted.missing) <= set(planned.waits)
    return waits and wanted.inputs(planned.waits) == planned.inputs and foreseen_now == planned.changes


def _changed(on: Deployment, one: Root, why: str) -> DrError:
    return DrError(
        what=f"the plan of {one} no longer holds: {why}",
        where=on.where(one),
        hint="Nothing has been changed. Plan again: drctl plan --save FILE",
        code=Exit.PENDING,
    )
