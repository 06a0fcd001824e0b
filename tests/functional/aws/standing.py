"""What stands in the emulator before a test begins: what the templates would have made."""

import json
import socket

from tests.functional.aws.cloud import HOME, STANDBY, Boto, Cloud

from dr_templates.topology import CONTROL


def unheard_port() -> int:
    """Give a port where nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


def stand(made: Cloud) -> None:
    """Make an environment as the templates do: tables, instance and replica, gates, secret, topic, machine."""
    names = made.names
    for place in (HOME, STANDBY, CONTROL):
        make_table(made.client("dynamodb", place), names.table(place))
    for site in names.sites:
        make_gate(made.client("ec2", site), names.acl(site))
    make_databases(made)
    made.client("secretsmanager", HOME).create_secret(
        Name=names.secret, SecretString="{}", AddReplicaRegions=[{"Region": names.region(STANDBY)}]
    )
    topic = names.topic_arn.split(":")[-1]
    made.client("sns", CONTROL).create_topic(Name=topic)
    made.client("stepfunctions", CONTROL).create_state_machine(
        name=names.machine_arn.split(":")[-1],
        definition=json.dumps({"StartAt": "Stay", "States": {"Stay": {"Type": "Wait", "Seconds": 600, "End": True}}}),
        roleArn=f"arn:aws:iam::{names.account}:role/moves",
    )


def make_table(dynamodb: Boto, name: str) -> None:
    keys = ("Kind", "HASH"), ("Order", "RANGE")
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in keys],
        BillingMode="PAY_PER_REQUEST",
    )


def make_acl(ec2: Boto, name: str) -> str:
    """Make a network ACL with no entry of its own."""
    vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    tags = [{"ResourceType": "network-acl", "Tags": [{"Key": "Name", "Value": name}]}]
    acl: str = ec2.create_network_acl(VpcId=vpc, TagSpecifications=tags)["NetworkAcl"]["NetworkAclId"]
    return acl


def make_gate(ec2: Boto, name: str) -> str:
    """Make a network ACL that lets clients in and their answers out."""
    acl = make_acl(ec2, name)
    for egress, ports in ((False, (5432, 5432)), (True, (1024, 65535))):
        ec2.create_network_acl_entry(
            NetworkAclId=acl,
            RuleNumber=200,
            Protocol="6",
            RuleAction="allow",
            Egress=egress,
            CidrBlock="10.20.0.0/16",
            PortRange={"From": ports[0], "To": ports[1]},
        )
    return acl


def make_instance(rds: Boto, name: str, **more: Boto) -> str:
    """Make a primary, and give its ARN."""
    arn: str = rds.create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.r6g.large",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="orders_admin",
        MasterUserPassword="Master-Password-1",
        **more,
    )["DBInstance"]["DBInstanceArn"]
    return arn


def make_databases(made: Cloud) -> None:
    names = made.names
    source = make_instance(made.client("rds", HOME), names.instance(HOME), BackupRetentionPeriod=14)
    made.client("rds", STANDBY).create_db_instance_read_replica(
        DBInstanceIdentifier=names.instance(STANDBY),
        SourceDBInstanceIdentifier=source,
        SourceRegion=names.region(HOME),
    )
