"""Change sets: asked for, waited for, read with everything nested in them (fact D10), executed, thrown away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from dr_templates.aws.clients import code, forgiven
from dr_templates.aws.stacks import read
from dr_templates.aws.stacks.model import REVIEW, Change, Effect, Stack, Touch

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

UNCHANGED = ("didn't contain changes", "No updates are to be performed", "no changes")
"""How CloudFormation words that there is nothing to do; the change set itself has FAILED then."""


STALE = ("ChangeSetNotFound", "ChangeSetNotFoundException", "InvalidChangeSetStatus")


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

    Where there is nothing to do it is thrown away at once: CloudFormation keeps it as a failure.
    """
    answer = client.create_change_set(
        StackName=order.stack,
        ChangeSetName=order.name,
        ChangeSetType="CREATE" if stack is None or stack.status == REVIEW else "UPDATE",
        TemplateURL=order.template_url,
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in order.parameters.items()],
        Tags=[{"Key": name, "Value": value} for name, value in order.tags.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        IncludeNestedStacks=True,
    )
    found = wait(client, answer["Id"], pause)
    trouble = _trouble(found)
    if found["Status"] == "FAILED" and not trouble:
        delete(client, answer["Id"])
        return ChangeSet("", answer["StackId"])
    return ChangeSet(answer["Id"], answer["StackId"], _changes(client, found, pause), trouble)


def wait(client: CloudFormationClient, arn: str, pause: Callable[[], None]) -> Mapping[str, Any]:
    """Wait until a change set is made or has failed; give it with all its pages in one."""
    found: dict[str, Any] = dict(_described(client, arn, None))
    while found["Status"] in ("CREATE_PENDING", "CREATE_IN_PROGRESS"):
        pause()
        found = dict(_described(client, arn, None))
    changes, token = list(found.get("Changes", ())), found.get("NextToken")
    while token:
        page = _described(client, arn, token)
        changes += page.get("Changes", ())
        token = page.get("NextToken")
    return {**found, "Changes": changes}


def _described(client: CloudFormationClient, arn: str, token: str | None) -> Mapping[str, Any]:
    more = {"NextToken": token} if token else {}
    return client.describe_change_set(ChangeSetName=arn, IncludePropertyValues=True, **more)


def execute(client: CloudFormationClient, arn: str, *, keep: bool) -> None:
    """Have a change set done; ``keep`` leaves what was made standing when something fails, for a next try.

    Raises ``StaleError`` when it is gone, or the stack has changed since it was made.
    """
    try:
        client.execute_change_set(ChangeSetName=arn, DisableRollback=keep)
    except ClientError as error:
        if code(error) in STALE:
            raise StaleError(str(error)) from error
        raise


def delete(client: CloudFormationClient, arn: str) -> None:
    """Throw a change set away, and those nested in it; one that is gone already is no fault."""
    with forgiven("ChangeSetNotFound", "ChangeSetNotFoundException"):
        client.delete_change_set(ChangeSetName=arn)


def tidy(client: CloudFormationClient, stack_id: str, prefix: str) -> None:
    """Throw away the change sets of a stack whose names begin with ``prefix``, and what only they have made.

    That is nested stacks under review: one that is new has its stack from the change set on, and nobody else removes
    it. They stay while the stack has other change sets.
    """
    pages = client.get_paginator("list_change_sets").paginate(StackName=stack_id)
    names = {one["ChangeSetId"]: one["ChangeSetName"] for page in pages for one in page["Summaries"]}
    ours = [arn for arn, name in names.items() if name.startswith(prefix)]
    for arn in ours:
        delete(client, arn)
    if len(ours) == len(names):
        for nested in read.reviews(client, stack_id):
            client.delete_stack(StackName=nested)


def _trouble(found: Mapping[str, Any]) -> str:
    reason = str(found.get("StatusReason", ""))
    if found["Status"] != "FAILED" or any(words in reason for words in UNCHANGED):
        return ""
    return reason or "CloudFormation gives no reason"


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
