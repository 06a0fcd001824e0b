"""Nested stacks as stacks like any other: with events, outputs, exports and a rollback of their own.

The handler runs on a thread of its own and lets the loop do the work; ministack's own deploys a nested stack by a
second, simpler way that loses attributes and leaves behind what failed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any
from urllib.parse import urlparse

from ministack import app
from ministack.services import cloudformation
from ministack.services.cloudformation import handlers, helpers, provisioners, stacks

from dr_templates.lab.emulator import patches
from dr_templates.lab.emulator.stacks import launch
from dr_templates.lab.emulator.stacks.requests import Params, Record, Refused, asked, message, read
from dr_templates.lab.emulator.stacks.reviews import discard_all, nested_name, reserved, review

STACK = "AWS::CloudFormation::Stack"
POLL = 0.01
"""Seconds between two looks at a nested stack's status."""
Outcome = tuple[str, Record]


class NestedStackError(ValueError):
    """A nested stack that failed, and is there all the same."""

    def __init__(self, physical_id: str, reason: str) -> None:
        super().__init__(reason)
        self.physical_id = physical_id


def install() -> None:
    """Take the type over, and tell of parent and root where stacks are described."""
    own = {"create": _create, "update": _update, "update_with_logical_id": True, "delete": _delete}

    async def continue_update_rollback_async(stack_name: str, stack_id: str, resources_to_skip: frozenset[str]) -> None:
        stack = cloudformation._stacks[stack_name]
        stack["_continued"] = True
        try:
            await proceed(stack_name, stack_id, resources_to_skip)
        finally:
            del stack["_continued"]

    proceed = patches.replace(handlers, "_continue_update_rollback_async", continue_update_rollback_async)
    patches.entry(provisioners._RESOURCE_HANDLERS, STACK, own)
    for action in ("DescribeStacks", "ListStacks"):
        _tell_family(action)

    def resolve_document(params: Params, body_key: str, url_key: str, label: str) -> Any:  # noqa: ANN401 - ministack's
        url = helpers._p(params, url_key)
        return stock({**params, url_key: [_path_style(url)]} if url else params, body_key, url_key, label)

    stock = patches.replace(helpers, "_resolve_document", resolve_document)


def _path_style(url: str) -> str:
    """Give an address in S3 with the bucket in its path, where ministack looks for it."""
    parts = urlparse(url)
    bucket, dot, _ = parts.netloc.partition(".s3")
    if not dot:
        return url
    return f"https://s3.amazonaws.com/{bucket}{parts.path}"


def _tell_family(action: str) -> None:
    def tell(params: Params) -> Any:  # noqa: ANN401 - ministack's answer
        status, headers, body = stock(params)
        for stack in cloudformation._stacks.values():
            if "ParentId" in stack:
                own = f"<StackId>{stack['StackId']}</StackId>"
                family = f"<ParentId>{stack['ParentId']}</ParentId><RootId>{stack['RootId']}</RootId>"
                body = body.replace(own.encode(), (own + family).encode())
        return status, headers, body.replace(b"<LastUpdatedTime></LastUpdatedTime>", b"")  # never updated

    stock = patches.entry(handlers._ACTION_HANDLERS, action, tell)


def _on_loop(work: Coroutine[Any, Any, Outcome]) -> Outcome:
    """Let the loop do it, in the caller's account and region, and wait."""
    return asyncio.run_coroutine_threadsafe(work, app._MAIN_LOOP).result()


def _create(logical_id: str, props: Record, stack_name: str) -> Outcome:
    return _on_loop(_creating(logical_id, props, stack_name))


def _update(
    physical_id: str, old_props: Record, new_props: Record, stack_name: str, logical_id: str | None = None
) -> Outcome:
    del old_props, logical_id
    return _on_loop(_updating(physical_id, new_props, stack_name))


def _delete(physical_id: str, props: Record) -> None:
    del props
    _on_loop(_deleting(physical_id))


