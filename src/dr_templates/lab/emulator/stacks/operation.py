"""The creation or update of one stack while it goes on: what is wanted, what was, what has been done."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ministack.core.responses import now_iso
from ministack.services.cloudformation import engine, provisioners, stacks

from dr_templates.lab.emulator.stacks.resources import Before, Job, Made

FAILED = ("CREATE_FAILED", "UPDATE_FAILED")
Record = dict[str, Any]


@dataclass(frozen=True)
class Failure:
    """A resource that failed: how, and what had been asked of it, if that reached its handler."""

    reason: str
    operation: str
    job: Job | None = None


@dataclass(frozen=True)
class Operation:
    """One creation or update of a stack. ``keep`` leaves what failed as it is, ``previous`` is the stack before."""

    name: str
    stack: Record
    template: Record
    values: Record
    keep: bool
    previous: Record | None
    again: Record = field(default_factory=dict)
    """What a later rollback must know of the request itself."""
    created: list[str] = field(default_factory=list)
    replaced: list[tuple[Job, Made]] = field(default_factory=list)
    failures: dict[str, Failure] = field(default_factory=dict)

    @property
    def stack_id(self) -> str:
        """The stack's ARN."""
        return str(self.stack["StackId"])

    @property
    def verb(self) -> str:
        """CREATE or UPDATE."""
        return "CREATE" if self.previous is None else "UPDATE"

    @property
    def resources(self) -> dict[str, Record]:
        """The stack's resources as they are now."""
        records: dict[str, Record] = self.stack.setdefault("_resources", {})
        return records

    @property
    def conditions(self) -> dict[str, bool]:
        """Which conditions hold."""
        held: dict[str, bool] = self.stack["_conditions"]
        return held

    @property
    def stopped(self) -> bool:
        """Whether nothing new is to be begun: something failed, the update was cancelled, the stack is to be deleted.

        With ``keep`` what does not depend on the failure goes on, as on AWS.
        """
        ended = self.stack.get("_cancel_requested") or self.stack.get("_abandoned")
        return bool(ended) or (bool(self.failures) and not self.keep)

    def before(self, logical_id: str) -> Record | None:
        """Give the record of the resource before the update; what never came into being is none."""
        record: Record | None = (self.previous or {}).get("_resources", {}).get(logical_id)
        return record if record and record.get("PhysicalResourceId") else None

    def policy(self, logical_id: str, attribute: str) -> str:
        """Give the DeletionPolicy or UpdateReplacePolicy of a resource of the new template."""
        definition = self.template.get("Resources", {}).get(logical_id)
        mappings = self.template.get("Mappings", {})
        said: str = stacks._resource_policy(
            definition, attribute, self.resources, self.values, self.conditions, mappings, self.name, self.stack_id
        )
        return said

    def resolve(self, logical_id: str) -> tuple[Record, Record]:
        """Give the resource's properties with every reference followed, and the dynamic references among them."""
        definition = self.template["Resources"][logical_id]
        mappings = self.template.get("Mappings", {})
        properties = engine._resolve_refs(
            copy.deepcopy(definition.get("Properties", {})),
            self.resources,
            self.values,
            self.conditions,
            mappings,
            self.name,
            self.stack_id,
        )
        given = {key: value for key, value in (properties or {}).items() if value is not engine._NO_VALUE}
        was = (self.previous or {}).get("_template", {}).get("Resources", {}).get(logical_id)
        resolved: tuple[Record, Record] = engine._resolve_dynamic_references(
            given, (self.before(logical_id) or {}).get("_dynamic"), reuse_secrets=was == definition
        )
        return resolved

    def tagged(self, logical_id: str, kind: str, properties: Record, tags: object) -> Record:
        """Give the properties with the stack's tags, which reach each resource that has any."""
        given: Record = provisioners._with_stack_tags(kind, properties, tags, self.name, self.stack_id, logical_id)
        return given

    def job(self, logical_id: str, properties: Record) -> Job:
        """Say what is to be done for a resource."""
        kind = self.template["Resources"][logical_id].get("Type", "AWS::CloudFormation::CustomResource")
        record = self.before(logical_id)
        before = None
        if record is not None and self.previous is not None:
            old = self.tagged(logical_id, kind, record.get("Properties", {}), self.previous.get("Tags") or [])
            retained = self.policy(logical_id, "UpdateReplacePolicy") in provisioners._RETAINING_POLICIES
            attributes, seed = record.get("Attributes", {}), record.get("_name_seed", "")
            before = Before(record["PhysicalResourceId"], old, attributes, seed, retained)
        new = self.tagged(logical_id, kind, properties, self.stack.get("Tags") or [])
        return Job(self.name, logical_id, kind, new, before)

    def note(self, logical_id: str, kind: str, status: str, reason: str = "", physical_id: str = "") -> None:
        """Record an event of a resource."""
        stacks._add_event(self.stack_id, self.name, logical_id, kind, status, reason, physical_id)

    def note_stack(self, status: str, reason: str = "") -> None:
        """Put the stack into a status, and record it."""
        self.stack["StackStatus"] = status
        self.stack["StackStatusReason"] = reason
        self.note(self.name, "AWS::CloudFormation::Stack", status, reason, self.stack_id)


def entry(job: Job, status: str, physical_id: str, properties: Record, **more: object) -> Record:
    """Write the record of a resource as ministack keeps it."""
    return {
        "PhysicalResourceId": physical_id,
        "ResourceType": job.kind,
        "ResourceStatus": status,
        "LogicalResourceId": job.logical_id,
        "Properties": properties,
        "Attributes": {},
        "Timestamp": now_iso(),
        **{key: value for key, value in more.items() if value},
    }


def failed(record: Mapping[str, Any]) -> bool:
    """Say whether the resource's last operation failed."""
    return record.get("ResourceStatus") in FAILED
