"""The address ranges a template shows, and which VPC a resource belongs to."""

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network

from cfnlint.template import Template

from dr_templates.rules._intrinsics import referred, settled
from dr_templates.rules._values import Value, present, resources

PEERING = "AWS::EC2::VPCPeeringConnection"
VPC = "AWS::EC2::VPC"

Network = IPv4Network | IPv6Network


def network(cfn: Template, value: object) -> Network | None:
    """Read a CIDR that is written out or is a parameter's default; None for anything else."""
    text = settled(cfn, value)
    try:
        return None if text is None else ip_network(text, strict=False)
    except ValueError:
        return None


def vpc_named(cfn: Template, value: object) -> str | None:
    """Give the logical id of the template's VPC that a value refers to, None when it is not of this template."""
    name = referred(value)
    return name if name in cfn.get_resources(VPC) else None


def ranges(cfn: Template, vpc: str) -> Iterator[tuple[Value, Network]]:
    """Give the known address ranges of one VPC of the template."""
    for resource in resources(cfn, VPC):
        if resource.name == vpc:
            for value in present(resource.properties, "CidrBlock"):
                found = network(cfn, value.value)
                if found is not None:
                    yield value, found
