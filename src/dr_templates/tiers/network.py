"""The site's private network: no way in from the internet, none out, and a gate to shut in front of the data."""

from troposphere import Cidr, Equals, GetAtt, If, Join, Not, NoValue, Ref, Select, Template, ec2

from dr_templates.tiers import network_edge, network_gate, network_watch, sheet

ZONES = ("A", "B", "C")


def build() -> Template:
    """Give VPC, subnets for database and functions in two or three zones, routes, endpoints, the fence's NACL."""
    template = sheet.begin(
        "Network of one site: VPC, private subnets, endpoints, NACL in front of the database, flow logs.",
        (
            *network_edge.TAKES,
            "VpcCidr",
            "PeerVpcCidr",
            "Peering",
            "AvailabilityZoneA",
            "AvailabilityZoneB",
            "AvailabilityZoneC",
        ),
    )
    template.add_condition("HasZoneC", Not(Equals(Ref("AvailabilityZoneC"), "")))
    vpc = template.add_resource(
        ec2.VPC("Vpc", CidrBlock=Ref("VpcCidr"), EnableDnsSupport=True, EnableDnsHostnames=True, Tags=sheet.tags())
    )
    sheet.give(template, "VpcId", Ref(vpc), "The site's VPC.")
    for offset, kind in ((0, "Database"), (len(ZONES), "Function")):
        _subnets(template, vpc, kind, offset)
    network_gate.add(template, vpc, ZONES)
    network_edge.add(template, vpc)
    network_watch.add(template, vpc)
    return template


def _subnets(template: Template, vpc: ec2.VPC, kind: str, offset: int) -> None:
    """Add a route table and one /24 subnet per zone; nothing is routed but the VPC's own range."""
    table = template.add_resource(ec2.RouteTable(f"{kind}RouteTable", VpcId=Ref(vpc), Tags=sheet.tags(kind.lower())))
    sheet.give(template, f"{kind}RouteTableId", Ref(table), f"Route table of the {kind.lower()} subnets.")
    refs = []
    for index, zone in enumerate(ZONES):
        third = {"Condition": "HasZoneC"} if zone == "C" else {}
        subnet = template.add_resource(
            ec2.Subnet(
                f"{kind}Subnet{zone}",
                VpcId=Ref(vpc),
                AvailabilityZoneId=Ref(f"AvailabilityZone{zone}"),
                CidrBlock=Select(offset + index, Cidr(GetAtt(vpc, "CidrBlock"), 2 * len(ZONES), 8)),
                MapPublicIpOnLaunch=False,
                Tags=sheet.tags(f"{kind.lower()}-{zone.lower()}"),
                **third,
            )
        )
        template.add_resource(
            ec2.SubnetRouteTableAssociation(
                f"{kind}Subnet{zone}Routes", SubnetId=Ref(subnet), RouteTableId=Ref(table), **third
            )
        )
        refs.append(If("HasZoneC", Ref(subnet), NoValue) if third else Ref(subnet))
    sheet.give(template, f"{kind}SubnetIds", Join(",", refs), f"Private subnets for the {kind.lower()}.")
