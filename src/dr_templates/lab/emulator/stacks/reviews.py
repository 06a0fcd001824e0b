"""Stacks that are only under review, and the change sets that hold them there."""

from __future__ import annotations

import secrets
import string

from ministack.core.responses import get_account_id, get_region, new_uuid, now_iso
from ministack.services import cloudformation
from ministack.services.cloudformation import stacks

from dr_templates.lab.emulator.stacks.requests import Record

REVIEW = "REVIEW_IN_PROGRESS"


def review(name: str, tags: list[Record]) -> Record:
    """Make a stack that is only under review, and give it."""
    region = get_region()
    stack: Record = {
        "StackName": name,
        "StackId": f"arn:aws:cloudformation:{region}:{get_account_id()}:stack/{name}/{new_uuid()}",
        "StackStatus": REVIEW,
        "StackStatusReason": "User Initiated",
        "CreationTime": now_iso(),
        "Description": "",
        "Parameters": [],
        "Tags": tags,
        "Outputs": [],
        "DisableRollback": False,
        "_region": region,
        "_resources": {},
        "_template": {},
        "_template_body": "",
        "_resolved_params": {},
        "_conditions": {},
    }
    cloudformation._stacks[name] = stack
    cloudformation._stack_events[stack["StackId"]] = []
    stacks._add_event(
        stack["StackId"], name, name, "AWS::CloudFormation::Stack", REVIEW, "User Initiated", stack["StackId"]
    )
    return stack


def reserved(parent: Record, logical_id: str) -> Record | None:
    """Give the nested stack under review that the change set being executed on ``parent`` holds for a resource."""
    change_set = cloudformation._change_sets.get(parent.get("_executed", ""))
    own = (change_set or {}).get("_children", {}).get(logical_id)
    child = cloudformation._change_sets.get(own)
    stack: Record | None = cloudformation._stacks.get(child["StackName"]) if child else None
    return stack if stack and stack["StackStatus"] == REVIEW else None


def discard_all(stack: Record) -> None:
    """Delete all change sets of a stack."""
    for change_set in of(stack):
        discard(change_set)


def of(stack: Record) -> list[Record]:
    """Give the change sets of a stack."""
    return [one for one in cloudformation._change_sets.values() if one["StackId"] == stack["StackId"]]


def discard(change_set: Record) -> None:
    """Delete a change set with those nested in it, and the nested stacks that were only under review."""
    cloudformation._change_sets.pop(change_set["ChangeSetId"], None)
    for own in change_set.get("_children", {}).values():
        child = cloudformation._change_sets.get(own)
        if child is None:
            continue
        _release(child)
        discard(child)


def release(change_set: Record) -> None:
    """Delete the nested stacks that are still under review though the root's change set has been executed."""
    for own in change_set["_children"].values():
        child = cloudformation._change_sets.get(own)
        if child is not None:
            _release(child)
            release(child)


def _release(change_set: Record) -> None:
    stack = cloudformation._stacks.get(change_set["StackName"])
    if stack and stack["StackStatus"] == REVIEW:
        stack["StackStatus"] = "DELETE_COMPLETE"


def nested_name(parent: str, logical_id: str) -> str:
    """Make up a nested stack's name as AWS does: the parent's, the resource's, and twelve signs."""
    signs = "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(12))
    return f"{parent[: 128 - 14 - len(logical_id)]}-{logical_id}-{signs}"
