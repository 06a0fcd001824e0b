"""Makes a plan: gives every root its parameters, and has CloudFormation say what would change."""

from __future__ import annotations

import time
from dataclasses import replace

from dr_templates.aws.operator import explained
from dr_templates.aws.stacks import change_sets, read
from dr_templates.aws.stacks.change_sets import ChangeSet, Order
from dr_templates.aws.stacks.model import REVIEW, Change, Effect, Stack
from dr_templates.deploy import foreseen, guards, stuck
from dr_templates.deploy.advice import advice
from dr_templates.deploy.deployment import Deployment, Source
from dr_templates.deploy.looking import each, look, look_at
from dr_templates.deploy.plan import BROKEN, Plan, StackPlan, Stacks, Told
from dr_templates.deploy.recipe import Recipe, recipe
from dr_templates.deploy.roots import Root
from dr_templates.errors import DrError


def make(on: Deployment, source: Source, told: Told) -> Plan:
    """Make the plan of a whole environment. What the change sets need must lie in the buckets already.

    Nothing is executed; what is made are change sets. Raises ``DrError`` for stacks that stand in the way (held), and
    for what CloudFormation refuses; then nothing is left of it.
    """
    told("looking at the stacks that stand")
    stacks = look(on)
    stuck.refuse(on, stacks)
    made = each(lambda one: _tried(on, source, one, stacks, told), stacks)
    planned = tuple(one for one in made if isinstance(one, StackPlan))
    faults = [one for one in made if isinstance(one, DrError)]
    plan = Plan(on.environment, on.config.account, planned)
    if faults:
        discard(on, plan)
        raise faults[0]
    return plan


def _tried(on: Deployment, source: Source, one: Root, stacks: Stacks, told: Told) -> StackPlan | DrError:
    """Plan one root beside others: its fault is kept until all have been heard."""
    told(f"{one}: CloudFormation compares")
    try:
        return plan_root(on, source, one, stacks)
    except DrError as fault:
        return fault


def plan_root(on: Deployment, source: Source, one: Root, stacks: Stacks) -> StackPlan:
    """Plan one root. Raises ``DrError`` when CloudFormation cannot make a change set."""
    stack = stacks[one]
    new = stack is None or stack.status == REVIEW
    wanted = recipe(on, source, one, stacks)
    if wanted.missing:
        changes = foreseen.additions(source.blueprints, one.template, wanted.parameters) if new else ()
        known = wanted.inputs()
        return StackPlan(one, on.stack(one), on.region(one), new, "", changes, wanted.missing, inputs=known)
    with explained(on.where(one)):
        made = _change_set(on, one, stack, wanted)
        changes = whole(on, one, made.changes)
        keeping = guards.keepers(source.blueprints, one.template)
        differing = () if stack is None or new else tuple(guards.differences(on, one, stack, keeping))
    return StackPlan(
        one,
        on.stack(one),
        on.region(one),
        new,
        change_set=made.arn,
        changes=changes,
        inputs=wanted.inputs(),
        guards=tuple(guard.words for guard in differing),
        broken=stack is not None and stack.status in BROKEN,
    )


def _change_set(on: Deployment, one: Root, stack: Stack | None, wanted: Recipe) -> ChangeSet:
    """Have a change set made, unless the stack is made of the same already.

    The template names those nested in it by addresses with the hash of their content, so it stands for them as well.
    """
    client = on.client(one)
    same = stack is not None and stack.whole and stack.parameters == wanted.parameters
    if stack is not None and same and read.template(client, stack.name) == wanted.text:
        return ChangeSet("", stack.id)
    order = Order(
        stack=on.stack(one),
        name=f"drctl-{time.time_ns():x}",
        template_url=wanted.template_url,
        parameters=wanted.parameters,
        tags={"dr-templates:environment": on.environment},
    )
    made = change_sets.make(client, order, stack, on.wait)
    if made.trouble:
        change_sets.discard(client, made.arn, made.stack_id, on.wait)
        raise DrError(
            what=f"CloudFormation cannot make a change set: {made.trouble}",
            where=on.where(one),
            hint=f"Nothing has been changed. {advice(made.trouble)} drctl preflight finds most of it beforehand.",
        )
    return made


def whole(on: Deployment, one: Root, changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """Say of a nested stack that goes what goes with it: a change set tells of the stack alone."""
    return tuple(
        replace(change, nested=whole(on, one, change.nested) or (_held(on, one, change) if _goes(change) else ()))
        if change.is_stack
        else change
        for change in changes
    )


def _goes(change: Change) -> bool:
    return change.effect is Effect.REMOVE and bool(change.physical_id)


def _held(on: Deployment, one: Root, stack: Change) -> tuple[Change, ...]:
    held = (
        Change(Effect.REMOVE, inner["LogicalResourceId"], inner["ResourceType"], inner.get("PhysicalResourceId", ""))
        for inner in read.resources(on.client(one), stack.physical_id)
    )
    return whole(on, one, tuple(held))


def discard(on: Deployment, made: Plan) -> None:
    """Throw away what planning has made: change sets, and stacks that consist of nothing else."""
    for planned in made.stacks:
        if planned.change_set:
            with explained(on.where(planned.root)):
                left = look_at(on, planned.root)
                if left is not None:
                    change_sets.discard(on.client(planned.root), planned.change_set, left.id, on.wait)
