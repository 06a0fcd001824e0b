"""What a root that does not stand will hold, read off its templates where AWS cannot be asked yet. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dr_templates.aws.stacks.model import NESTED, Change, Effect
from dr_templates.tiers.root import ROOTS, TIERS, root
from dr_templates.wiring import Values

Body = Mapping[str, Any]


def additions(template: str, known: Values) -> tuple[Change, ...]:
    """Give every resource of a root and its tiers as added; ``known`` are the parameters whose values are known.

    A condition that hangs on a value not known yet counts as true: rather foresee one too many.
    """
    body = root(template).to_dict()
    defaults = _defaults(body) | dict(known)
    tiers = {f"./{member.tier}.yaml": member.tier for member in ROOTS[template].members}
    changes = []
    for logical_id, resource in _wanted(body, defaults):
        properties = resource["Properties"]
        tier = TIERS[tiers[properties["TemplateURL"]]]().to_dict()
        given = {name: _value(value, defaults) for name, value in properties.get("Parameters", {}).items()}
        values = {**_defaults(tier), **{name: value for name, value in given.items() if value is not None}}
        unknown = {name for name, value in given.items() if value is None}
        nested = _wanted(tier, {name: value for name, value in values.items() if name not in unknown})
        leaves = tuple(Change(Effect.ADD, inner, held["Type"]) for inner, held in nested)
        changes.append(Change(Effect.ADD, logical_id, NESTED, nested=leaves))
    return tuple(changes)


def _defaults(body: Body) -> dict[str, str]:
    return {name: str(entry["Default"]) for name, entry in body.get("Parameters", {}).items() if "Default" in entry}


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
