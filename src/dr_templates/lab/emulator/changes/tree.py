"""The changes of a stack and of all stacks nested in it, each with what it would bring for the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ministack.services.cloudformation import handlers, stacks

from dr_templates.lab.emulator.changes import replacement
from dr_templates.lab.emulator.changes.plan import STACK, Outlook, compare
from dr_templates.lab.emulator.changes.words import Detail, Modify
from dr_templates.lab.emulator.stacks.launch import check_types
from dr_templates.lab.emulator.stacks.operation import failed
from dr_templates.lab.emulator.stacks.requests import Record, Request, asked, read

AUTOMATIC = Detail("Properties", "", replacement.NEVER, "Dynamic", "Automatic")
"""AWS's reason for listing a nested stack whose own properties do not change."""


@dataclass(frozen=True)
class Branch:
    """A stack with its changes as a change set shows them, and the stacks nested in it that change."""

    request: Request
    stack: Record | None
    changes: list[dict[str, Any]]
    outputs: dict[str, str | None]
    branches: dict[str, Branch] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether nothing changes, outputs included."""
        now = {one["OutputKey"]: one["OutputValue"] for one in (self.stack or {}).get("Outputs", [])}
        return not self.changes and self.stack is not None and now == self.outputs


def grow(request: Request, stack: Record | None, *, deep: bool, open_values: frozenset[str] = frozenset()) -> Branch:
    """Find out what the request would change; ``deep`` looks into nested stacks. Raises Refused where AWS refuses."""
    if stack is not None:
        check_types(stack, request)
    outlook = Outlook(request, stack, open_values, deep)
    branches: dict[str, Branch] = {}
    shown: dict[str, dict[str, Any]] = {}
    changed = _changed(outlook)
    for name in outlook.wanted:
        there = outlook.resources.get(name)
        nested = deep and outlook.definition(name)["Type"] == STACK
        if there is None:
            outlook.added.add(name)
            shown[name] = _told("Add", name, outlook.definition(name)["Type"])
        elif found := (*_retagged(outlook, name), *compare(outlook, name, changed)):
            outlook.modified[name] = Modify(found)
        elif failed(there):
            outlook.modified[name] = Modify(())
        branch = _descend(outlook, name) if nested else None
        if branch is not None and (there is None or name in outlook.modified or not branch.empty):
            branches[name] = branch
            if there is not None and branch.changes:
                outlook.modified.setdefault(name, Modify((AUTOMATIC,)))
        if name in outlook.modified:
            shown[name] = _modified(outlook, name)
    for name in outlook.removed:
        shown[name] = _removed(outlook, name)
    return Branch(request, stack, [shown[name] for name in sorted(shown)], _outputs(outlook), branches)


def _changed(outlook: Outlook) -> frozenset[str]:
    """Name the parameters that get other values."""
    old = (outlook.stack or {}).get("_resolved_params", {})
    new = outlook.request.values
    return frozenset(name for name in new if old.get(name, {}).get("Value") != new[name]["Value"])


def _descend(outlook: Outlook, name: str) -> Branch:
    """Look into a nested stack, and note what its outputs will be."""
    properties = outlook.properties(name)
    child = (
        handlers._resolve_stack(outlook.resources[name]["PhysicalResourceId"]) if name in outlook.resources else None
    )
    given = {key: value for key, (value, _) in properties.items()}
    given["Tags"] = _tags(outlook, given.get("Tags") or [])
    raw = (outlook.definition(name).get("Properties") or {}).get("Parameters") or {}
    open_values = frozenset(key for key in raw if not outlook.known(raw[key]))
    if child is not None:
        now = {one: value["Value"] for one, value in child.get("_resolved_params", {}).items()}
        said = {**given.get("Parameters", {})}
        given["Parameters"] = {key: now.get(key, value) if key in open_values else value for key, value in said.items()}
    request = read(asked(given, outlook.request.capabilities), child, open_values)
    branch = grow(request, child, deep=True, open_values=open_values)
    outlook.nested[name] = branch.outputs
    return branch


def _tags(outlook: Outlook, own: list[Record]) -> list[Record]:
    """Give a nested stack's tags: its own, and those of the stack it is in."""
    request = outlook.request
    inherited = request.tags if request.tags_given else (outlook.stack or {}).get("Tags") or []
    names = {tag["Key"] for tag in own}
    return [*own, *(tag for tag in inherited if tag["Key"] not in names)]


def _outputs(outlook: Outlook) -> dict[str, str | None]:
    """Give the outputs to be, None for what is known only afterwards."""
    held = outlook.request.conditions
    found: dict[str, str | None] = {}
    for name, said in outlook.request.template.get("Outputs", {}).items():
        if held.get(said.get("Condition", ""), True):
            found[name] = str(outlook.value(said["Value"])) if outlook.known(said["Value"]) else None
    return found


def _retagged(outlook: Outlook, name: str) -> tuple[Detail, ...]:
    """Give the detail for the stack's own tags when they change and reach the resource."""
    request, stack = outlook.request, outlook.stack or {}
    kind = outlook.definition(name)["Type"]
    untagged = kind in stacks._UNTAGGED_TYPES or kind.startswith("Custom::")
    if untagged or not stacks._stack_tags_changed(stack, request.tags, request.tags_given):
        return ()
    return (Detail("Tags", "", replacement.NEVER, "Static"),)


def _told(action: str, name: str, kind: str, **more: object) -> dict[str, Any]:
    return {"Action": action, "LogicalResourceId": name, "ResourceType": kind, **more}


def _modified(outlook: Outlook, name: str) -> dict[str, Any]:
    modify, record = outlook.modified[name], outlook.resources[name]
    policy = {}
    if modify.replacement == "True":
        policy = stacks._policy_action(outlook.definition(name), "UpdateReplacePolicy", "ReplaceAnd")
    return _told(
        "Modify",
        name,
        outlook.definition(name)["Type"],
        PhysicalResourceId=record["PhysicalResourceId"],
        Replacement=modify.replacement,
        Scope=modify.scope,
        Details=[one.told() for one in modify.details],
        **policy,
    )


def _removed(outlook: Outlook, name: str) -> dict[str, Any]:
    record = outlook.resources[name]
    old = ((outlook.stack or {}).get("_template") or {}).get("Resources", {}).get(name, {})
    policy = stacks._policy_action(old, "DeletionPolicy")
    return _told("Remove", name, record["ResourceType"], PhysicalResourceId=record["PhysicalResourceId"], **policy)
