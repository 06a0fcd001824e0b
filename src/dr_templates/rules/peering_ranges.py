"""E9105: a peering between address ranges that overlap."""

from collections.abc import Iterator
from typing import ClassVar

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from dr_templates.rules._intrinsics import referred
from dr_templates.rules._networks import PEERING, Network, network, ranges, vpc_named
from dr_templates.rules._values import Value, fault, possible, present, resources


class PeeringRanges(CloudFormationLintRule):
    """EC2 refuses to join VPCs whose address ranges overlap, and only at deploy time."""

    id = "E9105"
    shortdesc = "Peered address ranges overlap"
    description = (
        "Two VPCs can be peered only if their address ranges do not overlap, and a route to the peer must lead outside "
        "the VPC's own range. Ranges are read where they are written out or are a parameter's default."
    )
    source_url = "https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html"
    tags: ClassVar[list[str]] = ["resources", "ec2", "vpc", "peering"]

    def match(self, cfn: Template) -> Iterator[RuleMatch]:
        """Yield a fault for each connection, and each route through one, whose two sides overlap."""
        yield from _connection_faults(cfn)
        yield from _route_faults(cfn)


def _connection_faults(cfn: Template) -> Iterator[RuleMatch]:
    for connection in resources(cfn, PEERING):
        for peer in present(connection.properties, "PeerVpcId"):
            far = vpc_named(cfn, peer.value)
            for own in present(connection.properties, "VpcId"):
                near = vpc_named(cfn, own.value)
                if not near or not far or near == far or not possible(cfn, peer, own):
                    continue
                clash = next((c for _, block in ranges(cfn, near) for c in _clashes(cfn, far, peer, block)), None)
                if clash:
                    yield fault(peer.path, f"The ranges of {near} and {far} overlap: {clash}")


def _route_faults(cfn: Template) -> Iterator[RuleMatch]:
    for route in resources(cfn, "AWS::EC2::Route"):
        if not any(True for _ in present(route.properties, "VpcPeeringConnectionId")):
            continue
        tables = [referred(table.value) for table in present(route.properties, "RouteTableId")]
        for target in present(route.properties, "DestinationCidrBlock"):
            block = network(cfn, target.value)
            for vpc in _vpcs_of(cfn, tables):
                clash = next(_clashes(cfn, vpc, target, block), None) if block else None
                if clash:
                    yield fault(target.path, f"The route to the peer overlaps the range of {vpc}: {clash}")


def _vpcs_of(cfn: Template, tables: list[str | None]) -> Iterator[str]:
    for table in resources(cfn, "AWS::EC2::RouteTable"):
        if table.name in tables:
            names = (vpc_named(cfn, vpc.value) for vpc in present(table.properties, "VpcId"))
            yield from (name for name in names if name)


def _clashes(cfn: Template, vpc: str, beside: Value, block: Network) -> Iterator[str]:
    for value, own in ranges(cfn, vpc):
        if possible(cfn, value, beside) and block.version == own.version and block.overlaps(own):
            yield f"{block} and {own}"
