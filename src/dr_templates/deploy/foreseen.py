"""What a root that does not stand will hold, read off its templates where AWS cannot be asked yet. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dr_templates.aws.stacks.model import NESTED, Change, Effect
from dr_templates.deploy.blueprint import Blueprints, Body
from dr_templates.wiring import Values


def additions(blueprints: Blueprints, template: str, known: Values) -> tuple[Change, ...]:
    """Give every resource of a root and its tiers as added; ``known`` are the parameters whose values are known.

    A condition that hangs on a value not known yet counts as true: rather foresee one too many.
    """
    values = {**_given(blueprints.parameters(template)), **known}
    nested = blueprints.nested(template)
    changes = []
    for logical_id, resource in _wanted(blueprints.bodies[template], values):
        tier, _ = nested[logical_id]
        passed = {name: _value(value, values) for name, value in resource["Properties"].get("Parameters", {}).items()}
        inner = {**_given(blueprints.parameters(tier)), **passed}
        held = _wanted(blueprints.bodies[tier], _given(inner))
        leaves = tuple(Change(Effect.ADD, name, leaf["Type"]) for name, leaf in held)
        changes.append(Change(Effect.ADD, logical_id, NESTED, nested=leaves))
    return tuple(changes)


def _given(values: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}


def _wanted(body: Body, values: Values) -> Iterator[tuple[str, Body]]:
    conditions: Body = body.get("Conditions", {})
    for logical_id, resource in body["Resources"].items():
        named = {"Condition": resource["Condition"]} if "Condition" in resource else True
        if holds(named, conditions, values) is not False:
            yield logical_id, resource


def holds(test: Any, conditions: Body, values: Values) -> bool | None:  # noqa: ANN401 - a template's condition
    """Evaluate a condition; None where it hangs on what is not known."""
    held: bool | None = None
    match test:
        case bool():
            held = test
        case {"Condition": name}:
            held = holds(conditions[name], conditions, values)
        case {"Fn::Equals": [left, right]}:
            ends = (_value(left, values), _value(right, values))
            held = None if None in ends else ends[0] == ends[1]
        case {"Fn::Not": [inner]}:
            held = _not(holds(inner, conditions, values))
        case {"Fn::And": tests}:
            held = _all([holds(inner, conditions, values) for inner in tests])
        case {"Fn::Or": tests}:
            held = _not(_all([_not(holds(inner, conditions, values)) for inner in tests]))
    return held


def _not(held: bool | None) -> bool | None:
    return None if held is None else not held


def _all(held: list[bool | None]) -> bool | None:
    if False in held:
        return False
    return None if None in held else True


def _value(value: Any, values: Values) -> str | None:  # noqa: ANN401 - a template's value
    match value:
        case {"Ref": name}:
            return values.get(name)
        case str() | int():
            return str(value)
    return None
