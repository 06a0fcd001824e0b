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
from dr_templates.deploy.recipe import Recipe, lacking, recipe
from dr_templates.deploy.roots import Root
from dr_templates.errors import DrError


def make(on: Deployment, source: Source, told: Told) -> Plan:
    """Make the plan of a whole environment. What the change sets need must lie in the buckets already.

    Nothing is executed; what is made are change sets. Raises ``DrError`` for stacks that stand in the way (held), for
    what CloudFormation refuses of any of them, and for one that waits in vain; then nothing is left of it, nor after an
    interruption.
    """
    told("looking at the stacks that stand")
    stacks = look(on)
    stuck.refuse(on, stacks)
    made: dict[Root, StackPlan] = {}
    try:
        faults = [
            fault for fault in each(lambda one: _tried(on, source, one, stacks, told=told, made=made), stacks) if fault
        ]
    except KeyboardInterrupt:
        told("interrupted: what was made for the plan is thrown away")
        discard(on, Plan(on.environment, on.config.account, tuple(made.values())))
        raise
    plan = Plan(on.environment, on.config.account, tuple(made[one] for one in stacks if one in made))
    if faults:
        left = discard(on, plan)
        raise DrError(
            what="\n".join((*dict.fromkeys(fault.what for fault in faults), *left)),
            where="; ".join(dict.fromkeys(fault.where for fault in faults)),
            hint=" ".join(("Nothing has been changed.", *dict.fromkeys(fault.hint for fault in faults))),
            code=faults[0].code,
        )
    if stranded := [planned for planned in plan.stacks if planned.waits and _in_vain(plan, planned)]:
        discard(on, plan)
        raise DrError(
            what="\n".join(lacking(on, source, planned.root, planned.waits) for planned in stranded),
            where=", ".join(on.where(planned.root) for planned in stranded),
            hint="Nothing has been changed. The stacks that should give these outputs stand and stay as they are: see "
            "that they are those of this environment.",
        )
    return plan


def _in_vain(plan: Plan, waiting: StackPlan) -> bool:
    """Tell that nothing happens to the stacks before one that waits for their outputs."""
    return not any(planned for planned in plan.stacks[: plan.stacks.index(waiting)] if not planned.empty)


def _tried(
    on: Deployment, source: Source, one: Root, stacks: Stacks, *, told: Told, made: dict[Root, StackPlan]
) -> DrError | None:
    """Plan one root beside others, and put the plan with theirs; a fault is kept until all have been heard."""
    told(f"{one}: CloudFormation compares")
    try:
        made[one] = plan_root(on, source, one, stacks)
    except DrError as fault:
        return fault
    return None


def plan_root(on: Deployment, source: Source, one: Root, stacks: Stacks) -> StackPlan:
    """Plan one root. Raises ``DrError`` when CloudFormation cannot make a change set."""
    stack = stacks[one]
    new = stack is None or stack.status == REVIEW
    broken = stack is not None and stack.status in BROKEN
    wanted = recipe(on, source, one, stacks)
    if wanted.missing:
        changes = foreseen.additions(source.blueprints, one.template, wanted.parameters) if new else ()
        known = wanted.inputs()
        planned = StackPlan(one, on.stack(one), on.region(one), new, "", changes, wanted.missing, inputs=known)
        return replace(planned, broken=broken, named=source.blueprints.named(one.template))
    with explained(on.where(one)):
        made = _change_set(on, one, stack, wanted)
    try:
        with explained(on.where(one)):
            changes = whole(on, one, made.changes)
            keeping = guards.keepers(source.blueprints, one.template)
            differing = () if stack is None or new else tuple(guards.differences(on, one, stack, keeping))
    except DrError:
        _discarded(on, one, made.arn)
        raise
    return StackPlan(
        one,
        on.stack(one),
        on.region(one),
        new,
        change_set=made.arn,
        changes=changes,
        inputs=wanted.inputs(),
        guards=tuple(guard.words for guard in differing),
        broken=broken,
        named=source.blueprints.named(one.template),
    )


def _change_set(on: Deployment, one: Root, stack: Stack | None, wanted: Recipe) -> ChangeSet:
    """Have a change set made, unless the stack is made of the same already."""
    client = on.client(one)
    if stack is not None and made_of(on, one, stack, wanted):
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
        left = _discarded(on, one, made.arn)
        raise DrError(
            what="\n".join(filter(None, (f"CloudFormation cannot make a change set: {made.trouble}", left))),
            where=on.where(one),
            hint=f"{advice(made.trouble)} drctl preflight finds most of it beforehand.",
        )
    return made


def made_of(on: Deployment, one: Root, stack: Stack, wanted: Recipe) -> bool:
    """Tell that a stack is whole and made of just this.

    The template names those nested in it by addresses with the hash of their content, so it stands for them as well.
    """
    same = stack.whole and stack.parameters == wanted.parameters
    return same and read.template(on.client(one), stack.name) == wanted.text


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


def discard(on: Deployment, made: Plan) -> tuple[str, ...]:
    """Throw away what planning has made: change sets, and stacks that consist of nothing else.

    Gives in words what is left, and why: whoever throws a plan away has something else to say first.
    """
    left = each(lambda planned: _discarded(on, planned.root, planned.change_set), made.stacks)
    return tuple(words for words in left if words)


def _discarded(on: Deployment, one: Root, change_set: str) -> str:
    if not change_set:
        return ""
    try:
        with explained(on.where(one)):
            stack = look_at(on, one)
            if stack is not None:
                change_sets.discard(on.client(one), change_set, stack.id, on.wait)
    except DrError as fault:
        return f"a change set of {on.stack(one)} is left: {fault.what}"
    return ""
