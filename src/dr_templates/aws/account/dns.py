"""The private zones that a site's VPC already resolves, and Route 53's own account of what it still takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from dr_templates.aws.account.quotas import Quota

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_route53 import Route53Client

Counted = Literal["MAX_HOSTED_ZONES_BY_OWNER", "MAX_HEALTH_CHECKS_BY_OWNER"]


@dataclass(frozen=True)
class HostedZone:
    """A private zone and one VPC that it answers for; ``name`` without the dot at its end."""

    id: str
    name: str
    vpc: str


def zones_of(ec2: EC2Client, route53: Route53Client, vpc_name: str, region: str) -> tuple[HostedZone, ...]:
    """Give the zones of the VPCs that bear a Name tag in a region; none where there is no such VPC yet."""
    named = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": [vpc_name]}])["Vpcs"]
    return tuple(zone for vpc in named for zone in _zones(route53, vpc["VpcId"], region))


def _zones(route53: Route53Client, vpc: str, region: str) -> tuple[HostedZone, ...]:
    found: list[HostedZone] = []
    start = ""
    while True:
        more = {"NextToken": start} if start else {}
        told = route53.list_hosted_zones_by_vpc(VPCId=vpc, VPCRegion=region, **more)  # type: ignore[arg-type]  # a literal
        found.extend(
            HostedZone(zone["HostedZoneId"], zone["Name"].rstrip("."), vpc) for zone in told["HostedZoneSummaries"]
        )
        start = told.get("NextToken", "")
        if not start:
            return tuple(found)


def limit(route53: Route53Client, counted: Counted) -> Quota:
    """Give how many zones or health checks the account may have, and has."""
    told = route53.get_account_limit(Type=counted)
    return Quota(told["Limit"]["Value"], told["Count"])
