"""Makes a plan: looks at every root stack, gives each its parameters, and has CloudFormation say what would change."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from dr_templates import wiring
from dr_templates.aws.operator import explained
from dr_templates.aws.stacks import change_sets, read
from dr_templates.aws.stacks.change_sets import ChangeSet, Order
from dr_templates.aws.stacks.model import REVIEW, Change, Effect, Stack
from dr_templates.deploy import foreseen, guards, roots, stuck
from dr_templates.deploy.deployment import Deployment, Source
from dr_templates.deploy.plan import Plan, StackPlan, Stacks, Told, inputs
from dr_templates.deploy.roots import Root
from dr_templates.errors import DrError

AT_ONCE = 8
Answer = TypeVar("Answer")


def make(on: Deployment, source: Source, told: Told) -> Plan:
    """Make the plan of a whole environment. What the change sets need must lie in the buckets already.

    Nothing is executed; what is made are change sets. Raises ``DrError`` for stacks that stand in the way (held), and
    for what CloudFormation refuses.
    """
    told("looking at the stacks that stand")
    stacks = look(on)
    stuck.refuse(on, stacks)
    return Plan(
        environment=on.environment,
        account=on.config.account,
        stacks=tuple(_each(lambda one: plan(on, source, one, stacks, told), stacks)),
    )


def look(on: Deployment) -> dict[Root, Stack | None]:
    """Read every root stack of the environment."""
    every = roots.every(on.topology)
    return dict(zip(every, _each(lambda one: look_at(on, one), every), strict=True))


def look_at(on: Deployment, one: Root) -> Stack | None:
    """Read one root stack."""
    with explained(on.where(one)):
        return read.stack(on.client(one), on.stack(one))


def _each(ask: Callable[[Root], Answer], of: Iterable[Root]) -> list[Answer]:
    """Ask about several roots at once; the first fault is raised when all have been heard."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(ask, of))


def plan(on: Deployment, source: Source, one: Root, stacks: Stacks, told: Told) -> StackPlan:
    """Plan one root. Raises ``DrError`` when CloudFormation cannot make a change set."""
    stack = stacks[one]
    order, missing = _order(on, source, one, stacks)
    known = StackPlan(one, order.stack, on.region(one), new=stack is None or stack.status == REVIEW)
    if missing:
        changes = foreseen.additions(source.blueprints, one.template, order.parameters) if known.new else ()
        return StackPlan(known.root, known.stack, known.region, known.new, changes=changes, waits=missing)
    told(f"{one}: CloudFormation compares")
    with explained(on.where(one)):
        same = stack is not None and stack.whole and _same(on, source, one, stack, order)
        made = ChangeSet("", order.stack) if same else change_sets.make(on.client(one), order, stack, on.wait)
        if made.trouble:
            _discard(on, one, made, new=known.new)
            raise DrError(
                what=f"CloudFormation cannot make a change set: {made.trouble}",
                where=on.where(one),
                hint="Nothing has been changed. Correct what it names; drctl preflight finds most of it beforehand.",
            )
        changes = _whole(on, one, made.changes)
        keeping = guards.keepers(source.blueprints, one.template)
        differing = () if stack is None or known.new else tuple(guards.differences(on, one, stack, keeping))
    return StackPlan(
        known.root,
        known.stack,
        known.region,
        known.new,
        change_set=made.arn,
        changes=changes,
        inputs=inputs(order.template_url, order.parameters),
        guards=tuple(guard.words for guard in differing),
    )


def _same(on: Deployment, source: Source, one: Root, stack: Stack, order: Order) -> bool:
    """Tell that a stack is made of this very template and these parameters, so that no change set is needed.

    The template names those nested in it by addresses with the hash of their content, so it stands for them as well.
    """
    wanted = source.packages[on.region(one)].text(one.template)
    return stack.parameters == order.parameters and read.template(on.client(one), stack.name) == wanted


def current(on: Deployment, source: Source, one: Root, stacks: Stacks) -> str:
    """Give the hash of what a root would be made of by now, empty while parameters of it are not known."""
    order, missing = _order(on, source, one, stacks)
    return "" if missing else inputs(order.template_url, order.parameters)


def _order(on: Deployment, source: Source, one: Root, stacks: Stacks) -> tuple[Order, tuple[str, ...]]:
    """Say what a root is to be made of, and which of its parameters no stack gives yet."""
    known = on.config.values(one.place)
    values, missing = wiring.attempt(
        source.blueprints.parameters(one.template),
        known=known,
        keys=source.keys,
        outputs=wiring.Outputs(_outputs(stacks), {}),
        place=wiring.Place(one.place, on.topology),
        demanded=source.blueprints.demanded(one.template, known),
    )
    package = source.packages[on.region(one)]
    order = Order(
        stack=on.stack(one),
        name=f"drctl-{time.time_ns():x}",
        template_url=package.roots[one.template],
        parameters=values,
        tags={"dr-templates:environment": on.environment},
    )
    return order, missing


def _outputs(stacks: Stacks) -> dict[str, dict[str, str]]:
    outputs: dict[str, dict[str, str]] = {}
    for one, stack in stacks.items():
        if stack is not None and stack.outputs:
            outputs.setdefault(one.place, {}).update(stack.outputs)
    return outputs


def _whole(on: Deployment, one: Root, changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """Say of a nested stack that goes what goes with it: a change set tells of the stack alone."""
    client = on.client(one)
    return tuple(
        Change(
            change.effect,
            change.logical_id,
            change.type,
            change.physical_id,
            change.touches,
            tuple(
                Change(
                    Effect.REMOVE, held["LogicalResourceId"], held["ResourceType"], held.get("PhysicalResourceId", "")
                )
                for held in read.resources(client, change.physical_id)
            ),
        )
        if change.is_stack and change.effect is Effect.REMOVE and not change.nested
        else change
        for change in changes
    )


def discard(on: Deployment, made: Plan) -> None:
    """Throw away what planning has made: change sets, and stacks that consist of nothing else."""
    for planned in made.stacks:
        if planned.change_set:
            with explained(on.where(planned.root)):
                _discard(on, planned.root, ChangeSet(planned.change_set, planned.stack), new=planned.new)


def _discard(on: Deployment, one: Root, made: ChangeSet, *, new: bool) -> None:
    client = on.client(one)
    change_sets.delete(client, made.arn)
    if new and (left := read.stack(client, on.stack(one))) is not None and left.status == REVIEW:
        client.delete_stack(StackName=left.id)


def waiting(lacks: Mapping[Root, tuple[str, ...]], on: Deployment, source: Source) -> str:
    """Say which parameters of which stacks have no value, and who would give it."""
    outputs = wiring.Outputs({}, roots.makers(on.topology, source.blueprints))
    return "\n".join(
        f"{one}: {wiring.lacking(name, outputs, wiring.Place(one.place, on.topology))}"
        for one, names in lacks.items()
        for name in names
    )
