"""One resource of a stack, created, updated or replaced by the handler of its type."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

from ministack.core.concurrency import run_reentrant
from ministack.core.responses import new_uuid
from ministack.services.cloudformation import handlers, provisioners, stacks

from dr_templates.lab.emulator import patches
from dr_templates.lab.emulator.changes import replacement
from dr_templates.lab.emulator.orders.state import SETTINGS

Properties = dict[str, Any]
STACK = "AWS::CloudFormation::Stack"
TURN: ContextVar[float | None] = ContextVar("turn", default=None)
"""When the nested stack's turn comes in whose context the work goes on."""


@dataclass(frozen=True)
class Before:
    """The resource as it is before an update."""

    physical_id: str
    properties: Properties
    attributes: Properties
    seed: str = ""
    retained: bool = False
    """Whether it is to be kept should another take its place."""


@dataclass(frozen=True)
class Job:
    """What is to be done: bring a resource to its properties, from what it was or from nothing."""

    stack: str
    logical_id: str
    kind: str
    properties: Properties
    before: Before | None = None

    @property
    def operation(self) -> str:
        """CREATE or UPDATE."""
        return "UPDATE" if self.before else "CREATE"

    @property
    def replaces(self) -> bool:
        """Whether an update makes another resource."""
        before = self.before
        return before is not None and replacement.replaces(self.kind, before.properties, self.properties)


@dataclass(frozen=True)
class Made:
    """What came of it; ``deletes`` are what a handler left to be done to the predecessor."""

    physical_id: str
    attributes: Properties
    seed: str = ""
    deletes: list[Any] = field(default_factory=list)
    until: float = 0.0
    """When it is done at the pace, in the loop's time."""


async def carry_out(job: Job, begins: float) -> Made:
    """Do it; a creation ends no earlier than the pace has it. Raises what the handler raises, and faults as ordered.

    ``begins`` is when its turn comes at the pace, in the loop's time. What the work itself takes longer than that is
    made good by those that follow, so that a stack takes as long as its critical path.
    """
    SETTINGS.armed.on_resource(job.kind, job.logical_id, job.operation)
    turn = TURN.set(begins)
    try:
        made: Made = await run_reentrant(_do, job) if stacks._runs_on_worker_thread(job.kind) else _do(job)
    finally:
        TURN.reset(turn)
    until = begins
    if job.before is None or made.physical_id != job.before.physical_id:
        until += SETTINGS.pace.seconds(job.kind, job.properties)
        await asyncio.sleep(max(0.0, until - asyncio.get_running_loop().time()))
    if job.kind == STACK:
        until = max(until, handlers._resolve_stack(made.physical_id)["_until"])
    return replace(made, until=until)


def install() -> None:
    """Let ordered faults meet deletions and rollbacks too, which ministack does; leave snapshots to threads as well."""
    waiting: dict[tuple[str, str], Properties] = {}

    def snapshot_resource(resource_type: str, physical_id: str, props: Properties) -> None:
        if physical_id:
            waiting[resource_type, physical_id] = props  # taken below: this is called where nothing may block

    def delete_resource(
        resource_type: str,
        physical_id: str,
        props: Properties,
        stack_name: str | None = None,
        logical_id: str | None = None,
    ) -> None:
        if not physical_id:  # it never came into being
            return
        SETTINGS.armed.on_resource(resource_type, logical_id or "", "DELETE")
        if (resource_type, physical_id) in waiting:
            take(resource_type, physical_id, waiting.pop((resource_type, physical_id)))
        delete(resource_type, physical_id, props, stack_name, logical_id)

    def update_resource(
        resource_type: str,
        physical_id: str,
        old_props: Properties,
        new_props: Properties,
        stack_name: str,
        logical_id: str | None = None,
        old_attrs: Properties | None = None,
    ) -> Any:  # noqa: ANN401 - ministack's answer
        SETTINGS.armed.on_resource(resource_type, logical_id or "", "ROLLBACK")
        return revert(resource_type, physical_id, old_props, new_props, stack_name, logical_id, old_attrs)

    revert = patches.replace(stacks, "_update_resource", update_resource)
    take = patches.replace(stacks, "_snapshot_resource", snapshot_resource)
    delete = patches.replace(stacks, "_delete_resource", delete_resource)


def _do(job: Job) -> Made:
    seed = provisioners._NAME_SEED.set(job.before.seed if job.before else "")
    deletes: list[Any] = []
    deferred = provisioners._DEFERRED_PREDECESSOR_DELETES.set(deletes)
    retained = provisioners._RETAIN_REPLACED.set(bool(job.before and job.before.retained))
    try:
        physical_id, attributes = _create(job) if job.before is None else _update(job, job.before)
        return Made(physical_id, attributes or {}, provisioners._NAME_SEED.get(), deletes)
    finally:
        provisioners._RETAIN_REPLACED.reset(retained)
        provisioners._DEFERRED_PREDECESSOR_DELETES.reset(deferred)
        provisioners._NAME_SEED.reset(seed)


def _create(job: Job) -> tuple[str, Properties]:
    made: tuple[str, Properties] = provisioners._provision_resource(job.kind, job.logical_id, job.properties, job.stack)
    return made


def _update(job: Job, before: Before) -> tuple[str, Properties]:
    if job.kind == STACK:  # also when it is asked for the same again: its template may have changed, or it failed
        update = provisioners._RESOURCE_HANDLERS[STACK]["update"]
        nested: tuple[str, Properties] = update(
            before.physical_id, before.properties, job.properties, job.stack, job.logical_id
        )
        return nested
    if job.replaces:
        return _replace(job, before)
    try:
        made: tuple[str, Properties] = provisioners._update_resource(
            job.kind,
            before.physical_id,
            before.properties,
            job.properties,
            job.stack,
            job.logical_id,
            before.attributes,
        )
    except replacement.NotUpdatable:
        return _replace(job, before)
    return made


def _replace(job: Job, before: Before) -> tuple[str, Properties]:
    """Create another resource, under another name where AWS gives the name. Raises ValueError when it may not."""
    named = provisioners._CUSTOM_NAME_REPLACEMENT.get(job.kind, {}).get("name")
    also = named if isinstance(named, str) else ""
    refused = replacement.refusal(job.kind, before.properties, job.properties, also)
    if refused:
        raise ValueError(refused)
    provisioners._NAME_SEED.set(new_uuid()[:8])
    return _create(job)
