"""Change sets: made for a root stack with all that is nested in it, executed and deleted from the root (fact D10)."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine
from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, handlers, helpers, stacks

from dr_templates.lab.emulator import patches
from dr_templates.lab.emulator.changes.growth import found, write
from dr_templates.lab.emulator.changes.tree import grow
from dr_templates.lab.emulator.stacks import launch
from dr_templates.lab.emulator.stacks.requests import Answer, Params, Record, Request, answering, invalid, read
from dr_templates.lab.emulator.stacks.reviews import REVIEW, discard, of, release, review

PAUSE = 0.01
"""Seconds between two looks at a stack that is about to end."""
NOTHING = "The submitted information didn't contain changes. Submit different information to create a change set."


def install() -> None:
    """Answer the calls for change sets from here, those that import resources apart."""
    table = handlers._ACTION_HANDLERS
    create = changesets._create_change_set
    remove = handlers._delete_stack
    patches.entry(table, "CreateChangeSet", answering(lambda params: _create(params, create)))
    patches.entry(table, "ExecuteChangeSet", answering(_execute))
    patches.entry(table, "DeleteChangeSet", answering(_delete))
    patches.entry(table, "DeleteStack", answering(lambda params: _delete_stack(params, remove)))
    _let_creations_end()


def _let_creations_end() -> None:
    """Let a deletion in the middle of a creation begin when what is under way has ended."""

    async def delete_stack_async(
        stack_name: str,
        stack_id: str,
        retain_resources: Collection[str] = (),
        force: bool = False,
    ) -> None:
        stack = cloudformation._stacks[stack_name]
        stack["StackStatus"] = "DELETE_IN_PROGRESS"
        stack["_abandoned"] = True
        while "_busy" in stack:
            await asyncio.sleep(PAUSE)
        del stack["_abandoned"]
        await proceed(stack_name, stack_id, retain_resources, force)

    proceed = patches.replace(handlers, "_delete_stack_async", delete_stack_async)


def _create(params: Params, stock: Any) -> Answer:  # noqa: ANN401 - ministack's handler
    kind = helpers._p(params, "ChangeSetType", "UPDATE")
    if kind == "IMPORT":
        answer: Answer = stock(params)
        return answer
    name, stack_name = helpers._p(params, "ChangeSetName"), helpers._p(params, "StackName")
    if not stack_name or not name:
        raise invalid(says="StackName and ChangeSetName are required")
    stack = _stack(stack_name, kind, name)
    token = helpers._p(params, "ClientToken")
    if same := next((one for one in of(stack) if one["ChangeSetName"] == name), None) if stack else None:
        if token and token == same["_token"]:
            return _made(same)
        raise invalid(says=f"ChangeSet {name} already exists", code="AlreadyExistsException")
    deep = helpers._p(params, "IncludeNestedStacks", "false").lower() == "true"
    request = read(params, stack)
    there = stack if kind == "UPDATE" else None
    branch = grow(request, there, deep=deep)
    stack = stack or review(stack_name, request.tags)
    more: Record = {
        "ChangeSetName": name,
        "ChangeSetType": kind,
        "Description": helpers._p(params, "Description", ""),
        "OnStackFailure": helpers._p(params, "OnStackFailure"),
        "IncludeNestedStacks": deep,
        "_token": token,
    }
    change_set = write(branch, stack, more)
    if branch.empty and stack["StackStatus"] not in launch.STUCK:
        change_set.update(Status="FAILED", ExecutionStatus="UNAVAILABLE", StatusReason=NOTHING)
    return _made(change_set)


def _made(change_set: Record) -> Answer:
    body = f"<CreateChangeSetResult><Id>{change_set['ChangeSetId']}</Id><StackId>{change_set['StackId']}</StackId>"
    return _answer("CreateChangeSetResponse", f"{body}</CreateChangeSetResult>")


def _stack(name: str, kind: str, change_set: str) -> Record | None:
    """Give the stack a change set is made for, None for one to come. Raises Refused when its status forbids it."""
    stack: Record | None = handlers._resolve_stack(name)
    gone = stack is None or stack["StackStatus"] == "DELETE_COMPLETE"
    if kind == "CREATE":
        if not gone and stack is not None and stack["StackStatus"] != REVIEW:
            words = f"Stack [{name}] already exists and cannot be created again with the changeSet [{change_set}]."
            raise invalid(says=words)
        return None if gone else stack
    stack = launch.find(name)
    launch.check(stack)
    return stack


def _execute(params: Params) -> Answer:
    change_set = found(params)
    where = f"ChangeSet [{change_set['ChangeSetId']}]"
    if change_set.get("ParentChangeSetId"):
        words = f"{where} is nested: execute the root change set [{change_set['RootChangeSetId']}]"
        raise invalid(says=words, code="InvalidChangeSetStatus")
    if change_set["ExecutionStatus"] != "AVAILABLE":
        words = f"{where} cannot be executed in its current execution status of [{change_set['ExecutionStatus']}]"
        raise invalid(says=words, code="InvalidChangeSetStatus")
    if change_set.get("ChangeSetType") == "IMPORT":
        answer: Answer = changesets._execute_change_set(params)
        return answer
    asked = helpers._p(params, "DisableRollback", "false").lower() == "true"
    on_failure = change_set["OnStackFailure"]
    if on_failure and "DisableRollback" in params:
        raise invalid(says="DisableRollback cannot be given when the change set was created with OnStackFailure")
    keep = asked or on_failure == "DO_NOTHING"
    again = helpers._p(params, "RetainExceptOnCreate", "false").lower() == "true"
    stack = launch.find(change_set["StackId"])
    if change_set["ChangeSetType"] == "UPDATE":
        launch.check(stack, keep=keep)
    _begin(change_set, stack, keep=keep, again=again)
    return _answer("ExecuteChangeSetResponse", "<ExecuteChangeSetResult></ExecuteChangeSetResult>")


def _begin(change_set: Record, stack: Record, *, keep: bool, again: bool) -> None:
    """Start the operation; the stack's other change sets go, since they no longer fit (as AWS does)."""
    for other in of(stack):
        if other is not change_set:
            discard(other)
    request: Request = change_set["_request"]
    stack["_executed"] = change_set["ChangeSetId"]
    if change_set["ChangeSetType"] == "UPDATE":
        work = launch.update(stack, request, keep=keep, again=again)
    else:
        work = launch.create(stack, request, keep=keep, again=again)
        if change_set["OnStackFailure"] == "DELETE":
            work = stacks._create_then_delete_on_failure(stack["StackName"], stack["StackId"], work)
    _mark(change_set, "EXECUTE_IN_PROGRESS")
    launch.run(stack, _tracked(change_set, changesets._track_change_set_execution(change_set, stack, work)))


