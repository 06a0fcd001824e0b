"""What changing a property means for a resource, by the registry schemas that cfn-lint carries (facts A12, A13)."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

NEVER, PERHAPS, ALWAYS = "Never", "Conditionally", "Always"
REGION = "us-east-1"
"""Any region's schemas do: what may be changed does not differ."""


class NotUpdatable(Exception):  # noqa: N818 - the registry's own word for this answer of a handler
    """An update handler's answer to a change that only a new resource can bring about (fact A15)."""


@dataclass(frozen=True)
class Schema:
    """What a type's schema says of changes; paths are given as their parts below the properties."""

    create_only: tuple[tuple[str, ...], ...] = ()
    conditional: tuple[tuple[str, ...], ...] = ()
    name: str = ""
    """The property that names the resource, when a template may give it."""


@functools.cache
def schema(kind: str) -> Schema:
    """Give what the type's schema says; nothing for a custom resource or a type without schema."""
    if kind.startswith("Custom::"):
        return Schema()
    from cfnlint.schema import ResourceNotFoundError  # noqa: PLC0415 - takes a second: when first needed
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER  # noqa: PLC0415 - as above

    try:
        said = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
    except ResourceNotFoundError:
        return Schema()
    identifier, given_by_aws = said.get("primaryIdentifier") or [], said.get("readOnlyProperties") or []
    named = len(identifier) == 1 and identifier[0] not in given_by_aws
    return Schema(
        tuple(_parts(path) for path in said.get("createOnlyProperties") or ()),
        tuple(_parts(path) for path in said.get("conditionalCreateOnlyProperties") or ()),
        _parts(identifier[0])[0] if named else "",
    )


def recreation(kind: str, name: str, old: object, new: object) -> str:
    """Say whether changing the property ``name`` from ``old`` to ``new`` needs a new resource."""
    said = schema(kind)
    if _touched(said.create_only, name, old, new):
        return ALWAYS
    return PERHAPS if _touched(said.conditional, name, old, new) else NEVER


def possible(kind: str, name: str) -> str:
    """Say whether changing the property needs a new resource when the values are not known yet."""
    said = schema(kind)
    if (name,) in said.create_only:
        return ALWAYS
    return PERHAPS if any(path[0] == name for path in (*said.create_only, *said.conditional)) else NEVER


def replaces(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Say whether an update from ``old`` to ``new`` properties is the creation of another resource."""
    names = [name for name in {*old, *new} if old.get(name) != new.get(name)]
    return any(recreation(kind, name, old.get(name), new.get(name)) == ALWAYS for name in names)


def refusal(kind: str, old: Mapping[str, Any], new: Mapping[str, Any], also: str = "") -> str | None:
    """Give AWS's words when a resource that keeps the name its template gives would be replaced (fact A17).

    ``also`` is a further property that names resources of this type.
    """
    for name in filter(None, (schema(kind).name, also)):
        if old.get(name) and old.get(name) == new.get(name):
            return (
                "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
                f"Rename {old[name]} and update the stack again."
            )
    return None


def _parts(path: str) -> tuple[str, ...]:
    return tuple(path.removeprefix("/properties/").split("/"))


def _touched(paths: tuple[tuple[str, ...], ...], name: str, old: object, new: object) -> bool:
    ways = [path[1:] for path in paths if path[0] == name]
    return any(list(_values(old, way)) != list(_values(new, way)) for way in ways)


def _values(value: object, way: tuple[str, ...]) -> Iterator[object]:
    """Give what is found along ``way``, in which ``*`` stands for every item of a list."""
    if not way:
        yield value
    elif way[0] == "*" and isinstance(value, list):
        for item in value:
            yield from _values(item, way[1:])
    elif isinstance(value, Mapping) and way[0] in value:
        yield from _values(value[way[0]], way[1:])
