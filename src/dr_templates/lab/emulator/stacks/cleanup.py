"""After an update has succeeded: the resources that were replaced, and those the template no longer has."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ministack.core.concurrency import run_reentrant
from ministack.core.responses import now_iso
from ministack.services.cloudformation import engine, provisioners, stacks

from dr_templates.lab.emulator.stacks.operation import Operation, Record


async def clean_up(operation: Operation, gone: Iterable[str]) -> None:
    """Delete them, dependents first. What cannot be deleted fails no update: the stack keeps it for the next one."""
    for job, made in reversed(operation.replaced):
        before = job.before
        if before is None or before.retained:
            if before and made.physical_id != before.physical_id:
                operation.note(job.logical_id, job.kind, "DELETE_SKIPPED", "", before.physical_id)
            continue
        record = {"ResourceType": job.kind, "PhysicalResourceId": before.physical_id, "Properties": before.properties}
        if made.physical_id == before.physical_id:
            record["PhysicalResourceId"] = ""
        await _delete(operation, job.logical_id, record, made.deletes)
    for logical_id in _ordered(operation, set(gone)):
        await _remove(operation, logical_id)


def _ordered(operation: Operation, gone: set[str]) -> list[str]:
    """Give those that are gone, each before what it depends on."""
    old = (operation.previous or {}).get("_template", {}).get("Resources", {})
    known = [name for name in engine._topological_sort(old, {}) if name in gone]
    return [*sorted(gone - set(known)), *reversed(known)]


async def _remove(operation: Operation, logical_id: str) -> None:
    record = operation.resources[logical_id]
    kind, physical_id = record["ResourceType"], record["PhysicalResourceId"]
    if not physical_id:  # it never came into being
        del operation.resources[logical_id]
        return
    kept = _policy(operation, logical_id)
    if kept in provisioners._RETAINING_POLICIES:
        operation.note(logical_id, kind, "DELETE_SKIPPED", "", physical_id)
        del operation.resources[logical_id]
        return
    if kept == "Snapshot":
        stacks._snapshot_resource(kind, physical_id, record.get("Properties", {}))
    if await _delete(operation, logical_id, record):
        del operation.resources[logical_id]


def _policy(operation: Operation, logical_id: str) -> str:
    """Give the DeletionPolicy the resource had in the template before."""
    previous = operation.previous or {}
    template = previous.get("_template", {})
    said: str = stacks._resource_policy(
        template.get("Resources", {}).get(logical_id),
        "DeletionPolicy",
        previous.get("_resources", {}),
        previous.get("_resolved_params", {}),
        previous.get("_conditions", {}),
        template.get("Mappings", {}),
        operation.name,
        operation.stack_id,
    )
    return said


async def _delete(
    operation: Operation, logical_id: str, record: Record, deletes: Iterable[tuple[Callable[..., Any], Any, Any]] = ()
) -> bool:
    """Delete one resource; say whether it is gone."""
    kind, physical_id = record["ResourceType"], record["PhysicalResourceId"]
    operation.note(logical_id, kind, "DELETE_IN_PROGRESS", "", physical_id)
    try:
        for function, positional, named in deletes:
            function(*positional, **named)
        if physical_id:
            arguments = (kind, physical_id, record.get("Properties", {}), operation.name, logical_id)
            if stacks._runs_on_worker_thread(kind):
                await run_reentrant(stacks._delete_resource, *arguments)
            else:
                stacks._delete_resource(*arguments)
    except Exception as error:  # noqa: BLE001 - whatever the handler raises is why it is still there
        operation.note(logical_id, kind, "DELETE_FAILED", str(error), physical_id)
        record.update(ResourceStatus="DELETE_FAILED", ResourceStatusReason=str(error), Timestamp=now_iso())
        return False
    operation.note(logical_id, kind, "DELETE_COMPLETE", "", physical_id)
    return True
