"""What an update of a stack would change, found out before it is made: the content of a change set.

A resource is compared with what the stack has, its new properties resolved as far as they can be known. What is known
only afterwards (something of a resource that is added or replaced) is marked dynamic, as AWS does, and the value
that is there now stands for it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ministack.services.cloudformation import engine, stacks

from dr_templates.lab.emulator.changes import replacement
from dr_templates.lab.emulator.changes.words import Detail, Modify
from dr_templates.lab.emulator.stacks.requests import Record, Request

STACK = "AWS::CloudFormation::Stack"
PLACEHOLDER = "{{known after apply}}"


@dataclass(frozen=True)
class Outlook:
    """What a template and its values would make of a stack; ``stack`` is None for one that is to come."""

    request: Request
    stack: Record | None
    open_values: frozenset[str] = frozenset()
    """The parameters whose values are known only afterwards."""
    deep: bool = False
    """Whether nested stacks are looked into, so that it is known what they will give."""
    modified: dict[str, Modify] = field(default_factory=dict)
    added: set[str] = field(default_factory=set)
    outputs: dict[str, str | None] = field(default_factory=dict)
    nested: dict[str, dict[str, str | None]] = field(default_factory=dict)
    """For each nested stack that was looked into, its outputs to be: None for what is known only afterwards."""

    @property
    def resources(self) -> dict[str, Record]:
        """The stack's resources as they are."""
        records: dict[str, Record] = (self.stack or {}).get("_resources", {})
        return {name: record for name, record in records.items() if record.get("PhysicalResourceId")}

    @property
    def wanted(self) -> list[str]:
        """The resources of the new template that its conditions let be, each after what it depends on."""
        order: list[str] = engine._topological_sort(self.request.template["Resources"], self.request.conditions)
        return order

    @property
    def removed(self) -> list[str]:
        """The resources that are there and no longer wanted."""
        kept = set(self.wanted)
        return [name for name in self.resources if name not in kept]

    def definition(self, name: str) -> Record:
        """Give a resource of the new template."""
        said: Record = self.request.template["Resources"][name]
        return said

    def properties(self, name: str) -> dict[str, tuple[Any, bool]]:
        """Give a resource's new properties, and for each whether it is known; branches not taken are left out."""
        given = _taken(self.definition(name).get("Properties") or {}, self.request.conditions)
        return {key: (self.value(raw), self.known(raw)) for key, raw in given.items() if not _absent(raw)}

    def known(self, raw: object) -> bool:
        """Say whether the value of an expression is known before the update."""
        return not any(
            ref in self.added or ref in self.open_values or self.unsettled(ref, attribute)
            for ref, attribute in engine._intrinsic_references(raw)
        )

    def unsettled(self, name: str, attribute: str | None) -> bool:
        """Say whether what is read of a resource may be another thing after the update."""
        key = (attribute or "").removeprefix("Outputs.")
        if name in self.nested:
            return attribute is not None and self.nested[name].get(key, "") is None
        return name in self.modified and self.modified[name].replacement != "False"

    def value(self, raw: object) -> Any:  # noqa: ANN401 - whatever the expression gives
        """Resolve an expression, with the present values of what is not known, or something in their place."""
        try:
            return self._resolved(raw)
        except (ValueError, IndexError):  # as a Fn::Select from what is in the place of a list
            if self.known(raw):
                raise
            return PLACEHOLDER

    def _resolved(self, raw: object) -> Any:  # noqa: ANN401 - as above
        records = {name: self._seen(name, record) for name, record in self.resources.items()}
        for name in self.added:
            records[name] = {"PhysicalResourceId": PLACEHOLDER, "Attributes": _Anything()}
        if self.added & set(self.nested):
            for name in self.added & set(self.nested):
                records[name]["Attributes"] = _Anything(self._outputs(name))
        name = (self.stack or {}).get("StackName", "")
        mappings = self.request.template.get("Mappings", {})
        stack_id = (self.stack or {}).get("StackId", "")
        return engine._resolve_refs(
            copy.deepcopy(raw), records, self.request.values, self.request.conditions, mappings, name, stack_id
        )

    def _seen(self, name: str, record: Record) -> Record:
        if name not in self.nested:
            return record
        return {**record, "Attributes": {**record.get("Attributes", {}), **self._outputs(name)}}

    def _outputs(self, name: str) -> Record:
        return {f"Outputs.{key}": value for key, value in self.nested[name].items() if value is not None}


