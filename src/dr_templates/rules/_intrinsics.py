"""Reads ``Ref``, ``Fn::GetAtt``, ``Fn::Sub`` and ``Fn::Join``, and spells them all in one way."""

import re
from collections.abc import Iterator
from typing import Any

from cfnlint.template import Template

UNKNOWN = "${?}"
"""Stands in a spelling for whatever cannot be read from the template."""

_HOLE = re.compile(r"\$\{([^!][^}]*)\}")


def spell(value: object) -> str:
    """Write a value as ``Fn::Sub`` would: literal text, ``${Name}`` and ``${Name.Attribute}``.

    The same value then has the same spelling however it was written, so two can be compared as text.
    """
    match value:
        case bool():
            spelling = "true" if value else "false"
        case str() | int() | float():
            spelling = str(value)
        case {"Ref": str() as name} | {"Fn::GetAtt": str() as name}:
            spelling = f"${{{name}}}"
        case {"Fn::GetAtt": [str() as name, str() as attribute]}:
            spelling = f"${{{name}.{attribute}}}"
        case {"Fn::Sub": str() as text}:
            spelling = _fill(text, {})
        case {"Fn::Sub": [str() as text, dict() as variables]}:
            spelling = _fill(text, variables)
        case {"Fn::Join": [str() as mark, list() as parts]}:
            spelling = mark.join(spell(part) for part in parts)
        case _:
            spelling = UNKNOWN
    return spelling


def _fill(text: str, variables: dict[str, Any]) -> str:
    def one(hole: re.Match[str]) -> str:
        name = hole[1].strip()
        return spell(variables[name]) if name in variables else f"${{{name}}}"

    return _HOLE.sub(one, text)


def holes(spelling: str) -> list[str]:
    """Name what a spelling refers to, in order: ``Name`` or ``Name.Attribute``."""
    return [name.strip() for name in _HOLE.findall(spelling)]


def referred(value: object) -> str | None:
    """Name the one thing a value stands for, be it written ``Ref``, ``GetAtt`` or ``Sub``; None when it is more."""
    spelling = spell(value)
    names = holes(spelling)
    if len(names) != 1 or spelling != f"${{{names[0]}}}" or spelling == UNKNOWN:
        return None
    return names[0].partition(".")[0]


def functions(value: object) -> Iterator[tuple[str, Any]]:
    """Walk a value and give every single-key mapping in it, which is what an intrinsic looks like."""
    if isinstance(value, dict):
        if len(value) == 1:
            yield from value.items()
        for inner in value.values():
            yield from functions(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from functions(inner)


def literal(value: object) -> str | None:
    """Give the text of a value that is fully known, None otherwise."""
    spelling = spell(value)
    return None if "${" in spelling else spelling


def settled(cfn: Template, value: object) -> str | None:
    """Give the text of a value that is known outright or by a parameter's default, None otherwise."""
    parameters = cfn.get_parameters_valid()
    name = referred(value)
    if name is None or name not in parameters:
        return literal(value)
    default = parameters[name].get("Default")
    return None if default is None else literal(default)


def number(cfn: Template, value: object) -> float | None:
    """Give a number that is known outright or by a parameter's default, None otherwise."""
    text = settled(cfn, value)
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
