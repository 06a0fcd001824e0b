"""Creations and updates of stacks, as CloudFormation does them: side by side where nothing depends on the other.

It takes the place of ministack's own, which goes one resource at a time, loses sight of a resource that failed, and
cannot go on from there. What a rollback does is left to ministack.
"""

from __future__ import annotations

import asyncio

from ministack.core.responses import now_iso
from ministack.services.cloudformation import changesets, engine, handlers, stacks

from dr_templates.lab.emulator import patches
from dr_templates.lab.emulator.stacks import policy, resources
from dr_templates.lab.emulator.stacks.nested import NestedStackError
from dr_templates.lab.emulator.stacks.operation import Failure, Operation, Record, entry, failed
from dr_templates.lab.emulator.stacks.outcome import finish, give_up
from dr_templates.lab.emulator.stacks.resources import Job, Made

Task = asyncio.Task[float | None]


def install() -> None:
    """Let creations and updates of every origin be done here."""

    async def deploy_stack_async(  # noqa: PLR0913, PLR0917 - ministack calls it so
        stack_name: str,
        stack_id: str,
        template: Record,
        param_values: Record,
        disable_rollback: bool,
        tags: list[Record],
        is_update: bool = False,
        previous_stack: Record | None = None,
        retain_except_on_create: bool = False,
        imports: Record | None = None,
    ) -> None:
        del stack_id, tags, imports
        stack = handlers._resolve_stack(stack_name)
        previous = (previous_stack or {}) if is_update else None
        again: Record = {"retain_except_on_create": retain_except_on_create}
        begins = resources.TURN.get() or asyncio.get_running_loop().time()
        stack["_busy"] = True
        try:
            await _deploy(
                Operation(stack_name, stack, template, param_values, disable_rollback, previous, again), begins
            )
        finally:
            del stack["_busy"]

    for module in (stacks, handlers, changesets):
        patches.replace(module, "_deploy_stack_async", deploy_stack_async)


async def _deploy(operation: Operation, begins: float) -> None:
    """Bring every resource to its place, then what is no longer wanted out of the way; or give up.

    ``begins`` is when the stack's turn comes at the pace.
    """
    for left in ("_failed_operation", "_cancel_requested", "_failure"):
        operation.stack.pop(left, None)
    operation.stack["_keep"] = operation.keep
    order = engine._topological_sort(operation.template["Resources"], operation.conditions)
    _refuse_removals(operation, set(operation.resources) - set(order))
    tasks: dict[str, Task] = {}
    for logical_id in order:
        names = engine._extract_deps(operation.template["Resources"][logical_id], set(order)) - {logical_id}
        needed = [tasks[name] for name in sorted(names)]
        tasks[logical_id] = asyncio.create_task(_one(operation, logical_id, needed, begins))
    ends = await asyncio.gather(*tasks.values())
    operation.stack["_until"] = max((end for end in ends if end is not None), default=begins)
    if operation.stack.get("_abandoned"):  # its deletion takes over
        return
    if operation.failures or operation.stack.get("_cancel_requested"):
        await give_up(operation)
        return
    await finish(operation, order)


async def _one(operation: Operation, logical_id: str, needed: list[Task], begins: float) -> float | None:
    """Do one resource once those are done that it needs; give when it is done at the pace, None when it failed."""
    ends = await asyncio.gather(*needed)
    if None in ends or operation.stopped:
        return None
    begins = max((end for end in ends if end is not None), default=begins)
    job = None
    try:
        properties, dynamic = operation.resolve(logical_id)
        job = operation.job(logical_id, properties)
        if _settled(operation, job):
            return begins  # AWS does not touch it, nor say so
        _check_policy(operation, job)
        _begin(operation, job, properties)
        made = await resources.carry_out(job, begins)
    except Exception as error:  # noqa: BLE001 - whatever the handler raises is why the resource failed
        _fail(operation, logical_id, job, error)
        return None
    _record(operation, job, made, properties, dynamic)
    return None if _cancelled(operation, job, made) else made.until


