"""How much an account may have of a thing in a region, and how much of it is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from dr_templates.aws.clients import code

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_service_quotas import ServiceQuotasClient

RIGHTS = "servicequotas:GetServiceQuota, servicequotas:GetAWSDefaultServiceQuota"
NOT_APPLIED = "NoSuchResourceException"
"""What Service Quotas says of a quota that nobody has raised in this account: then the default holds."""


@dataclass(frozen=True)
class Quota:
    """A limit, and how much of it is in use."""

    limit: float
    used: float = 0


@dataclass(frozen=True)
class Listed:
    """A quota in AWS's list, and how to count what is in use of it: the right that takes, the operation, what it lists.

    Without ``operation`` it is a limit for each of the things we make, of which nothing is in use before.
    """

    service: str
    code: str
    right: str = ""
    operation: str = ""
    key: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)


GATEWAYS = MappingProxyType({"Filters": [{"Name": "vpc-endpoint-type", "Values": ["Gateway"]}]})
LISTED: Final[Mapping[str, Listed]] = MappingProxyType(
    {
        "VPCs": Listed("vpc", "L-F678F1CE", "ec2:DescribeVpcs", "describe_vpcs", "Vpcs"),
        "security groups": Listed(
            "vpc", "L-E79EC296", "ec2:DescribeSecurityGroups", "describe_security_groups", "SecurityGroups"
        ),
        "gateway endpoints": Listed(
            "vpc", "L-1B52E74A", "ec2:DescribeVpcEndpoints", "describe_vpc_endpoints", "VpcEndpoints", GATEWAYS
        ),
        "interface endpoints of a VPC": Listed("vpc", "L-29B6F2EB"),
        "subnets of a VPC": Listed("vpc", "L-407747CB"),
        "rules of a network ACL": Listed("vpc", "L-2AEEBF1A"),
        "rules of a security group": Listed("vpc", "L-0EA8095F"),
        "stacks": Listed("cloudformation", "L-0485CB21", "cloudformation:DescribeStacks", "describe_stacks", "Stacks"),
        "KMS keys": Listed("kms", "L-C2F1777E", "kms:ListKeys", "list_keys", "Keys"),
        "tables": Listed("dynamodb", "L-F98FE922", "dynamodb:ListTables", "list_tables", "TableNames"),
        "rules of EventBridge": Listed("events", "L-244521F2", "events:ListRules", "list_rules", "Rules"),
    }
)
"""Quotas that Service Quotas tells, by what they limit. AWS's own keys are counted too: a list shows no difference."""
OF_RDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "DB instances": "DBInstances",
        "GiB of DB storage": "AllocatedStorage",
        "DB subnet groups": "DBSubnetGroups",
        "DB parameter groups": "DBParameterGroups",
        "RDS event subscriptions": "EventSubscriptions",
    }
)
"""Quotas that RDS tells itself, with what is in use."""
AT_ONCE: Final = "functions at once"
CODE: Final = "MiB of function code"
OF_LAMBDA: Final = (AT_ONCE, CODE)
"""Quotas that Lambda tells itself."""
MIB: Final = 1024**2


def listed(quotas: ServiceQuotasClient, at: Callable[[str], Any], which: Listed, account: str) -> Quota:
    """Read a quota, as applied to the account or by default, and count what is in use; ``at`` gives a client.

    EC2 lists what other accounts share with this one as well, and counts it for its owner.
    """
    try:
        limit = quotas.get_service_quota(ServiceCode=which.service, QuotaCode=which.code)["Quota"]["Value"]
    except ClientError as error:
        if code(error) != NOT_APPLIED:
            raise
        limit = quotas.get_aws_default_service_quota(ServiceCode=which.service, QuotaCode=which.code)["Quota"]["Value"]
    if not which.operation:
        return Quota(limit)
    pages = at(which.right.partition(":")[0]).get_paginator(which.operation).paginate(**which.arguments)
    return Quota(limit, sum(_owner(one, account) == account for page in pages for one in page.get(which.key, ())))


def _owner(one: object, otherwise: str) -> str:
    return str(one.get("OwnerId", otherwise)) if isinstance(one, dict) else otherwise


def of_rds(rds: RDSClient) -> dict[str, Quota]:
    """Give RDS's own quotas."""
    told = {quota["AccountQuotaName"]: quota for quota in rds.describe_account_attributes()["AccountQuotas"]}
    return {name: Quota(told[key]["Max"], told[key]["Used"]) for name, key in OF_RDS.items() if key in told}


def of_lambda(functions: LambdaClient) -> dict[str, Quota]:
    """Give Lambda's quotas: how many functions may run at once, beside what is reserved, and the size of their code."""
    told = functions.get_account_settings()
    limit, used = told["AccountLimit"], told["AccountUsage"]
    return {
        AT_ONCE: Quota(limit["UnreservedConcurrentExecutions"]),
        CODE: Quota(limit["TotalCodeSize"] / MIB, used["TotalCodeSize"] / MIB),
    }


def of_roles(iam: IAMClient) -> Quota:
    """Give how many roles the account may have, and has."""
    told = iam.get_account_summary()["SummaryMap"]
    return Quota(told["RolesQuota"], told["Roles"])
