"""Carries a plan out: stage by stage, within a stage side by side, each stack by the change set that was seen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from dr_templates.aws.operator import explained
from dr_templates.aws.stacks import change_sets
from dr_templates.aws.stacks.change_sets import StaleError
from dr_templates.aws.stacks.model import REVIEW, Effect, Stack, leaves, nests
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


@dataclass(frozen=True)
class Terms:
    """On what terms a plan is carried out.

    ``allowed`` names what may be replaced or deleted. ``agreed`` is asked about a change that only came to light on the
    way, when an earlier stack gave other outputs than before. ``moving`` is asked before each stage, and says why a
    move under way, or one that nobody can tell of, forbids to go on.
    """

    allowed: Collection[str]
    agreed: Callable[[StackPlan], bool]
    told: Told
    moving: Callable[[], str | None] = lambda: None


def apply(on: Deployment, source: Source, plan: Plan, terms: Terms) -> Iterator[Step]:
    """Carry the plan out and tell of it. Raises ``DrError`` with the true cause when a stack fails.

    Left at any point, a later run goes on: what CloudFormation has begun it finishes by itself.
    """
    begun = False
    for stage in roots.stages(on.topology):
        stacks = look(on)
        ready = [_ready(on, source, plan, one, stacks, terms=terms) for one in stage if begun or not plan.of(one).empty]
        wanted = [planned for planned in ready if planned is not None]
        if wanted and (reason := terms.moving()):
            raise DrError(what=reason, where=on.environment, hint="What was done so far stands.", code=Exit.HELD)
        traces: dict[Root, Trace] = {}
        try:
            for planned in (one for one in wanted if one.change_set):
                traces[planned.root] = _execute(on, source, planned, stacks[planned.root], terms.allowed)
                begun = True
                yield Begun(planned.root, planned.region, planned.stack, "is made" if planned.new else "changes")
            yield from follow(on, traces)
        except DrError as fault:
            still = [one for one, trace in traces.items() if not trace.ended]
            ended = [planned for planned in wanted if planned.root not in still]
            if open_yet := tuple(_unguarded(on, source, ended, terms.allowed)):
                what = "\n".join((fault.what, *open_yet))
                raise DrError(what, where=fault.where, hint=fault.hint, code=fault.code) from fault
            raise
        for planned in wanted:
            yield from _guarded(on, source, planned)


def _unguarded(on: Deployment, source: Source, ended: Collection[StackPlan], allowed: Collection[str]) -> Iterator[str]:
    """See that policies that gave way stand again; say which may not, and why: that is not what failed first."""
    for planned in ended:
        try:
            _guard(on, source, planned.root, was=_allowed(planned, allowed))
        except DrError as fault:
            yield f"the policies of {planned.stack} may still allow what was allowed: {fault.what}"


def _ready(on: Deployment, source: Source, plan: Plan, one: Root, stacks: Stacks, *, terms: Terms) -> StackPlan | None:
    """Give the plan of a root as it is to be carried out now, None when nothing is to be done.

    The change set that was seen is taken while the stack would still be made of the same; otherwise a new one is made,
    and has to be agreed to, except that of a new stack, which was seen to be new as a whole.
    """
    planned = plan.of(one)
    now = recipe(on, source, one, stacks)
    as_seen = now.inputs(planned.waits) == planned.inputs
    if as_seen and not planned.waits and not now.missing:
        return None if planned.empty else planned
    terms.told(f"{one}: CloudFormation compares")
    made = planning.plan_root(on, source, one, stacks)
    if made.waits:
        raise DrError(
            what=lacking(on, source, one, made.waits),
            where=on.where(one),
            hint="A stack before it did not give these outputs: see that it is the one of this environment.",
        )
    if made.empty or (as_seen and _foreseen(planned, made)):
        return None if made.empty else made
    together = replace(plan, stacks=tuple(made if beside.root == one else beside for beside in plan.stacks))
    refused = (*gates.refusals(made, terms.allowed), *gates.ambiguous(together, terms.allowed, one))
    if refused or not terms.agreed(made):
        left = planning.discard(on, Plan(on.environment, on.config.account, (made,)))
        unseen = f"{one} would change in a way that was not seen: an earlier stack gave new outputs"
        raise DrError(
            what="\n".join((*(refused or (unseen,)), *left)),
            where=on.where(one),
            hint="What was done so far stands. Plan again: drctl plan",
            code=Exit.HELD if refused else Exit.PENDING,
        )
    return made


def _foreseen(planned: StackPlan, made: StackPlan) -> bool:
    """Tell that a new stack will hold nothing but what was seen to be added."""
    seen, now = (
        {(path, change.logical_id, change.type) for path, change in leaves(one.changes)} for one in (planned, made)
    )
    return made.new and now <= seen and all(change.effect is Effect.ADD for _, change in leaves(made.changes))


def _execute(
    on: Deployment, source: Source, planned: StackPlan, stack: Stack | None, allowed: Collection[str]
) -> Trace:
    one = planned.root
    client = on.client(one)
    with explained(on.where(one)):
        if stack is not None and stack.status != REVIEW:
            _guard(on, source, one, _allowed(planned, allowed))
        trace = baseline(client, stack.id if stack is not None else planned.stack)
        try:
            change_sets.execute(client, planned.change_set, keep=planned.new or planned.broken)
        except StaleError as error:
            raise DrError(
                what=f"the change set that was seen is no longer good: {error}",
                where=on.where(one),
                hint="The stack has changed since, or somebody has thrown it away. Plan again: drctl plan",
                code=Exit.PENDING,
            ) from error
    return trace


def _allowed(planned: StackPlan, allowed: Collection[str]) -> guards.Allowed:
    """Give what the policies of a root's stacks have to allow for the time of this update."""
    found: dict[str, set[str]] = {}
    for path, change in leaves(planned.changes):
        if path and gates.named(planned, path, change, allowed):
            found.setdefault(path[0], set()).add(change.logical_id)
    for path, change in nests(planned.changes):
        if not path and gates.named(planned, path, change, allowed):
            found.setdefault(change.logical_id, set())
    return found


def _guard(
    on: Deployment,
    source: Source,
    one: Root,
    allowed: guards.Allowed = guards.NOTHING,
    was: guards.Allowed = guards.NOTHING,
) -> None:
    """See that the policies of a stack that stands are as configured, but for what is allowed for now, or ``was``.

    What is allowed may be all of its kind: then the templates no longer tell that its stack has a policy.
    """
    stack = look_at(on, one)
    if stack is None or stack.status == REVIEW:
        return
    keeping = tuple(dict.fromkeys((*guards.keepers(source.blueprints, one.template), *allowed, *was)))
    with explained(on.where(one)):
        differing = guards.differences(on, one, stack, keeping, allowed)
        guards.settle(on, one, [guard for guard in differing if guard.policy is not None])


def _guarded(on: Deployment, source: Source, planned: StackPlan) -> Iterator[Step]:
    """See that a stack that stands is kept as configured."""
    one = planned.root
    with explained(on.where(one)):
        stack = look_at(on, one)
        if stack is None:
            raise DrError(
                what=f"{one} is gone: somebody has deleted it meanwhile",
                where=on.where(one),
                hint="Find out who did; the same command makes it again.",
            )
        keeping = guards.keepers(source.blueprints, one.template)
        guards.settle(on, one, tuple(guards.differences(on, one, stack, keeping)))
        if not planned.change_set:
            yield Done(one, stack.name, stack.status, dict(stack.outputs or {}))
