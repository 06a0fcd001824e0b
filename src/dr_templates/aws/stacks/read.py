"""Stacks as they stand: one by name, what is in it, and what happened to it since we last looked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from dr_templates.aws.clients import code
from dr_templates.aws.stacks.model import NESTED, Event, Stack

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

_ABSENT = "does not exist"


def stack(client: CloudFormationClient, name: str) -> Stack | None:
    """Give the stack of that name or id, None when there is none; one that was deleted is none, unless asked by id."""
    try:
        (found,) = client.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if absent(error):
            return None
        raise
    return Stack(
        name=found["StackName"],
        id=found["StackId"],
        status=found["StackStatus"],
        reason=found.get("StackStatusReason", ""),
        parameters={given["ParameterKey"]: given.get("ParameterValue", "") for given in found.get("Parameters", ())},
        outputs={output["OutputKey"]: output.get("OutputValue", "") for output in found.get("Outputs", ())},
        protected=found.get("EnableTerminationProtection", False),
    )


def template(client: CloudFormationClient, name: str) -> str:
    """Give the text of a stack's template as it was handed in."""
    body: object = client.get_template(StackName=name, TemplateStage="Original")["TemplateBody"]
    return body if isinstance(body, str) else ""


def absent(error: ClientError) -> bool:
    """Tell that CloudFormation knows no such stack: it has no code of its own for that."""
    return code(error) == "ValidationError" and _ABSENT in str(error)


def resources(client: CloudFormationClient, name: str) -> Iterator[Mapping[str, Any]]:
    """Give what a stack holds, as ListStackResources tells it."""
    for page in client.get_paginator("list_stack_resources").paginate(StackName=name):
        yield from page["StackResourceSummaries"]


def nested(client: CloudFormationClient, name: str) -> dict[str, str]:
    """Give the nested stacks directly within a stack: ids by logical id."""
    return {
        held["LogicalResourceId"]: held["PhysicalResourceId"]
        for held in resources(client, name)
        if held["ResourceType"] == NESTED and held.get("PhysicalResourceId")
    }


def events(client: CloudFormationClient, stack_id: str, known: str | None) -> list[Event]:
    """Give what happened in one stack after the event ``known``, oldest first; everything when that is None."""
    found: list[Event] = []
    for page in client.get_paginator("describe_stack_events").paginate(StackName=stack_id):
        for raw in page["StackEvents"]:
            if raw["EventId"] == known:
                return found[::-1]
            found.append(
                Event(
                    id=raw["EventId"],
                    at=raw["Timestamp"],
                    stack=raw["StackId"],
                    logical_id=raw.get("LogicalResourceId", ""),
                    physical_id=raw.get("PhysicalResourceId", ""),
                    type=raw.get("ResourceType", ""),
                    status=raw.get("ResourceStatus", ""),
                    reason=raw.get("ResourceStatusReason", ""),
                )
            )
    return found[::-1]
