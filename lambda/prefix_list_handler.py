"""Looks up the id of an AWS-managed prefix list, which differs from region to region."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from dr_templates.aws import clients
from dr_templates.runtime.custom_resource import Context, answer, post_from
from dr_templates.runtime.errors import WorkError

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client


def handler(event: Mapping[str, Any], context: Context) -> None:
    """Answer CloudFormation with the attribute PrefixListId."""
    ec2 = clients.ec2(os.environ["AWS_REGION"])
    answer(event, context, partial(look_up, ec2), post_from(os.environ))


def look_up(ec2: EC2Client, event: Mapping[str, Any]) -> tuple[str, Mapping[str, str]]:
    """Find the list named in property PrefixListName, such as ``com.amazonaws.us-east-1.s3``."""
    name = event["ResourceProperties"]["PrefixListName"]
    with clients.aws_errors_explained(f"Looking up prefix list {name}"):
        found = ec2.describe_managed_prefix_lists(Filters=[{"Name": "prefix-list-name", "Values": [name]}])
    if not found["PrefixLists"]:
        raise WorkError(reason=f"This region has no prefix list named {name}")
    identifier = found["PrefixLists"][0]["PrefixListId"]
    return identifier, {"PrefixListId": identifier}