async def _creating(logical_id: str, properties: Record, parent_name: str) -> Outcome:
    parent = cloudformation._stacks[parent_name]
    try:
        request = read(asked(properties, parent.get("Capabilities") or ()), None)
    except Refused as refused:
        raise ValueError(message(refused.answer)) from refused
    child = reserved(parent, logical_id) or review(nested_name(parent_name, logical_id), request.tags)
    child.update(ParentId=parent["StackId"], RootId=parent.get("RootId") or parent["StackId"])
    _tell(parent, logical_id, child["StackId"])
    launch.run(child, launch.create(child, request, keep=bool(parent["_keep"])))
    status = await _settled(child, parent)
    if status != "CREATE_COMPLETE":
        reason = child.get("_failure") or child.get("StackStatusReason", "")
        raise NestedStackError(
            child["StackId"], f"Embedded stack {child['StackId']} was not successfully created: {reason}"
        )
    return child["StackId"], _outputs(child)


async def _updating(physical_id: str, properties: Record, parent_name: str) -> Outcome:
    parent, child = cloudformation._stacks[parent_name], handlers._resolve_stack(physical_id)
    if child is None or child["StackStatus"] == "DELETE_COMPLETE":
        words = f"Stack [{physical_id}] does not exist"
        raise ValueError(words)
    back = parent["StackStatus"] == "UPDATE_ROLLBACK_IN_PROGRESS"
    if parent.get("_continued") and child["StackStatus"] == "UPDATE_ROLLBACK_FAILED":
        await handlers._continue_update_rollback_async(child["StackName"], child["StackId"], frozenset())
    try:
        request = read(asked(properties, parent.get("Capabilities") or ()), child)
        if _same(child, request.template, request.values, request.tags):
            return physical_id, _outputs(child)
        launch.check(child)
        launch.check_types(child, request)
    except Refused as refused:
        raise ValueError(message(refused.answer)) from refused
    launch.run(child, launch.update(child, request, keep=bool(parent["_keep"]) and not back))
    status = await _settled(child, parent)
    if status != "UPDATE_COMPLETE":
        reason = child.get("_failure") or child.get("StackStatusReason", "")
        raise NestedStackError(
            physical_id,
            f"Embedded stack {physical_id} was not successfully updated. Currently in {status} with reason: {reason}",
        )
    return physical_id, _outputs(child)


async def _deleting(physical_id: str) -> Outcome:
    child = handlers._resolve_stack(physical_id)
    if child is None or child["StackStatus"] == "DELETE_COMPLETE":
        return physical_id, {}
    discard_all(child)
    child["StackStatus"] = "DELETE_IN_PROGRESS"
    launch.run(child, handlers._delete_stack_async(child["StackName"], child["StackId"]))
    await asyncio.sleep(0)
    status = await _settled(child, {})
    if status != "DELETE_COMPLETE":
        words = f"Embedded stack {physical_id} was not successfully deleted: {child['StackStatusReason']}"
        raise ValueError(words)
    return physical_id, {}


def _same(child: Record, template: Record, values: Record, tags: list[Record]) -> bool:
    """Say whether the stack is as wanted already, as it is after it rolled itself back."""
    steady = child["StackStatus"] in launch.STEADY
    return steady and bool(
        handlers._stack_has_no_updates(child, template, values, tags, use_previous_template=True, tags_given=True)
    )


def _tell(parent: Record, logical_id: str, physical_id: str) -> None:
    """Say in the parent which stack it is, as soon as that is known."""
    parent["_resources"][logical_id]["PhysicalResourceId"] = physical_id
    status, reason = "CREATE_IN_PROGRESS", "Resource creation Initiated"
    stacks._add_event(parent["StackId"], parent["StackName"], logical_id, STACK, status, reason, physical_id)


async def _settled(child: Record, parent: Record) -> str:
    """Wait until nothing more happens to the stack, and give its status; a parent to be deleted lets it end early."""
    while str(child["StackStatus"]).endswith("_IN_PROGRESS"):
        if parent.get("_abandoned"):
            child["_abandoned"] = True
            if "_busy" not in child:
                break
        await asyncio.sleep(POLL)
    return str(child["StackStatus"])


def _outputs(child: Record) -> Record:
    return {f"Outputs.{one['OutputKey']}": one["OutputValue"] for one in child.get("Outputs", [])}
