"""E9110: a security group that lets in the whole internet."""

from collections.abc import Iterator
from typing import ClassVar

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from dr_templates.rules._networks import network
from dr_templates.rules._values import Value, elements, fault, present, resources


class WorldOpen(CloudFormationLintRule):
    """Nothing in this system serves the internet, so no port is open to it."""

    id = "E9110"
    shortdesc = "A security group is open to the world"
    description = (
        "An ingress rule, in the group or on its own, allows every address (0.0.0.0/0 or ::/0), on whatever port. "
        "An address that is a parameter is judged by its default."
    )
    source_url = "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html"
    tags: ClassVar[list[str]] = ["resources", "ec2", "security"]

    def match(self, cfn: Template) -> Iterator[RuleMatch]:
        """Yield a fault for each ingress address that is all addresses."""
        for rule in _rules(cfn):
            for name in ("CidrIp", "CidrIpv6"):
                for address in present(rule, name):
                    block = network(cfn, address.value)
                    if block is not None and block.prefixlen == 0:
                        yield fault(address.path, f"Ingress from {block} is open to the world")


def _rules(cfn: Template) -> Iterator[Value]:
    for group in resources(cfn, "AWS::EC2::SecurityGroup"):
        yield from elements(group.properties, "SecurityGroupIngress")
    for rule in resources(cfn, "AWS::EC2::SecurityGroupIngress"):
        yield rule.properties
