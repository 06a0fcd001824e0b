"""What CloudFormation holds of an environment in a region: its stacks, and every resource in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dr_templates.aws.clients import forgiven

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

NESTED = "AWS::CloudFormation::Stack"
GONE = ("DELETE_COMPLETE", "DELETE_SKIPPED")
"""What a stack no longer holds: it has deleted it, or let go of what was to be retained."""
MISSING = "ValidationError"
"""What DescribeStacks says of a stack that is not there."""


@dataclass(frozen=True)
class Stack:
    """A root stack and how it stands; ``reason`` is CloudFormation's own word for that, often empty."""

    name: str
    status: str
    reason: str = ""


@dataclass(frozen=True)
class Made:
    """A resource of one of our stacks: its type, what AWS knows it by, and how it stands."""

    type: str
    id: str
    status: str = "CREATE_COMPLETE"


@dataclass(frozen=True)
class Holdings:
    """The root stacks that are there, and what they and those nested in them have made."""

    stacks: tuple[Stack, ...] = ()
    made: tuple[Made, ...] = ()


def holdings(cloudformation: CloudFormationClient, names: tuple[str, ...]) -> Holdings:
    """Give the root stacks of these names and all that is in them."""
    stacks = tuple(stack for name in names for stack in _stack(cloudformation, name))
    return Holdings(stacks, tuple(made for stack in stacks for made in _made(cloudformation, stack.name)))


def _stack(cloudformation: CloudFormationClient, name: str) -> Iterator[Stack]:
    with forgiven(MISSING):
        for stack in cloudformation.describe_stacks(StackName=name)["Stacks"]:
            yield Stack(name, stack["StackStatus"], stack.get("StackStatusReason", ""))


def _made(cloudformation: CloudFormationClient, stack: str) -> Iterator[Made]:
    for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack):
        for resource in page["StackResourceSummaries"]:
            known = resource.get("PhysicalResourceId", "")
            if not known or resource["ResourceStatus"] in GONE:
                continue
            yield Made(resource["ResourceType"], known, resource["ResourceStatus"])
            if resource["ResourceType"] == NESTED:
                yield from _made(cloudformation, known)
