"""Security group rules in a few words."""

from troposphere import Template, ec2

NOWHERE = "127.0.0.1/32"


def nowhere() -> ec2.SecurityGroupRule:
    """Give the rule that stands in for "no way out": a group without any gets one that is open to the world."""
    return ec2.SecurityGroupRule(IpProtocol="-1", CidrIp=NOWHERE, Description="No way out but the rules beside it")


def path(template: Template, name: str, port: int, *, origin: object, target: object, description: str) -> None:
    """Let TCP pass from one group to another: a rule out of the first and a rule into the second."""
    ports = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "Description": description}
    template.add_resource(
        ec2.SecurityGroupEgress(f"{name}Out", GroupId=origin, DestinationSecurityGroupId=target, **ports)
    )
    template.add_resource(ec2.SecurityGroupIngress(f"{name}In", GroupId=target, SourceSecurityGroupId=origin, **ports))
