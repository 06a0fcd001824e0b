"""Optional peering of the two VPCs: asked for at home, answered at the other site; replication needs none (A22)."""

from collections.abc import Sequence

import awacs.ec2
from troposphere import Ref, Sub, Template, ec2

from dr_templates.tiers import policy, sheet
from dr_templates.tiers.function import TAKES, Code, ask, function

SIDE_TAKES = (
    *TAKES,
    "NetworkArchiveKey",
    "PeerVpcCidr",
    "DatabaseRouteTableId",
    "FunctionRouteTableId",
    "DatabaseSecurityGroupId",
    "ClientSecurityGroupId",
)


def request() -> Template:
    """Give the connection, and this side of it. CloudFormation accepts it in the other region of the same account."""
    template = sheet.begin(
        "Peering, home side: the connection, routes, DNS resolution, the other site's clients.",
        (*SIDE_TAKES, "VpcId", "PeerVpcId", "PeerRegion"),
    )
    connection = template.add_resource(
        ec2.VPCPeeringConnection(
            "PeeringConnection",
            VpcId=Ref("VpcId"),
            PeerVpcId=Ref("PeerVpcId"),
            PeerRegion=Ref("PeerRegion"),
            Tags=sheet.tags("peering"),
        )
    )
    _side(template, Ref(connection), "Requester")
    sheet.give(
        template, "PeeringConnectionId", Ref(connection), "The peering connection; the other site routes over it."
    )
    return template


def accept() -> Template:
    """Give the other side of a connection that the home site has made."""
    template = sheet.begin(
        "Peering, other side: routes, DNS resolution, the home site's clients.",
        (*SIDE_TAKES, "PeerPeeringConnectionId"),
    )
    _side(template, Ref("PeerPeeringConnectionId"), "Accepter")
    return template


def _side(template: Template, connection: Ref, side: str, kinds: Sequence[str] = ("Database", "Function")) -> None:
    """Route to the other VPC, resolve its names, and let its clients in by address (groups do not cross regions)."""
    for kind in kinds:
        template.add_resource(
            ec2.Route(
                f"{kind}PeerRoute",
                RouteTableId=Ref(f"{kind}RouteTableId"),
                DestinationCidrBlock=Ref("PeerVpcCidr"),
                VpcPeeringConnectionId=connection,
            )
        )
    across = {"CidrIp": Ref("PeerVpcCidr"), "IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432}
    template.add_resource(
        ec2.SecurityGroupIngress(
            "PeerClientsIn",
            GroupId=Ref("DatabaseSecurityGroupId"),
            Description="Clients of the other site to the database",
            **across,
        )
    )
    template.add_resource(
        ec2.SecurityGroupEgress(
            "ClientsToPeer",
            GroupId=Ref("ClientSecurityGroupId"),
            Description="Clients of this site to the database of the other",
            **across,
        )
    )
    modify = policy.allow(
        "SetPeeringOptions",
        [awacs.ec2.ModifyVpcPeeringConnectionOptions],
        [Sub("arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:vpc-peering-connection/${Id}", Id=connection)],
    )
    look = policy.allow("LookAtPeering", [awacs.ec2.DescribeVpcPeeringConnections], ["*"])
    resolver = function(
        template,
        "peering-dns",
        Code("peering_dns_handler", "NetworkArchiveKey"),
        [modify, look],
        description="Turns on DNS resolution over the peering connection, which CloudFormation cannot",
        environment={},
        in_vpc=False,
        timeout=120,
    )
    ask(template, "PeeringDns", resolver, PeeringConnectionId=connection, Side=side)
