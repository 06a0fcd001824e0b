"""What a root that does not stand will hold, read off its templates where AWS cannot be asked yet. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dr_templates.aws.stacks.model import NESTED, Change, Effect
from dr_templates.conditions import Values, kept, text
from dr_templates.deploy.blueprint import Blueprints, Body


def additions(blueprints: Blueprints, template: str, known: Values) -> tuple[Change, ...]:
    """Give every resource of a root and its tiers as added; ``known`` are the parameters whose values are known.

    A condition that hangs on a value not known yet counts as true: rather foresee one too many.
    """
    values = {**_given(blueprints.parameters(template)), **known}
    nested = blueprints.nested(template)
    changes = []
    for logical_id, resource in _wanted(blueprints.bodies[template], values):
        tier, _ = nested[logical_id]
        passed = {name: text(value, values) for name, value in resource["Properties"].get("Parameters", {}).items()}
        inner = {**_given(blueprints.parameters(tier)), **passed}
        held = _wanted(blueprints.bodies[tier], _given(inner))
        leaves = tuple(Change(Effect.ADD, name, leaf["Type"]) for name, leaf in held)
        changes.append(Change(Effect.ADD, logical_id, NESTED, nested=leaves))
    return tuple(changes)


def _given(values: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}


def _wanted(body: Body, values: Values) -> Iterator[tuple[str, Body]]:
    conditions: Body = body.get("Conditions", {})
    return ((name, resource) for name, resource in body["Resources"].items() if kept(resource, conditions, values))
