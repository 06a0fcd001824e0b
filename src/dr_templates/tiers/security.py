"""Who may reach the database: clients by one path, our functions by another.

A fence changes nothing here: it is a deny in the NACL before the database (``network_gate``), as a group's rules do not
cut sessions that are open (fact A49).
"""

from troposphere import GetAtt, Ref, Template, ec2

from dr_templates.tiers import groups, sheet

POSTGRES = 5432
HTTPS = 443


def build() -> Template:
    """Give the groups of database, clients and functions, and every path between them; none is open to the world."""
    template = sheet.begin(
        "Security of one site: groups of database, clients and functions, and the paths between them.",
        ("Name", "EnvironmentSuffix", "SiteName", "VpcId", "S3PrefixListId", "EndpointSecurityGroupId"),
    )
    database = _group(template, "Database", "the database: PostgreSQL from clients and functions of this site")
    clients = _group(template, "Client", "whatever may connect to the database: attach it beside the groups it has")
    functions = _group(template, "Function", "our functions in the VPC")
    endpoint = Ref("EndpointSecurityGroupId")
    for name, port, origin, target, meaning in (
        ("Clients", POSTGRES, clients, database, "Clients to the database"),
        ("Functions", POSTGRES, functions, database, "Probe and rotation to the database"),
        ("Secrets", HTTPS, functions, endpoint, "Functions to the Secrets Manager endpoint"),
    ):
        groups.path(template, name, port, origin=origin, target=target, description=meaning)
    template.add_resource(
        ec2.SecurityGroupEgress(
            "AnswersOut",
            GroupId=functions,
            DestinationPrefixListId=Ref("S3PrefixListId"),
            IpProtocol="tcp",
            FromPort=HTTPS,
            ToPort=HTTPS,
            Description="Answers of custom resources to S3, through the gateway endpoint",
        )
    )
    return template


def _group(template: Template, purpose: str, what: str) -> GetAtt:
    group = template.add_resource(
        ec2.SecurityGroup(
            f"{purpose}SecurityGroup",
            GroupName=sheet.physical(purpose.lower()),
            GroupDescription=f"Worn by {what}",
            VpcId=Ref("VpcId"),
            SecurityGroupEgress=[groups.nowhere()],
            Tags=sheet.tags(purpose.lower()),
        )
    )
    identity = GetAtt(group, "GroupId")
    sheet.give(template, f"{purpose}SecurityGroupId", identity, f"Worn by {what}.")
    return identity
