"""Carries a plan out: stage by stage, within a stage side by side, each stack by the change set that was seen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from dr_templates.aws.operator import explained
from dr_templates.aws.stacks import change_sets
from dr_templates.aws.stacks.change_sets import StaleError
from dr_templates.aws.stacks.model import REVIEW, Effect, Stack, leaves
from dr_templates.deploy import gates, guards, planning, roots
from dr_templates.deploy.deployment import Deployment, Source
from dr_templates.deploy.following import follow
from dr_templates.deploy.looking import look, look_at
from dr_templates.deploy.plan import Plan, StackPlan, Stacks, Told
from dr_templates.deploy.recipe import lacking, recipe
from dr_templates.deploy.roots import Root
from dr_templates.deploy.steps import Begun, Done, Step
from dr_templates.deploy.tracing import Trace, baseline
from dr_templates.errors import DrError, Exit

KEPT_STANDING = (REVIEW, "CREATE_FAILED", "UPDATE_FAILED")
"""States of a stack that is not whole: there a failure undoes nothing, so that the next run can go on."""


@dataclass(frozen=True)
class Terms:
    """On what terms a plan is carried out.

    ``allowed`` are logical ids that may be replaced or deleted. ``agreed`` is asked about a change that only came to
    light on the way, when an earlier stack gave other outputs than before.
    """

    allowed: Collection[str]
    agreed: Callable[[StackPlan], bool]
    told: Told


def apply(on: Deployment, source: Source, plan: Plan, terms: Terms) -> Iterator[Step]:
    """Carry the plan out and tell of it. Raises ``DrError`` with the true cause when a stack fails.

    Left at any point, a later run goes on: what CloudFormation has begun it finishes by itself.
    """
    begun = False
    for stage in roots.stages(on.topology):
        stacks = look(on)
        ready = [_ready(on, source, plan.of(one), stacks, terms) for one in stage if begun or not plan.of(one).empty]
        traces: dict[Root, Trace] = {}
        for planned in (one for one in ready if one is not None and one.change_set):
            traces[planned.root] = _execute(on, source, planned, stacks[planned.root], terms.allowed)
            begun = True
            yield Begun(planned.root, planned.region, planned.stack, "is made" if planned.new else "changes")
        yield from follow(on, traces)
        for planned in (one for one in ready if one is not None):
            yield from _guarded(on, source, planned)


def _ready(on: Deployment, source: Source, planned: StackPlan, stacks: Stacks, terms: Terms) -> StackPlan | None:
    """Give the plan of a root as it is to be carried out now, None when nothing is to be done.

    The change set that was seen is taken while the stack would still be made of the same; otherwise a new one is made,
    and has to be agreed to, except that of a new stack, which was seen to be new as a whole.
    """
    one = planned.root
    now = recipe(on, source, one, stacks).inputs
    if now and now == planned.inputs:
        return None if planned.empty else planned
    terms.told(f"{one}: CloudFormation compares")
    made = planning.plan_root(on, source, one, stacks)
    if made.waits:
        raise DrError(
            what=lacking(on, source, one, made.waits),
            where=on.where(one),
            hint="A stack before it did not give these outputs: see that it is the one of this environment.",
        )
    if made.empty or (planned.new and _all_new(made)):
        return None if made.empty else made
    refused = tuple(gates.refusals(made, terms.allowed))
    if refused or not terms.agreed(made):
        planning.discard(on, Plan(on.environment, on.config.account, (made,)))
        raise DrError(
            what="\n".join(refused)
            or f"{one} would change in a way that was not seen: an earlier stack gave new outputs",
            where=on.where(one),
            hint="What was done so far stands. Plan again: drctl plan",
            code=Exit.HELD if refused else Exit.PENDING,
        )
    return made


def _all_new(made: StackPlan) -> bool:
    return made.new and all(change.effect is Effect.ADD for _, change in leaves(made.changes))


def _execute(
    on: Deployment, source: Source, planned: StackPlan, stack: Stack | None, allowed: Collection[str]
) -> Trace:
    client = on.client(planned.root)
    with explained(on.where(planned.root)):
        if stack is not None and stack.status != REVIEW and allowed:
            _loosen(on, source, planned, stack, allowed)
        trace = baseline(client, stack.id if stack is not None else planned.stack)
        try:
            change_sets.execute(client, planned.change_set, keep=stack is None or stack.status in KEPT_STANDING)
        except StaleError as error:
            raise DrError(
                what=f"the change set that was seen is no longer good: {error}",
                where=on.where(planned.root),
                hint="The stack has changed since, or somebody has thrown it away. Plan again: drctl plan",
                code=Exit.PENDING,
            ) from error
    return trace


def _loosen(on: Deployment, source: Source, planned: StackPlan, stack: Stack, allowed: Collection[str]) -> None:
    """Let the stack's policies allow what the person has allowed, for the time of this update."""
    nested = {path[0] for path, change in leaves(planned.changes) if path and change.logical_id in allowed}
    keeping = guards.keepers(source.blueprints, planned.root.template)
    loose = guards.differences(on, planned.root, stack, keeping, {*allowed, *nested})
    guards.settle(on, planned.root, [guard for guard in loose if guard.policy is not None])


def _guarded(on: Deployment, source: Source, planned: StackPlan) -> Iterator[Step]:
    """See that a stack that stands is kept as configured."""
    one = planned.root
    with explained(on.where(one)):
        stack = look_at(on, one)
        if stack is not None:
            guards.settle(
                on, one, tuple(guards.differences(on, one, stack, guards.keepers(source.blueprints, one.template)))
            )
            if not planned.change_set:
                yield Done(one, stack.name, stack.status, dict(stack.outputs or {}))
