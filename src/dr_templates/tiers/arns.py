"""ARNs of what bears a name of ours, here or elsewhere: written down, never handed from region to region."""

from typing import Final, NamedTuple

from troposphere import Sub

from dr_templates import topology


class Where(NamedTuple):
    """A place as a template knows it: its name and its region, each a literal or a reference of ``Fn::Sub``."""

    name: str
    region: str


HERE: Final = Where("${SiteName}", "${AWS::Region}")
PEER: Final = Where("${PeerSiteName}", "${PeerRegion}")
CONTROL: Final = Where(topology.CONTROL, "${ControlRegion}")
HOME: Final = Where("${HomeSiteName}", "${HomeRegion}")
STANDBY: Final = Where("${StandbySiteName}", "${StandbyRegion}")
SITES: Final = (HOME, STANDBY)
"""The two sites, as control knows them."""


def arn(service: str, kind: str, where: Where, purpose: str = "", below: str = "") -> Sub:
    """Give the ARN of a place's table, function, instance …; ``kind`` is what stands before the name in it.

    ``below`` is what follows the name, such as the executions of a state machine.
    """
    name = f"${{Name}}-${{EnvironmentSuffix}}-{where.name}" + (f"-{purpose}" if purpose else "")
    return Sub(f"arn:${{AWS::Partition}}:{service}:{where.region}:${{AWS::AccountId}}:{kind}{name}{below}")


def secret(where: Where) -> Sub:
    """Give the ARN of the master secret in a place's region: alike in both but for the six characters at its end."""
    return Sub(
        f"arn:${{AWS::Partition}}:secretsmanager:{where.region}:${{AWS::AccountId}}"
        ":secret:${Name}-${EnvironmentSuffix}/database-??????"
    )


def gate(where: Where, identifier: str) -> Sub:
    """Give the ARN of the NACL before a place's database; ``identifier`` is the parameter that holds its id."""
    return Sub(f"arn:${{AWS::Partition}}:ec2:{where.region}:${{AWS::AccountId}}:network-acl/${{{identifier}}}")
