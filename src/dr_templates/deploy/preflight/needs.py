"""How much of each quota an environment needs, counted from the resources that its templates make."""

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from dr_templates.aws.account.quotas import AT_ONCE, CODE
from dr_templates.deploy.preflight.wanted import STACK, Resource, Wanted

INSTANCE: Final = "AWS::RDS::DBInstance"
FUNCTION: Final = "AWS::Lambda::Function"
STORAGE: Final = "GiB of DB storage"
ARCHIVE_MIB: Final = 2
"""More than any function's archive has, in whole MiB."""
FENCES: Final = 2
"""Denies that may stand in an ACL at a time beside the templates' rules: a move's and the site's own (fact A49)."""

OF_TYPE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "VPCs": "AWS::EC2::VPC",
        "stacks": STACK,
        "KMS keys": "AWS::KMS::Key",
        "tables": "AWS::DynamoDB::Table",
        "rules of EventBridge": "AWS::Events::Rule",
        "DB instances": INSTANCE,
        "DB subnet groups": "AWS::RDS::DBSubnetGroup",
        "DB parameter groups": "AWS::RDS::DBParameterGroup",
        "RDS event subscriptions": "AWS::RDS::EventSubscription",
        AT_ONCE: FUNCTION,
    }
)
"""Quotas of a region that a type of resource counts towards, one each."""
OF_ACCOUNT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "roles": "AWS::IAM::Role",
        "hosted zones": "AWS::Route53::HostedZone",
        "health checks": "AWS::Route53::HealthCheck",
    }
)
"""The same of quotas of the whole account."""
ENDPOINT: Final = "AWS::EC2::VPCEndpoint"
GROUP: Final = "AWS::EC2::SecurityGroup"
DIRECTIONS: Final = MappingProxyType({"AWS::EC2::SecurityGroupIngress": "in", "AWS::EC2::SecurityGroupEgress": "out"})


def of_region(wanted: Wanted, region: str) -> dict[str, int]:
    """Give the need of every quota of a region; none are left out because they are not needed."""
    here = wanted.at(region)
    types = Counter(one.type for one in here)
    endpoints = Counter(one.properties["VpcEndpointType"] for one in here if one.type == ENDPOINT)
    needs = {
        **{name: types[kind] for name, kind in OF_TYPE.items()},
        STORAGE: types[INSTANCE] * wanted.config.database.allocated_storage_gib,
        CODE: types[FUNCTION] * ARCHIVE_MIB,
        "security groups": types[GROUP] + types["AWS::EC2::VPC"],  # each VPC brings a group of its own
        "gateway endpoints": endpoints["Gateway"],
        "interface endpoints of a VPC": endpoints["Interface"],
        "subnets of a VPC": types["AWS::EC2::Subnet"],
        "rules of a network ACL": _acl_rules(here),
        "rules of a security group": _group_rules(here),
    }
    return {name: need for name, need in needs.items() if need}


def of_account(wanted: Wanted) -> dict[str, int]:
    """Give the need of every quota that counts over all regions."""
    types = Counter(one.type for one in wanted.resources)
    return {name: types[kind] for name, kind in OF_ACCOUNT.items()}


def _acl_rules(here: tuple[Resource, ...]) -> int:
    """Count the fuller direction of an ACL, as AWS counts each on its own."""
    rules = Counter(one.properties["Egress"] for one in here if one.type == "AWS::EC2::NetworkAclEntry")
    return max(rules.values()) + FENCES if rules else 0


def _group_rules(here: tuple[Resource, ...]) -> int:
    """Count the fullest direction of a group; each begins with the rule out that leads nowhere."""
    rules = Counter((_group(one.properties["GroupId"]), DIRECTIONS[one.type]) for one in here if one.type in DIRECTIONS)
    return max((count + (way == "out") for (_, way), count in rules.items()), default=0)


def _group(reference: Any) -> str:  # noqa: ANN401 - an intrinsic function
    """Name a group alike in the tier that makes it and in the others, which take its id as a parameter."""
    match reference:
        case {"Fn::GetAtt": [str() as name, "GroupId"]}:
            return f"{name}Id"
        case {"Ref": str() as name}:
            return name
        case _:
            return str(reference)
