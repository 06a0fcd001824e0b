"""How long a root stack takes at least: the longest chain of resources that wait for each other, nested ones included.

It is computed from the templates alone, so that a benchmark can hold a deployment against it.
"""

from __future__ import annotations

import graphlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from dr_templates.conditions import Values, kept, text
from dr_templates.lab.emulator.orders.pace import STACK, Pace


def critical_path(folder: Path, root: str, pace: Pace, values: Mapping[str, str | None] | None = None) -> float:
    """Give the seconds that creating the template ``root`` of ``folder`` takes at the pace, with no other delay.

    ``values`` are parameters of the root; one that is None is not known, and a condition that hangs on it is taken to
    hold. Raises OSError for a template that is not there, ``graphlib.CycleError`` for resources that wait for each
    other.
    """
    template = yaml.load((folder / root).read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader
    parameters = template.get("Parameters", {}).items()
    defaults = {name: text(one["Default"], {}) for name, one in parameters if "Default" in one}
    known = {name: value for name, value in {**defaults, **(values or {})}.items() if value is not None}
    conditions = template.get("Conditions", {})
    resources = {name: one for name, one in template["Resources"].items() if kept(one, conditions, known)}
    done: dict[str, float] = {}
    needs = {name: _needs(one) & set(resources) - {name} for name, one in resources.items()}
    for name in graphlib.TopologicalSorter(needs).static_order():
        begins = max((done[one] for one in needs[name]), default=0.0)
        done[name] = begins + _takes(folder, resources[name], pace, known)
    return max(done.values(), default=0.0)


def _takes(folder: Path, resource: Mapping[str, Any], pace: Pace, known: Values) -> float:
    properties = resource.get("Properties") or {}
    own = pace.seconds(resource["Type"], properties)
    if resource["Type"] != STACK:
        return own
    given = {name: text(raw, known) for name, raw in (properties.get("Parameters") or {}).items()}
    return own + critical_path(folder, properties["TemplateURL"], pace, given)


def _needs(resource: Mapping[str, Any]) -> set[str]:
    """Name what a resource waits for."""
    explicit = resource.get("DependsOn") or []
    return {*_references(resource.get("Properties")), *([explicit] if isinstance(explicit, str) else explicit)}


def _references(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key == "Ref":
                yield str(item)
            elif key == "Fn::GetAtt":
                yield item.partition(".")[0] if isinstance(item, str) else item[0]
            elif key == "Fn::Sub":
                text = item if isinstance(item, str) else item[0]
                yield from (name.partition(".")[0] for name in re.findall(r"\$\{([^!}]+)\}", text))
                yield from _references([] if isinstance(item, str) else item[1])
            else:
                yield from _references(item)


class _Loader(yaml.SafeLoader):
    """Reads the short forms of CloudFormation's functions too."""


def _short(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, object]:
    key = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        return {key: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {key: loader.construct_sequence(node, deep=True)}
    return {key: loader.construct_mapping(node, deep=True)} if isinstance(node, yaml.MappingNode) else {}


_Loader.add_multi_constructor("!", _short)
