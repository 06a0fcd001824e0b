"""Change sets: asked for, waited for, read with everything nested in them (fact D10), executed, thrown away."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from dr_templates.aws.clients import code, forgiven
from dr_templates.aws.stacks import entry, read
from dr_templates.aws.stacks.model import NESTED, REVIEW, Change, Effect, Stack

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

UNCHANGED = (
    "The submitted information didn't contain changes.",
    "No updates are to be performed",
)
"""How CloudFormation begins to say that there is nothing to do; the change set itself has FAILED then."""
_NAMED = re.compile(r"Nested change set (arn:\S+:changeSet/\S+)")
"""How one that failed names the nested one that it failed of, where it lists none."""
VALIDATION = "AWS::EarlyValidation"
GONE = ("ChangeSetNotFound", "ChangeSetNotFoundException")
BUSY = "InvalidChangeSetStatus"
AVAILABLE = "AVAILABLE"
UNDER_WAY = "EXECUTE_IN_PROGRESS"
LIMBO = "DELETE_FAILED"
LOOKS = 600
"""How often to look for a change set to be made or gone, before something else must be wrong."""


class StaleError(Exception):
    """A change set that is gone, or no longer fits its stack."""


@dataclass(frozen=True)
class Order:
    """What a change set is to be made of."""

    stack: str
    name: str
    template_url: str
    parameters: Mapping[str, str]
    tags: Mapping[str, str]


@dataclass(frozen=True)
class ChangeSet:
    """A change set that was made; ``arn`` is empty when there was nothing to do, ``trouble`` why it could not be made.

    One without changes is there for the stack's outputs, which it does not list. An ``obsolete`` one was made, and can
    no longer be executed.
    """

    arn: str
    stack_id: str
    changes: tuple[Change, ...] = ()
    trouble: str = ""
    obsolete: bool = False


def make(client: CloudFormationClient, order: Order, stack: Stack | None, pause: Callable[[], None]) -> ChangeSet:
    """Have a change set made, nested stacks included, and wait for it. Nothing is executed by this.

    The name is the token too, so that a call whose answer was lost may be made again. Where there is nothing to do the
    change set is thrown away at once: CloudFormation keeps it as a failure.
    """
    answer = client.create_change_set(
        ClientToken=order.name,
        StackName=order.stack,
        ChangeSetName=order.name,
        ChangeSetType="CREATE" if stack is None or stack.status == REVIEW else "UPDATE",
        TemplateURL=order.template_url,
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in order.parameters.items()],
        Tags=[{"Key": name, "Value": value} for name, value in order.tags.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        IncludeNestedStacks=True,
    )
    try:
        return read_made(client, answer["Id"], pause)
    except StaleError as error:
        return ChangeSet(answer["Id"], answer["StackId"], trouble=f"somebody has thrown it away: {error}")


def read_made(client: CloudFormationClient, arn: str, pause: Callable[[], None]) -> ChangeSet:
    """Wait for a change set, and read it with everything nested in it. Raises ``StaleError`` when there is none."""
    try:
        found = wait(client, arn, pause)
    except ClientError as error:
        if code(error) in GONE:
            raise StaleError(str(error)) from error
        raise
    if found["Status"] != "FAILED":
        obsolete = found.get("ExecutionStatus", AVAILABLE) != AVAILABLE
        return ChangeSet(found["ChangeSetId"], found["StackId"], _changes(client, found, pause), obsolete=obsolete)
    if _unchanged(found):
        delete(client, arn)
        return ChangeSet("", found["StackId"])
    return ChangeSet(found["ChangeSetId"], found["StackId"], trouble="\n".join(dict.fromkeys(_reasons(client, found))))


def wait(client: CloudFormationClient, arn: str, pause: Callable[[], None]) -> Mapping[str, Any]:
    """Wait until a change set is made or has failed; give it with all its pages in one.

    One that is never done with is given as failed.
    """
    found: dict[str, Any] = dict(_described(client, arn, None))
    for _ in range(LOOKS):
        if found["Status"] not in ("CREATE_PENDING", "CREATE_IN_PROGRESS"):
            break
        pause()
        found = dict(_described(client, arn, None))
    else:
        return {**found, "Status": "FAILED", "StatusReason": f"CloudFormation has not got beyond {found['Status']}"}
    changes, token = list(found.get("Changes", ())), found.get("NextToken")
    while token:
        page = _described(client, arn, token)
        changes += page.get("Changes", ())
        token = page.get("NextToken")
    return {**found, "Changes": changes}


def _reasons(client: CloudFormationClient, found: Mapping[str, Any]) -> Iterator[str]:
    """Say why a change set failed: first the reasons of nested ones, then what validation found, its own last."""
    reason = str(found.get("StatusReason", "")) or "CloudFormation gives no reason"
    listed = [change.get("ResourceChange", {}).get("ChangeSetId") for change in found.get("Changes", ())]
    for inner in dict.fromkeys((*filter(None, listed), *_NAMED.findall(reason))):
        with forgiven(*GONE):
            below = _described(client, inner, None)
            if below["Status"] == "FAILED" and not _unchanged(below):
                yield from _reasons(client, below)
    if VALIDATION in reason:
        yield from _validated(client, found["ChangeSetId"])
    yield reason


def _unchanged(failed: Mapping[str, Any]) -> bool:
    return str(failed.get("StatusReason", "")).startswith(UNCHANGED)


def _validated(client: CloudFormationClient, arn: str) -> Iterator[str]:
    """Tell what CloudFormation's own validation found: the change set names only the kind of it (fact D13)."""
    try:
        found = client.describe_events(ChangeSetName=arn, Filters={"FailedEvents": True})
    except ClientError as error:
        yield f"what it found cannot be read: {error}"
        return
    for event in found.get("OperationEvents", ()):
        where = event.get("ValidationPath") or event.get("LogicalResourceId") or ""
        if reason := event.get("ValidationStatusReason"):
            yield f"{where}: {reason}" if where else reason


