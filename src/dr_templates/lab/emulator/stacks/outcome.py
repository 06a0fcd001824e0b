"""How the creation or update of a stack ends: in order, or with what failed undone or kept."""

from __future__ import annotations

import copy

from ministack.services import cloudformation
from ministack.services.cloudformation import stacks

from dr_templates.lab.emulator.stacks.cleanup import clean_up
from dr_templates.lab.emulator.stacks.operation import Operation, Record


async def finish(operation: Operation, order: list[str]) -> None:
    """Remove what is no longer wanted, and publish the outputs; give up when these cannot be had."""
    stack, template = operation.stack, operation.template
    wanted = {logical_id: record for logical_id, record in operation.resources.items() if logical_id in order}
    try:
        outputs, exports = stacks._resolve_stack_outputs(
            template.get("Outputs", {}),
            operation.conditions,
            wanted,
            operation.values,
            template.get("Mappings", {}),
            operation.name,
            operation.stack_id,
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, AWS fails the operation with it
        if not operation.keep:
            operation.note_stack(f"{operation.verb}_FAILED", str(error))
        await give_up(operation, str(error))
        return
    gone = set(operation.resources) - set(order)
    if operation.previous is not None:
        operation.note_stack("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        await clean_up(operation, gone)
    old = {one["ExportName"] for one in stack.get("Outputs", []) if one.get("ExportName")} - set(exports)
    for name in old:
        cloudformation._exports.pop(name, None)
    cloudformation._exports.update(exports)
    stack.update(_template=template, _resolved_params=operation.values, Outputs=outputs)
    stack.pop("_unfinished", None)
    operation.note_stack(f"{operation.verb}_COMPLETE")


async def give_up(operation: Operation, reason: str = "") -> None:
    """Undo what was done, or keep it when the request says so, for another update to go on from there."""
    stack = operation.stack
    cancelled = bool(stack.pop("_cancel_requested", False))
    words = "User Initiated" if cancelled else reason or _summary(operation)
    stack["_failure"] = words
    undone = _undone(operation, cancelled=cancelled)
    if operation.keep and not cancelled:
        stack.update(_template=operation.template, _resolved_params=operation.values)
        first = operation.previous is None or "_unfinished" in stack
        if first:
            stack["_unfinished"] = True
            undone.update(is_update=False, previous_stack=None, created=list(operation.resources))
        stack["_failed_operation"] = undone
        operation.note_stack(f"{operation.verb}_FAILED", words)
        return
    asked = "Rollback requested by user." if operation.previous is None else ""
    await stacks._roll_back_operation(operation.name, operation.stack_id, stack, undone, words + asked)
    if operation.previous is not None:
        stack["_conditions"] = copy.deepcopy(operation.previous.get("_conditions", {}))
        stack["_resolved_params"] = operation.previous.get("_resolved_params", {})
    if stack["StackStatus"].endswith("ROLLBACK_COMPLETE"):
        stack["StackStatusReason"] = ""


def _summary(operation: Operation) -> str:
    """Say which resources failed, as AWS does."""
    parts = []
    for verb in ("CREATE", "UPDATE"):
        ids = sorted(name for name, failure in operation.failures.items() if failure.operation == verb)
        if ids:
            parts.append(f"The following resource(s) failed to {verb.lower()}: [{', '.join(ids)}]. ")
    return "".join(parts)


def _undone(operation: Operation, *, cancelled: bool) -> Record:
    """Write down for ministack's rollback what this operation did.

    A resource whose own update failed is sent back as well when its handler may have changed something before. The
    rollback takes one such resource apart; the others are given to it as updates that were done.
    """
    sent = [
        (name, failure.job)
        for name, failure in operation.failures.items()
        if failure.job is not None and failure.job.before is not None
    ]
    failing = None
    for name, job in sent:
        assert job.before is not None  # noqa: S101 - said above
        if failing is None:
            before = job.before
            failing = (name, job.kind, before.physical_id, job.properties, before.properties, before.attributes)
        elif stacks._sends_back_failed_update(job.kind):
            operation.resources[name]["Properties"] = job.properties
            operation.created.append(name)
    undone: Record = stacks._failed_operation(
        operation.previous is not None,
        operation.previous,
        operation.created,
        failing,
        next(iter(operation.failures), None),
        [job.logical_id for job, _ in operation.replaced],
        cancelled,
        operation.template,
        operation.values,
        operation.again.get("retain_except_on_create", False),
        operation.stack.get("Tags") or [],
        (operation.previous or {}).get("Tags") or [],
    )
    return undone
