"""Change sets written down, one for each stack of a tree that changes, and told to who asks."""

from __future__ import annotations

from typing import Any

from ministack.core.responses import get_account_id, get_region, new_uuid, now_iso
from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, handlers, helpers

from dr_templates.lab.emulator import patches
from dr_templates.lab.emulator.changes.tree import Branch
from dr_templates.lab.emulator.changes.words import xml
from dr_templates.lab.emulator.stacks import launch
from dr_templates.lab.emulator.stacks.requests import Answer, Params, Record, answering, invalid
from dr_templates.lab.emulator.stacks.reviews import nested_name, review

SHOWN = (
    "ChangeSetId",
    "ChangeSetName",
    "StackId",
    "StackName",
    "Status",
    "StatusReason",
    "ExecutionStatus",
    "CreationTime",
    "Description",
    "IncludeNestedStacks",
    "ParentChangeSetId",
    "RootChangeSetId",
)
MORE = ("ChangeSetType", "Capabilities", "Tags", "OnStackFailure", "ImportExistingResources")
PAGE = 100


def install() -> None:
    """Tell of change sets from here."""
    patches.entry(handlers._ACTION_HANDLERS, "DescribeChangeSet", answering(_describe))
    patches.entry(handlers._ACTION_HANDLERS, "ListChangeSets", answering(_list))


def found(params: Params) -> Record:
    """Give the change set a call names. Raises Refused when there is none."""
    name, stack = helpers._p(params, "ChangeSetName"), helpers._p(params, "StackName")
    known = handlers._resolve_stack(stack) if stack else None
    _, change_set = changesets._find_change_set(name, known["StackName"] if known else stack)
    if change_set is None:
        raise invalid(says=f"ChangeSet [{name}] does not exist", code="ChangeSetNotFound", status=404)
    record: Record = change_set
    return record


def write(branch: Branch, stack: Record, more: Record, parent: Record | None = None) -> Record:
    """Keep the change set of a stack, and before it those of the stacks nested in it; give it."""
    name = more["ChangeSetName"]
    identity = f"arn:aws:cloudformation:{get_region()}:{get_account_id()}:changeSet/{name}/{new_uuid()}"
    request = branch.request
    change_set: Record = {
        **more,
        "ChangeSetId": identity,
        "StackId": stack["StackId"],
        "StackName": stack["StackName"],
        "Status": "CREATE_COMPLETE",
        "ExecutionStatus": "AVAILABLE",
        "StatusReason": "",
        "CreationTime": now_iso(),
        "Parameters": launch.told(request.values),
        "Tags": [{"Key": tag["Key"], "Value": tag["Value"]} for tag in request.tags],
        "Capabilities": request.capabilities,
        "_request": request,
        "_template": request.template,
        "_template_body": request.body,
        "_children": {},
    }
    if parent is not None:
        change_set["ParentChangeSetId"] = parent["ChangeSetId"]
        change_set["RootChangeSetId"] = parent.get("RootChangeSetId", parent["ChangeSetId"])
    cloudformation._change_sets[identity] = change_set
    for logical_id, below in branch.branches.items():
        change_set["_children"][logical_id] = _below(below, logical_id, stack, change_set)["ChangeSetId"]
    change_set["Changes"] = [_linked(change, change_set["_children"]) for change in branch.changes]
    return change_set


def _below(branch: Branch, logical_id: str, parent_stack: Record, parent: Record) -> Record:
    """Write the change set of a nested stack; one to come is put under review, as AWS does."""
    stack = branch.stack
    if stack is None:
        stack = review(nested_name(parent_stack["StackName"], logical_id), branch.request.tags)
        stack["ParentId"] = parent_stack["StackId"]
        stack["RootId"] = parent_stack.get("RootId") or parent_stack["StackId"]
    root = parent["ChangeSetName"]
    more = {
        "ChangeSetName": f"{root[:100]}-{logical_id}"[:115] + f"-{new_uuid()[:12]}",
        "ChangeSetType": "UPDATE" if branch.stack else "CREATE",
        "Description": parent["Description"],
        "OnStackFailure": parent["OnStackFailure"],
        "IncludeNestedStacks": True,
    }
    return write(branch, stack, more, parent)


def _linked(change: Record, children: Record) -> Record:
    own = children.get(change["LogicalResourceId"])
    return {"Type": "Resource", "ResourceChange": {**change, **({"ChangeSetId": own} if own else {})}}


def _describe(params: Params) -> Answer:
    change_set = found(params)
    page, token, refusal = helpers._page(change_set["Changes"], params, "DescribeChangeSet", PAGE)
    if refusal:
        return refusal  # type: ignore[no-any-return]  # ministack's own answer
    said: dict[str, Any] = {key: change_set[key] for key in (*SHOWN, *MORE) if change_set.get(key) not in (None, "")}
    said["Parameters"] = [
        {"ParameterKey": one["ParameterKey"], "ParameterValue": "****" if one.get("NoEcho") else one["ParameterValue"]}
        for one in change_set["Parameters"]
    ]
    said["Changes"] = page
    body = f"<DescribeChangeSetResult>{xml(said)}{token}</DescribeChangeSetResult>"
    answer: Answer = helpers._xml(200, "DescribeChangeSetResponse", body)
    return answer


def _list(params: Params) -> Answer:
    stack = launch.find(helpers._p(params, "StackName"))
    own = [one for one in cloudformation._change_sets.values() if one["StackId"] == stack["StackId"]]
    page, token, refusal = helpers._page(own, params, "ListChangeSets")
    if refusal:
        return refusal  # type: ignore[no-any-return]  # ministack's own answer
    told = [{key: one[key] for key in SHOWN if one.get(key) not in (None, "")} for one in page]
    body = f"<ListChangeSetsResult><Summaries>{xml(told)}</Summaries>{token}</ListChangeSetsResult>"
    answer: Answer = helpers._xml(200, "ListChangeSetsResponse", body)
    return answer
