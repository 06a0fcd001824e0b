"""Empties a VPC's default security group, which CloudFormation itself cannot (E1)."""

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

GONE = ("InvalidSecurityGroupRuleId.NotFound", "InvalidPermission.NotFound")


def handler(event: Mapping[str, Any], context: Context) -> None:
    """Answer CloudFormation once the group is empty."""
    ec2 = clients.ec2(os.environ["AWS_REGION"])
    answer(event, context, partial(empty, ec2), post_from(os.environ))


def empty(ec2: EC2Client, event: Mapping[str, Any]) -> tuple[str, Mapping[str, str]]:
    """Revoke every rule of the group in property SecurityGroupId; refuse a group that is not a default one."""
    group = event["ResourceProperties"]["SecurityGroupId"]
    with clients.aws_errors_explained(f"Emptying {group}"):
        name = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0].get("GroupName")
        if name != "default":
            raise WorkError(reason=f"{group} is named {name}; only a default security group is emptied")
        pages = ec2.get_paginator("describe_security_group_rules").paginate(
            Filters=[{"Name": "group-id", "Values": [group]}]
        )
        rules = [rule for page in pages for rule in page["SecurityGroupRules"]]
        if ingress := [rule["SecurityGroupRuleId"] for rule in rules if not rule["IsEgress"]]:
            with clients.forgiven(*GONE):
                ec2.revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=ingress)
        if egress := [rule["SecurityGroupRuleId"] for rule in rules if rule["IsEgress"]]:
            with clients.forgiven(*GONE):
                ec2.revoke_security_group_egress(GroupId=group, SecurityGroupRuleIds=egress)
    return group, {"Revoked": str(len(rules))}