class _Anything(dict[str, Any]):
    """Attributes of a resource that is to come: each has a value, which nobody knows."""

    def __missing__(self, key: str) -> str:
        return PLACEHOLDER

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str)

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401, ARG002 - as dict's
        return self[key]


def compare(outlook: Outlook, name: str, changed: frozenset[str]) -> list[Detail]:
    """Say how a resource that is there would be modified. ``changed`` are the parameters with new values."""
    kind = outlook.definition(name)["Type"]
    record = outlook.resources[name]
    details: list[Detail] = []
    new = outlook.properties(name)
    dynamic = record.get("_dynamic")
    old = record.get("Properties", {})
    raws = _taken(outlook.definition(name).get("Properties") or {}, outlook.request.conditions)
    for key in sorted({*old, *new}):
        value, known = new.get(key, (None, True))
        value = _followed(value, dynamic) if known else value
        raw = raws.get(key)
        causes = tuple(_causes(outlook, raw, changed))
        if known and old.get(key) != value:
            recreation = replacement.recreation(kind, key, old.get(key), value)
            details.append(
                Detail("Properties", key, recreation, "Dynamic" if causes else "Static", "DirectModification")
            )
            details += [Detail("Properties", key, recreation, "Static", source, entity) for source, entity in causes]
        elif not known or (causes and not (outlook.deep and kind == STACK)):
            recreation = replacement.possible(kind, key)
            details += [
                Detail("Properties", key, recreation, "Dynamic", source, entity)
                for source, entity in causes
                if source != "ParameterReference" or entity in outlook.open_values
            ]
    return [*details, *_attributes(outlook, name)]


def _causes(outlook: Outlook, raw: object, changed: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Give the parameters and resources through which an expression may change, with AWS's word for the way."""
    seen = set()
    for name, attribute in engine._intrinsic_references(raw):
        if name in changed or name in outlook.open_values:
            cause = ("ParameterReference", name)
        elif name in outlook.added or outlook.unsettled(name, attribute) or _touched(outlook, name, attribute):
            cause = ("ResourceAttribute", f"{name}.{attribute}") if attribute else ("ResourceReference", name)
        else:
            continue
        if cause not in seen:
            seen.add(cause)
            yield cause


def _touched(outlook: Outlook, name: str, attribute: str | None) -> bool:
    """Say whether an attribute is read of a resource that is modified in place: AWS thinks it may change.

    Of a nested stack that was looked into, only the outputs count that do change.
    """
    return attribute is not None and name in outlook.modified and name not in outlook.nested


def _attributes(outlook: Outlook, name: str) -> list[Detail]:
    """Give the changes outside the properties: policies and metadata."""
    old = ((outlook.stack or {}).get("_template") or {}).get("Resources", {}).get(name)
    if old is None:
        return []
    new = outlook.definition(name)
    return [
        Detail(attribute, "", replacement.NEVER, "Static", "DirectModification")
        for attribute in stacks._DIFFED_ATTRIBUTES
        if old.get(attribute) != new.get(attribute)
    ]


def _followed(value: Any, before: Record | None) -> Any:  # noqa: ANN401 - whatever it is
    """Follow dynamic references; those followed before keep their values, unless what is asked for changes."""
    try:
        followed, _ = engine._resolve_dynamic_references(value, before, reuse_ssm=True, reuse_secrets=True)
    except ValueError:  # there is no such secret yet
        return value
    return followed


def _absent(raw: object) -> bool:
    return raw == {"Ref": "AWS::NoValue"}


def _taken(value: Any, conditions: Mapping[str, bool]) -> Any:  # noqa: ANN401 - any expression
    """Give an expression with each Fn::If replaced by the branch it takes."""
    if isinstance(value, list):
        return [one for one in (_taken(item, conditions) for item in value) if not _absent(one)]
    if not isinstance(value, Mapping):
        return value
    if set(value) == {"Fn::If"}:
        condition, yes, no = value["Fn::If"]
        return _taken(yes if conditions.get(condition) else no, conditions)
    taken = {key: _taken(item, conditions) for key, item in value.items()}
    return {key: item for key, item in taken.items() if not _absent(item)} if len(taken) > 1 else taken
