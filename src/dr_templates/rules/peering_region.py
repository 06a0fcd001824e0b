"""E9104: a peering that joins two VPCs of one region."""

from collections.abc import Iterator
from typing import ClassVar

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from dr_templates.rules._intrinsics import spell
from dr_templates.rules._networks import PEERING, vpc_named
from dr_templates.rules._rds import HERE
from dr_templates.rules._values import Resource, choices, fault, possible, present, resources


class PeeringRegion(CloudFormationLintRule):
    """Two VPCs of one region are lost together, so joining them is no disaster recovery."""

    id = "E9104"
    shortdesc = "VPC peering inside one region"
    description = (
        "A peering between sites crosses regions: PeerRegion names the other one. Without it, or with this stack's own "
        "region, or with both VPCs in this template, both sides are lost with the region."
    )
    source_url = "https://docs.aws.amazon.com/vpc/latest/peering/what-is-vpc-peering.html"
    tags: ClassVar[list[str]] = ["resources", "ec2", "vpc", "peering"]

    def match(self, cfn: Template) -> Iterator[RuleMatch]:
        """Yield one fault for each way a connection can stay in its region."""
        for connection in resources(cfn, PEERING):
            both_here = list(_both_here(cfn, connection))
            yield from both_here or _region_faults(connection)


def _both_here(cfn: Template, connection: Resource) -> Iterator[RuleMatch]:
    for peer in present(connection.properties, "PeerVpcId"):
        for own in present(connection.properties, "VpcId"):
            if vpc_named(cfn, peer.value) and vpc_named(cfn, own.value) and possible(cfn, peer, own):
                yield fault(peer.path, "Both VPCs of this peering are in this template, so in one region")
                break


def _region_faults(connection: Resource) -> Iterator[RuleMatch]:
    for region in choices(connection.properties, "PeerRegion"):
        if region.absent:
            yield fault(connection.properties.path, "Without PeerRegion both sides of this peering are in one region")
        elif spell(region.value) == HERE:
            yield fault(region.path, "PeerRegion is this stack's own region")
