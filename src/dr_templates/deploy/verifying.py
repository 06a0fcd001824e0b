"""A saved plan held against what there is now: it is carried out as it was seen, or not at all."""

from __future__ import annotations

from dataclasses import replace

from dr_templates.aws.operator import explained
from dr_templates.aws.stacks import change_sets
from dr_templates.aws.stacks.change_sets import StaleError
from dr_templates.aws.stacks.model import REVIEW, Stack
from dr_templates.deploy import foreseen, stuck
from dr_templates.deploy.deployment import Deployment, Source
from dr_templates.deploy.looking import look
from dr_templates.deploy.plan import BROKEN, Plan, StackPlan
from dr_templates.deploy.planning import made_of, plan_root, whole
from dr_templates.deploy.recipe import Recipe, recipe
from dr_templates.deploy.roots import Root
from dr_templates.errors import DrError, Exit

OTHERWISE = "what would change is not what was saved"


def verified(on: Deployment, source: Source, plan: Plan) -> Plan:
    """Give a plan that was saved, once CloudFormation has said the same of its change sets again.

    Of a stack that an earlier run has made as it was saved nothing is left to do, but for its protection. Raises
    ``DrError`` (pending) when one is gone, can no longer be executed or says something else than the file, or a stack
    would be made of something else by now: then none of it is carried out.
    """
    stacks = look(on)
    stuck.refuse(on, stacks)
    found: list[StackPlan] = []
    for planned in plan.stacks:
        one = planned.root
        wanted = recipe(on, source, one, stacks)
        with explained(on.where(one)):
            done = not planned.empty and _done(on, planned, stacks[one], wanted)
        if done:
            found.append(plan_root(on, source, one, stacks))
            continue
        try:
            with explained(on.where(one)):
                why = _differs(on, source, planned, stacks[one], wanted)
        except StaleError as error:
            raise _changed(on, one, str(error)) from error
        if why:
            raise _changed(on, one, why)
        found.append(planned)
    return replace(plan, stacks=tuple(found))


def _done(on: Deployment, planned: StackPlan, stack: Stack | None, wanted: Recipe) -> bool:
    """Tell that the stack is made of what was saved: a run that was interrupted had come that far."""
    if stack is None or wanted.missing or wanted.inputs(planned.waits) != planned.inputs:
        return False
    return made_of(on, planned.root, stack, wanted)


def _differs(on: Deployment, source: Source, planned: StackPlan, stack: Stack | None, wanted: Recipe) -> str:
    """Say what is not as it was saved, empty when all of it is."""
    one = planned.root
    new = stack is None or stack.status == REVIEW
    broken = stack is not None and stack.status in BROKEN
    seen = (planned.stack, planned.region, planned.new, planned.broken, planned.named, planned.inputs)
    named = source.blueprints.named(one.template)
    if seen != (on.stack(one), on.region(one), new, broken, named, wanted.inputs(planned.waits)):
        return "what it is made of, or the stack itself, is not what was saved"
    if planned.change_set:
        found = change_sets.read_made(on.client(one), planned.change_set, on.wait)
        if found.obsolete:
            return "its change set can no longer be executed, since the stack has changed"
        ours = found.stack_id.split("/")[1] == on.stack(one)
        return "" if ours and whole(on, one, found.changes) == planned.changes else OTHERWISE
    foreseen_now = foreseen.additions(source.blueprints, one.template, wanted.parameters) if planned.new else ()
    return "" if set(wanted.missing) <= set(planned.waits) and foreseen_now == planned.changes else OTHERWISE


def _changed(on: Deployment, one: Root, why: str) -> DrError:
    return DrError(
        what=f"the plan of {one} no longer holds: {why}",
        where=on.where(one),
        hint="Nothing has been changed. Plan again: drctl plan --save FILE",
        code=Exit.PENDING,
    )
