"""A template's values as far as they are known before a deploy: references, names and conditions. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

Values = Mapping[str, str]
_HOLE = re.compile(r"\$\{([^!}]+)\}")


def text(value: object, values: Values) -> str | None:
    """Give what a property will say; None where that is known only once something is made."""
    match value:
        case bool():
            return str(value).lower()
        case str() | int():
            return str(value)
        case {"Ref": str() as name}:
            return values.get(name)
        case {"Fn::Sub": str() as pattern}:
            known = all(name in values for name in _HOLE.findall(pattern))
            return _HOLE.sub(lambda hole: values[hole[1]], pattern) if known else None
        case _:
            return None


def kept(resource: Mapping[str, Any], conditions: Mapping[str, Any], values: Values) -> bool:
    """Tell whether a resource will be there. What hangs on a value not known yet counts: rather one too many."""
    return "Condition" not in resource or holds(conditions[resource["Condition"]], conditions, values) is not False


def holds(test: object, conditions: Mapping[str, Any], values: Values) -> bool | None:
    """Evaluate a condition; None where it hangs on what is not known."""
    held: bool | None = None
    match test:
        case {"Condition": str() as name}:
            held = holds(conditions[name], conditions, values)
        case {"Fn::Equals": [left, right]}:
            ends = (text(left, values), text(right, values))
            held = None if None in ends else ends[0] == ends[1]
        case {"Fn::Not": [inner]}:
            held = _not(holds(inner, conditions, values))
        case {"Fn::And": list(parts)}:
            held = _all([holds(part, conditions, values) for part in parts])
        case {"Fn::Or": list(parts)}:
            held = _not(_all([_not(holds(part, conditions, values)) for part in parts]))
    return held


def _not(held: bool | None) -> bool | None:
    return None if held is None else not held


def _all(held: Sequence[bool | None]) -> bool | None:
    if False in held:
        return False
    return None if None in held else True
