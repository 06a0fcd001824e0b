"""Creations and updates of stacks as they begin: whether a stack may be updated now, and what it says meanwhile."""

from __future__ import annotations

import copy
from typing import Any

from ministack.core.responses import now_iso
from ministack.services import cloudformation
from ministack.services.cloudformation import handlers, helpers, stacks

from dr_templates.lab.emulator import patches
from dr_templates.lab.emulator.stacks.requests import Answer, Params, Record, Request, answering, invalid, read

STEADY = frozenset(
    f"{status}_COMPLETE" for status in ("CREATE", "UPDATE", "UPDATE_ROLLBACK", "IMPORT", "IMPORT_ROLLBACK")
)
STUCK = ("CREATE_FAILED", "UPDATE_FAILED")
KEPT = ("_resources", "_template", "_template_body", "_resolved_params", "_conditions", "Parameters", "Tags", "Outputs")


def install() -> None:
    """Answer UpdateStack from here."""
    patches.entry(handlers._ACTION_HANDLERS, "UpdateStack", answering(_update_stack))
    create_stack = handlers._create_stack
    patches.entry(
        handlers._ACTION_HANDLERS, "CreateStack", answering(lambda params: _create_stack(params, create_stack))
    )


def find(name: str) -> Record:
    """Give the stack of that name or ARN. Raises Refused when there is none, or no longer."""
    stack: Record | None = handlers._resolve_stack(name)
    if not stack or stack["StackStatus"] == "DELETE_COMPLETE":
        raise invalid(says=f"Stack [{name}] does not exist")
    return stack


def check(stack: Record, *, keep: bool = True) -> None:
    """Raise Refused unless the stack may be updated: one that failed only with ``keep``, from where it stands."""
    status = stack["StackStatus"]
    if status in STUCK and not keep:
        raise invalid(
            says=f"This stack is currently in a non-terminal [{status}] state. To update the stack from this state, "
            "please use the disable-rollback parameter with update-stack API. "
            "To rollback to the last known good state, use the rollback-stack API"
        )
    if status not in (*STEADY, *STUCK):
        raise invalid(says=f"Stack:{stack['StackId']} is in {status} state and can not be updated.")


def check_types(stack: Record, request: Request) -> None:
    """Raise Refused when a resource would become one of another type."""
    wanted, there = request.template["Resources"], stack["_resources"]
    other = sorted(
        name
        for name, record in there.items()
        if name in wanted and record.get("PhysicalResourceId") and wanted[name]["Type"] != record["ResourceType"]
    )
    if other:
        words = "Update of resource type is not permitted. The new template modifies resource type of the following"
        raise invalid(says=f"{words} resources: [{', '.join(other)}]")


def create(stack: Record, request: Request, *, keep: bool, again: bool = False) -> Any:  # noqa: ANN401 - a coroutine
    """Put a stack that was under review into CREATE_IN_PROGRESS, and give the coroutine that creates it.

    ``again`` lets a rollback delete also what the template wants retained.
    """
    return _start(stack, request, "CREATE", keep=keep, again=again)


def update(stack: Record, request: Request, *, keep: bool, again: bool = False) -> Any:  # noqa: ANN401 - a coroutine
    """Put the stack into UPDATE_IN_PROGRESS, and give the coroutine that updates it.

    ``again`` lets a rollback delete also what the template wants retained, if the update made it.
    """
    return _start(stack, request, "UPDATE", keep=keep, again=again)


def run(stack: Record, coroutine: Any) -> None:  # noqa: ANN401 - a coroutine
    """Let it go on in the background, in the stack's region."""
    stacks._create_stack_task_in_region(coroutine, stack, stack["StackId"])


def told(values: Record) -> list[Record]:
    """Give the values of parameters as a stack tells them."""
    return [
        {"ParameterKey": name, "ParameterValue": value["Value"], "NoEcho": value["NoEcho"]}
        for name, value in values.items()
    ]


def outdate(stack: Record) -> None:
    """Make the change sets obsolete that were made for the stack as it was, those of its root among them."""
    changed = {stack["StackId"], stack.get("RootId")}
    for change_set in cloudformation._change_sets.values():
        if change_set["StackId"] in changed and change_set["ExecutionStatus"] == "AVAILABLE":
            change_set["ExecutionStatus"] = "OBSOLETE"


def _create_stack(params: Params, stock: Any) -> Answer:  # noqa: ANN401 - ministack's handler
    stack = handlers._resolve_stack(helpers._p(params, "StackName"))
    if stack and stack["StackStatus"] == "ROLLBACK_COMPLETE":
        raise invalid(says=f"Stack [{stack['StackName']}] already exists", code="AlreadyExistsException")
    answer: Answer = stock(params)
    return answer


def _update_stack(params: Params) -> Answer:
    stack = find(helpers._p(params, "StackName"))
    keep = helpers._p(params, "DisableRollback", "false").lower() == "true"
    again = helpers._p(params, "RetainExceptOnCreate", "false").lower() == "true"
    check(stack, keep=keep)
    request = read(params, stack)
    check_types(stack, request)
    if stack["StackStatus"] not in STUCK and handlers._stack_has_no_updates(
        stack, request.template, request.values, request.tags, tags_given=request.tags_given
    ):
        raise invalid(says="No updates are to be performed.")
    policy, refusal = helpers._resolve_document(params, "StackPolicyBody", "StackPolicyURL", "Stack policy")
    if refusal:
        return refusal  # type: ignore[no-any-return]  # ministack's own answer
    if policy:
        stack["_stack_policy"] = policy
    run(stack, update(stack, request, keep=keep, again=again))
    body = f"<UpdateStackResult><StackId>{stack['StackId']}</StackId></UpdateStackResult>"
    answer: Answer = helpers._xml(200, "UpdateStackResponse", body)
    return answer


def _start(stack: Record, request: Request, verb: str, *, keep: bool, again: bool) -> Any:  # noqa: ANN401 - a coroutine
    previous = {key: copy.deepcopy(stack[key]) for key in KEPT if key in stack} if verb == "UPDATE" else None
    outdate(stack)
    stack.update(
        LastUpdatedTime=now_iso(),
        Description=request.template.get("Description", ""),
        DisableRollback=keep,
        Capabilities=request.capabilities,
        Parameters=told(request.values),
        _template_body=request.body,
        _template=stack["_template"] or request.template,
        _resolved_params=stack["_resolved_params"] or request.values,
        _conditions=request.conditions,
    )
    if request.tags_given:
        stack["Tags"] = request.tags
    status, reason = f"{verb}_IN_PROGRESS", "User Initiated"
    stack.update(StackStatus=status, StackStatusReason=reason)
    name, stack_id = stack["StackName"], stack["StackId"]
    stacks._add_event(stack_id, name, name, "AWS::CloudFormation::Stack", status, reason, stack_id)
    return stacks._deploy_stack_async(
        name,
        stack_id,
        request.template,
        request.values,
        keep,
        stack["Tags"],
        is_update=verb == "UPDATE",
        previous_stack=previous,
        retain_except_on_create=again,
    )
