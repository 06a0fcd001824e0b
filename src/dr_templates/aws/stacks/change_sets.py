"""Change sets: asked for, waited for, read with everything nested in them (fact D10), executed, thrown away."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from dr_templates.aws.clients import code, forgiven
from dr_templates.aws.stacks import read
from dr_templates.aws.stacks.model import REVIEW, Change, Effect, Stack, Touch

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

UNCHANGED = (
    "The submitted information didn't contain changes.",
    "No updates are to be performed",
)
"""How CloudFormation begins to say that there is nothing to do; the change set itself has FAILED then."""
VALIDATION = "AWS::EarlyValidation"
GONE = ("ChangeSetNotFound", "ChangeSetNotFoundException")
BUSY = "InvalidChangeSetStatus"
UNDER_WAY = "EXECUTE_IN_PROGRESS"
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

    One without changes is there for the stack's outputs, which it does not list.
    """

    arn: str
    stack_id: str
    changes: tuple[Change, ...] = ()
    trouble: str = ""


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
    return read_made(client, answer["Id"], pause)


def read_made(client: CloudFormationClient, arn: str, pause: Callable[[], None]) -> ChangeSet:
    """Wait for a change set, and read it with everything nested in it. Raises ``StaleError`` when there is none."""
    try:
        found = wait(client, arn, pause)
    except ClientError as error:
        if code(error) in GONE:
            raise StaleError(str(error)) from error
        raise
    if found["Status"] != "FAILED":
        return ChangeSet(found["ChangeSetId"], found["StackId"], _changes(client, found, pause))
    if str(found.get("StatusReason", "")).startswith(UNCHANGED):
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
    for entry in found.get("Changes", ()):
        if inner := entry.get("ResourceChange", {}).get("ChangeSetId"):
            below = _described(client, inner, None)
            if below["Status"] == "FAILED" and not str(below.get("StatusReason", "")).startswith(UNCHANGED):
                yield from _reasons(client, below)
    reason = str(found.get("StatusReason", "")) or "CloudFormation gives no reason"
    if VALIDATION in reason:
        yield from _validated(client, found["ChangeSetId"])
    yield reason


def _validated(client: CloudFormationClient, arn: str) -> Iterator[str]:
    """Tell what CloudFormation's own validation found: the change set names only the kind of it (fact D13)."""
    for event in client.describe_events(ChangeSetName=arn, Filters={"FailedEvents": True}).get("OperationEvents", ()):
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

    CloudFormation takes its time over nested ones, so that it is waited for.
    """
    delete(client, arn)
    for _ in range(LOOKS):
        pages = client.get_paginator("list_change_sets").paginate(StackName=stack_id)
        left = [one["ChangeSetId"] for page in pages for one in page["Summaries"]]
        if arn not in left:
            break
        pause()
    now = read.stack(client, stack_id)
    if not left and now is not None and now.status == REVIEW:
        client.delete_stack(StackName=stack_id)


def _changes(client: CloudFormationClient, found: Mapping[str, Any], pause: Callable[[], None]) -> tuple[Change, ...]:
    """Give the changes as a tree. A nested stack in which nothing changes is no change, whatever its parent says."""
    changes = (
        _change(client, entry["ResourceChange"], pause) for entry in found["Changes"] if "ResourceChange" in entry
    )
    return tuple(change for change in changes if change is not None)


def _change(client: CloudFormationClient, raw: Mapping[str, Any], pause: Callable[[], None]) -> Change | None:
    nested: tuple[Change, ...] = ()
    if inner := raw.get("ChangeSetId"):
        nested = _changes(client, wait(client, inner, pause), pause)
        if raw["Action"] == "Modify" and not nested and _follows_alone(raw):
            return None
    return Change(
        effect=_effect(raw),
        logical_id=raw["LogicalResourceId"],
        type=raw["ResourceType"],
        physical_id=raw.get("PhysicalResourceId", ""),
        touches=tuple(dict.fromkeys(_touches(raw))),
        nested=nested,
    )


def _follows_alone(raw: Mapping[str, Any]) -> bool:
    """Tell that a nested stack is listed only since CloudFormation looks into every one: no tag, no attribute."""
    return set(raw.get("Scope", ())) <= {"Properties"}


def _effect(raw: Mapping[str, Any]) -> Effect:
    match raw["Action"], raw.get("Replacement"):
        case (("Add" | "Import"), _):
            return Effect.ADD
        case "Remove", _:
            return Effect.REMOVE
        case "Dynamic", _:
            return Effect.PERHAPS
        case _, "True":
            return Effect.REPLACE
        case _, "Conditional":
            return Effect.PERHAPS
        case _:
            return Effect.CHANGE


def _touches(raw: Mapping[str, Any]) -> list[Touch]:
    targets = (detail.get("Target", {}) for detail in raw.get("Details", ()))
    return [
        Touch(
            target.get("Name") or target.get("Attribute", ""),
            target.get("RequiresRecreation", "Never"),
            target.get("BeforeValue"),
            target.get("AfterValue"),
        )
        for target in targets
    ]
