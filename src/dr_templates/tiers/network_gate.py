"""The NACL in front of the database: stateless, so a deny here also cuts sessions that are open (fact A49)."""

from collections.abc import Sequence

from troposphere import GetAtt, Ref, Template, ec2

from dr_templates.tiers import sheet

POSTGRES = ec2.PortRange(From=5432, To=5432)
EPHEMERAL = ec2.PortRange(From=1024, To=65535)
ICMP, TCP = 1, 6
FUNCTIONS_FIRST, CLIENTS, PEER_CLIENTS, TOO_BIG, PEER_TOO_BIG = 100, 200, 210, 300, 310
"""Rule numbers. The subnets of our functions come first, both ways: a fence is a deny between them and the clients,
at 103 to 199, so the probe can still ask the database and prove that nobody else can."""


def add(template: Template, vpc: ec2.VPC, zones: Sequence[str]) -> None:
    """Add the NACL of the database subnets: PostgreSQL in from functions and clients, answers out, nothing else.

    The denies of a fence are no part of it: they come and go at run time, and CloudFormation sees no drift, as it holds
    each entry for a resource of its own (fact A49).
    """
    acl = template.add_resource(ec2.NetworkAcl("DatabaseAcl", VpcId=Ref(vpc), Tags=sheet.tags("database")))
    peered = sheet.switch(template, "Peered", "Peering")
    for index, zone in enumerate(zones):
        third = {"Condition": "HasZoneC"} if zone == "C" else {}
        template.add_resource(
            ec2.SubnetNetworkAclAssociation(
                f"DatabaseSubnet{zone}Acl", SubnetId=Ref(f"DatabaseSubnet{zone}"), NetworkAclId=Ref(acl), **third
            )
        )
        source = GetAtt(f"FunctionSubnet{zone}", "CidrBlock")
        _entry(template, f"DatabaseAclFunctions{zone}", FUNCTIONS_FIRST + index, source, third)
        _entry(template, f"DatabaseAclFunctionAnswers{zone}", FUNCTIONS_FIRST + index, source, third, out=True)
    _entry(template, "DatabaseAclClients", CLIENTS, GetAtt(vpc, "CidrBlock"), {})
    _entry(template, "DatabaseAclPeerClients", PEER_CLIENTS, Ref("PeerVpcCidr"), {"Condition": peered})
    _entry(template, "DatabaseAclAnswers", CLIENTS, GetAtt(vpc, "CidrBlock"), {}, out=True)
    _entry(template, "DatabaseAclPeerAnswers", PEER_CLIENTS, Ref("PeerVpcCidr"), {"Condition": peered}, out=True)
    _too_big(template, "", GetAtt(vpc, "CidrBlock"), {})
    _too_big(template, "Peer", Ref("PeerVpcCidr"), {"Condition": peered})
    sheet.give(template, "DatabaseAclId", Ref(acl), "NACL of the database subnets, where a fence is set.")


def _too_big(template: Template, place: str, cidr: object, when: dict[str, str]) -> None:
    """Let "packet too big" through both ways, or large results hang where the path is narrower than the ends.

    Between regions a peering carries 8500 bytes, a host may send 9001, and a stateless NACL would drop the answer that
    says so (docs.aws.amazon.com/vpc/latest/userguide/path_mtu_discovery.html).
    """
    for direction, out in (("In", False), ("Out", True)):
        template.add_resource(
            ec2.NetworkAclEntry(
                f"DatabaseAcl{place}TooBig{direction}",
                NetworkAclId=Ref("DatabaseAcl"),
                RuleNumber=PEER_TOO_BIG if place else TOO_BIG,
                Protocol=ICMP,
                Icmp=ec2.ICMP(Type=3, Code=4),
                RuleAction="allow",
                Egress=out,
                CidrBlock=cidr,
                **when,
            )
        )


def _entry(
    template: Template, logical: str, number: int, cidr: object, when: dict[str, str], *, out: bool = False
) -> None:
    template.add_resource(
        ec2.NetworkAclEntry(
            logical,
            NetworkAclId=Ref("DatabaseAcl"),
            RuleNumber=number,
            Protocol=TCP,
            RuleAction="allow",
            Egress=out,
            CidrBlock=cidr,
            PortRange=EPHEMERAL if out else POSTGRES,
            **when,
        )
    )