def _refuse_removals(operation: Operation, gone: set[str]) -> None:
    """Fail at once when the stack's policy does not let the update remove a resource."""
    body = operation.stack.get("_stack_policy") or ""
    for logical_id in sorted(gone) if operation.previous is not None else ():
        kind = operation.resources[logical_id]["ResourceType"]
        if words := policy.denial(body, policy.DELETE, logical_id, kind):
            operation.failures[logical_id] = Failure(words, "UPDATE")
            operation.note(logical_id, kind, "UPDATE_FAILED", words)


def _check_policy(operation: Operation, job: Job) -> None:
    """Raise PermissionError in AWS's words when the stack's policy does not let the update touch the resource."""
    if job.before is None or job.before.properties == job.properties:
        return
    action = policy.REPLACE if job.replaces else policy.MODIFY
    body = operation.stack.get("_stack_policy") or ""
    if words := policy.denial(body, action, job.logical_id, job.kind):
        raise PermissionError(words)


def _settled(operation: Operation, job: Job) -> bool:
    """Say whether a resource is as it is wanted. A nested stack knows that only itself."""
    record = operation.before(job.logical_id)
    same = job.before is not None and job.before.properties == job.properties
    return same and record is not None and not failed(record) and job.kind != resources.STACK


def _begin(operation: Operation, job: Job, properties: Record) -> None:
    """Say that work on a resource begins, and show it as being under way."""
    reason = ""
    if job.replaces:
        reason = "Requested update requires the creation of a new physical resource; hence creating one."
    physical_id = job.before.physical_id if job.before else ""
    status = f"{job.operation}_IN_PROGRESS"
    operation.note(job.logical_id, job.kind, status, reason, physical_id)
    was = operation.before(job.logical_id) or entry(job, status, "", properties)
    operation.resources[job.logical_id] = {**was, "ResourceStatus": status, "Timestamp": now_iso()}


def _record(operation: Operation, job: Job, made: Made, properties: Record, dynamic: Record) -> None:
    """Note the resource as it is now; what takes another's place is remembered with it, for the clean-up."""
    status = f"{job.operation}_COMPLETE"
    more: Record = {"Attributes": made.attributes, "_dynamic": dynamic, "_name_seed": made.seed}
    operation.resources[job.logical_id] = entry(job, status, made.physical_id, properties, **more)
    operation.created.append(job.logical_id)
    if job.before and (made.physical_id != job.before.physical_id or made.deletes):
        operation.replaced.append((job, made))


def _cancelled(operation: Operation, job: Job, made: Made) -> bool:
    """Say what became of a resource that was done when another had failed already; give whether it is so."""
    if not operation.stopped:
        operation.note(job.logical_id, job.kind, f"{job.operation}_COMPLETE", "", made.physical_id)
        return False
    words = f"Resource {'creation' if job.before is None else 'update'} cancelled"
    operation.note(job.logical_id, job.kind, f"{job.operation}_FAILED", words, made.physical_id)
    operation.failures[job.logical_id] = Failure(words, job.operation)
    return True


def _fail(operation: Operation, logical_id: str, job: Job | None, error: Exception) -> None:
    """Note that a resource failed. What was there before stays; a nested stack that failed is there all the same."""
    kind = operation.template["Resources"][logical_id].get("Type", "AWS::CloudFormation::CustomResource")
    job = job or Job(operation.name, logical_id, kind, {})
    was = operation.before(logical_id)
    verb = "CREATE" if was is None else "UPDATE"
    physical_id = was["PhysicalResourceId"] if was else ""
    if isinstance(error, NestedStackError):
        physical_id = error.physical_id
    reached = not isinstance(error, PermissionError)
    operation.failures[logical_id] = Failure(str(error), verb, job if reached else None)
    operation.note(logical_id, kind, f"{verb}_FAILED", str(error), physical_id)
    if was is not None:
        now: Record = {"ResourceStatus": "UPDATE_FAILED", "ResourceStatusReason": str(error), "Timestamp": now_iso()}
        operation.resources[logical_id] = {**was, **now}
    else:
        properties = operation.resources.get(logical_id, {}).get("Properties", {})
        record = entry(job, "CREATE_FAILED", physical_id, properties, ResourceStatusReason=str(error))
        operation.resources[logical_id] = record
        operation.created.append(logical_id)