async def _tracked(change_set: Record, work: Coroutine[Any, Any, None]) -> None:
    """Let the nested change sets end as the root's does, and with them the nested stacks that it did not come to."""
    await work
    _mark(change_set, change_set["ExecutionStatus"])
    release(change_set)


def _mark(change_set: Record, status: str) -> None:
    change_set["ExecutionStatus"] = status
    for own in change_set["_children"].values():
        if own in cloudformation._change_sets:
            _mark(cloudformation._change_sets[own], status)


def _delete(params: Params) -> Answer:
    name = helpers._p(params, "StackName")
    if name:
        launch.find(name)
    known = handlers._resolve_stack(name) if name else None
    _, found = changesets._find_change_set(helpers._p(params, "ChangeSetName"), known["StackName"] if known else name)
    if found is not None:
        if found["ExecutionStatus"] == "EXECUTE_IN_PROGRESS":
            words = f"ChangeSet [{found['ChangeSetId']}] cannot be deleted in its current execution status"
            raise invalid(says=words, code="InvalidChangeSetStatus")
        discard(found)
    return _answer("DeleteChangeSetResponse", "<DeleteChangeSetResult/>")


def _answer(name: str, body: str) -> Answer:
    answer: Answer = helpers._xml(200, name, body)
    return answer


def _delete_stack(params: Params, remove: Any) -> Answer:  # noqa: ANN401 - ministack's handler
    stack = handlers._resolve_stack(helpers._p(params, "StackName"))
    if stack is not None and stack.get("_busy") and stack["StackStatus"].startswith("UPDATE"):
        raise invalid(says=f"Stack [{stack['StackId']}] cannot be deleted while in status {stack['StackStatus']}")
    held = of(stack) if stack else []
    answer: Answer = remove(params)
    if answer[0] == 200:  # noqa: PLR2004 - HTTP's OK
        for change_set in held:
            discard(change_set)
    return answer