def _described(client: CloudFormationClient, arn: str, token: str | None) -> Mapping[str, Any]:
    more = {"NextToken": token} if token else {}
    return client.describe_change_set(ChangeSetName=arn, IncludePropertyValues=True, **more)


def execute(client: CloudFormationClient, arn: str, *, keep: bool) -> None:
    """Have a change set done; ``keep`` leaves what was made standing when something fails, for a next try.

    One that is under way already is not begun again: it was, and the answer was lost. Raises ``StaleError`` when it is
    gone, or the stack has changed since it was made.
    """
    try:
        client.execute_change_set(
            ChangeSetName=arn, DisableRollback=keep, ClientRequestToken=f"drctl-{arn.rsplit('/', 1)[-1]}"
        )
    except ClientError as error:
        if code(error) not in (*GONE, BUSY):
            raise
        if code(error) == BUSY and _described(client, arn, None).get("ExecutionStatus") == UNDER_WAY:
            return
        raise StaleError(str(error)) from error


def delete(client: CloudFormationClient, arn: str) -> None:
    """Throw a change set away, and those nested in it; one that is gone, or going, is no fault."""
    with forgiven(*GONE, BUSY):
        client.delete_change_set(ChangeSetName=arn)


def discard(client: CloudFormationClient, arn: str, stack_id: str, pause: Callable[[], None]) -> None:
    """Throw a change set away, and its stack if that consists of nothing else by then, nobody else's change set either.

    CloudFormation takes its time over nested ones, so that it is waited for; then for the stack, which would be met as
    one that is being deleted by whoever plans next.
    """
    delete(client, arn)
    for _ in range(LOOKS):
        left = _left(client, stack_id)
        if arn not in left or left[arn]:
            break
        pause()
    now = read.stack(client, stack_id)
    if left or now is None or now.status != REVIEW:
        return
    client.delete_stack(StackName=stack_id)
    for _ in range(LOOKS):
        now = read.stack(client, stack_id)
        if now is None or not now.running:
            break
        pause()


def _left(client: CloudFormationClient, stack_id: str) -> dict[str, bool]:
    """Give the change sets of a stack, and of each whether it will not go: under way, or its deletion failed."""
    pages = client.get_paginator("list_change_sets").paginate(StackName=stack_id)
    return {
        one["ChangeSetId"]: one.get("Status") == LIMBO or one.get("ExecutionStatus") == UNDER_WAY
        for page in pages
        for one in page["Summaries"]
    }


def _changes(client: CloudFormationClient, found: Mapping[str, Any], pause: Callable[[], None]) -> tuple[Change, ...]:
    """Give the changes as a tree. A nested stack in which nothing changes is no change, whatever its parent says."""
    changes = (
        _change(client, listed["ResourceChange"], pause) for listed in found["Changes"] if "ResourceChange" in listed
    )
    return tuple(change for change in changes if change is not None)


def _change(client: CloudFormationClient, raw: Mapping[str, Any], pause: Callable[[], None]) -> Change | None:
    """Give a change. A nested stack of which CloudFormation does not tell what changes in it may lose anything."""
    effect = entry.effect(raw)
    nested: tuple[Change, ...] = ()
    if inner := raw.get("ChangeSetId"):
        below = wait(client, inner, pause)
        nested = _changes(client, below, pause)
        if below["Status"] == "FAILED" and not _unchanged(below):
            effect = Effect.PERHAPS if effect is Effect.CHANGE else effect
        elif raw["Action"] == "Modify" and not nested and entry.follows_alone(raw):
            return None
    elif effect is Effect.CHANGE and raw["ResourceType"] == NESTED:
        effect = Effect.PERHAPS
    return Change(
        effect=effect,
        logical_id=raw["LogicalResourceId"],
        type=raw["ResourceType"],
        physical_id=raw.get("PhysicalResourceId", ""),
        touches=entry.touches(raw),
        nested=nested,
    )
