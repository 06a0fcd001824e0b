"""The instance as a resource: what CloudFormation does with it on AWS, it does here."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from tests.lab.emulator.rds.conftest import PASSWORD, Databases
from tests.lab.emulator.types.conftest import AWAY, HOME, Stacks, att, client, ref, resource


@dataclass(frozen=True)
class Sites:
    """A stack with the primary in one region, one with its replica in the other."""

    databases: Databases
    home: Stacks
    away: Stacks

    def primary(self, **more: object) -> dict[str, Any]:
        return resource(
            "RDS::DBInstance",
            DBInstanceIdentifier="orders",
            Engine="postgres",
            EngineVersion="15.19",
            DBInstanceClass="db.t4g.micro",
            AllocatedStorage="20",
            MasterUsername="master",
            MasterUserPassword=PASSWORD,
            StorageEncrypted=True,
            KmsKeyId=self.databases.keys[HOME],
            BackupRetentionPeriod="3",
            **more,
        )

    def replica(self, **more: object) -> dict[str, Any]:
        properties = {
            "SourceDBInstanceIdentifier": f"arn:aws:rds:{HOME}:111122223333:db:orders",
            "SourceRegion": HOME,
            "DBInstanceIdentifier": "orders-away",
            "DBInstanceClass": "db.t4g.micro",
            "KmsKeyId": self.databases.keys[AWAY],
            "DBParameterGroupName": ref("Own"),
            **more,
        }
        return resource("RDS::DBInstance", **{name: value for name, value in properties.items() if value is not None})


OWN = {
    "Own": resource(
        "RDS::DBParameterGroup", Family="postgres15", Description="own", Parameters={"log_statement": "all"}
    )
}


@pytest.fixture
def sites(databases: Databases) -> Iterator[Sites]:
    them = Sites(databases, Stacks(HOME), Stacks(AWAY))
    yield them
    for stacks in (them.away, them.home):
        for name in [*stacks.made]:
            stacks.delete(name)


def test_an_instance_tells_templates_where_it_is(sites: Sites) -> None:
    told = sites.home.create(
        "primary",
        {"Database": {**sites.primary(), "DeletionPolicy": "Delete"}},
        Name=ref("Database"),
        Host=att("Database.Endpoint.Address"),
        Port=att("Database.Endpoint.Port"),
        Arn=att("Database.DBInstanceArn"),
        Resource=att("Database.DbiResourceId"),
    )
    seen = sites.databases.see("orders")
    assert told == {
        "Name": "orders",
        "Host": seen["Endpoint"]["Address"],
        "Port": "5432",
        "Arn": seen["DBInstanceArn"],
        "Resource": seen["DbiResourceId"],
    }
    sites.home.delete("primary")
    assert not sites.databases.names(HOME)
    assert not client("rds").describe_db_snapshots()["DBSnapshots"]


def test_backups_are_copied_as_the_template_says_and_no_longer_once_it_is_gone(sites: Sites) -> None:
    def with_copies(days: str) -> dict[str, Any]:
        copies = {
            "AutomaticBackupReplicationRegion": AWAY,
            "AutomaticBackupReplicationKmsKeyId": sites.databases.keys[AWAY],
            "AutomaticBackupReplicationRetentionPeriod": days,
        }
        return {"Database": {**sites.primary(**copies), "DeletionPolicy": "Delete"}}

    def kept() -> list[int]:
        found = client("rds", AWAY).describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]
        return [one["BackupRetentionPeriod"] for one in found]

    sites.home.create("primary", with_copies("5"))
    assert kept() == [5]
    sites.home.update("primary", with_copies("7"))
    assert kept() == [7]
    sites.home.delete("primary")
    assert kept() == []


def test_a_changed_instance_keeps_its_server(sites: Sites) -> None:
    gone = {"DeletionPolicy": "Delete"}
    sites.home.create("primary", {"Database": {**sites.primary(MultiAZ=True), **gone}})
    before = sites.databases.see("orders")
    wanted = sites.primary(MultiAZ=False, CopyTagsToSnapshot=True, EnableCloudwatchLogsExports=["postgresql"])
    wanted["Properties"] |= {"DBInstanceClass": "db.r6g.large", "BackupRetentionPeriod": "8"}
    sites.home.update("primary", {"Database": {**wanted, **gone}})
    after = sites.databases.see("orders")
    assert (before["MultiAZ"], before["SecondaryAvailabilityZone"]) == (True, f"{HOME}b")
    assert (after["MultiAZ"], "SecondaryAvailabilityZone" in after) == (False, False)
    assert (after["DBInstanceClass"], after["BackupRetentionPeriod"]) == ("db.r6g.large", 8)
    assert (after["CopyTagsToSnapshot"], after["EnabledCloudwatchLogsExports"]) == (True, ["postgresql"])
    assert after["DbiResourceId"] == before["DbiResourceId"]


def test_deletion_policy_snapshot_saves_a_primary_but_no_replica(sites: Sites) -> None:
    saved = {"DeletionPolicy": "Snapshot"}
    sites.home.create("primary", {"Database": {**sites.primary(), **saved}})
    sites.away.create("replica", {**OWN, "Database": {**sites.replica(), **saved}})
    sites.away.delete("replica")
    sites.home.delete("primary")
    assert not client("rds", AWAY).describe_db_snapshots()["DBSnapshots"]
    (snapshot,) = client("rds").describe_db_snapshots()["DBSnapshots"]
    assert snapshot["DBInstanceIdentifier"] == "orders"
    client("rds").delete_db_snapshot(DBSnapshotIdentifier=snapshot["DBSnapshotIdentifier"])


def test_a_template_without_the_source_promotes_once(sites: Sites) -> None:
    gone = {"DeletionPolicy": "Delete"}
    sites.home.create("primary", {"Database": {**sites.primary(), **gone}})
    sites.away.create("replica", {**OWN, "Database": {**sites.replica(), **gone}})
    replica = sites.databases.see("orders-away", AWAY)
    assert replica["DBParameterGroups"][0]["ParameterApplyStatus"] == "in-sync"
    alone = sites.replica(SourceDBInstanceIdentifier=None)
    sites.away.update("replica", {**OWN, "Database": {**alone, **gone}})
    promoted = sites.databases.see("orders-away", AWAY)
    assert promoted["DbiResourceId"] == replica["DbiResourceId"]
    assert not promoted.get("ReadReplicaSourceDBInstanceIdentifier")


def test_a_replica_promoted_by_hand_is_not_promoted_again(sites: Sites) -> None:
    gone = {"DeletionPolicy": "Delete"}
    sites.home.create("primary", {"Database": {**sites.primary(), **gone}})
    sites.away.create("replica", {**OWN, "Database": {**sites.replica(), **gone}})
    client("rds", AWAY).promote_read_replica(DBInstanceIdentifier="orders-away")
    sites.databases.available("orders-away", AWAY)
    sites.away.update("replica", {**OWN, "Database": {**sites.replica(DeletionProtection=False), **gone}})
    alone = sites.replica(SourceDBInstanceIdentifier=None)
    with pytest.raises(AssertionError, match="not a read replica"):
        sites.away.update("replica", {**OWN, "Database": {**alone, **gone}})


@pytest.mark.parametrize("name", ["MasterUsername", "StorageEncrypted"])
def test_a_replica_is_given_nothing_that_only_its_source_has(sites: Sites, name: str) -> None:
    with pytest.raises(AssertionError, match=name):
        sites.away.create("wrong", {**OWN, "Database": sites.replica(**{name: "true"})})


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"DBSubnetGroupName": "nowhere"}, "DBSubnetGroupNotFoundFault"),
        ({"DBParameterGroupName": "nowhere"}, "DBParameterGroupNotFound"),
        ({"VPCSecurityGroups": ["sg-0123"]}, "sg-0123"),
        ({"KmsKeyId": "arn:aws:kms:us-east-1:111122223333:key/none"}, "KMSKeyNotAccessibleFault"),
    ],
)
def test_an_instance_needs_what_it_stands_on(sites: Sites, changed: dict[str, object], words: str) -> None:
    wrong = sites.primary()
    wrong["Properties"] |= changed
    with pytest.raises(AssertionError, match=words):
        sites.home.create("groundless", {"Database": wrong})
    assert not sites.databases.names(HOME)


def test_an_instance_that_does_not_come_to_be_is_not_left_standing(sites: Sites) -> None:
    port = int(sites.databases.emulator.endpoint.rpartition(":")[2])
    with (
        socket.create_server((f"127.{port >> 8}.{port & 255}.1", 5432)),
        pytest.raises(AssertionError, match="orders is failed, and did not become available"),
    ):
        sites.home.create("failing", {"Database": sites.primary()})
    assert not sites.databases.names(HOME)


def test_a_property_that_the_lab_does_not_know_is_refused_and_not_passed_over(sites: Sites) -> None:
    with pytest.raises(AssertionError, match="have no DBSnapshotIdentifier"):
        sites.home.create("restored", {"Database": sites.primary(DBSnapshotIdentifier="last")})
    assert not sites.databases.names(HOME)


def test_a_subnet_group_needs_two_zones_and_outlives_no_stack(sites: Sites) -> None:
    vpc = {"Vpc": resource("EC2::VPC", CidrBlock="10.1.0.0/16")}
    subnets = {
        f"S{number}": resource(
            "EC2::Subnet",
            VpcId=ref("Vpc"),
            AvailabilityZoneId=f"use1-az{zone}",
            CidrBlock=f"10.1.{number}.0/24",
        )
        for number, zone in ((1, 1), (2, 1), (3, 2))
    }
    group = resource("RDS::DBSubnetGroup", DBSubnetGroupName="own", DBSubnetGroupDescription="own")
    one_zone = {**group, "Properties": {**group["Properties"], "SubnetIds": [ref("S1"), ref("S2")]}}
    with pytest.raises(AssertionError, match="DBSubnetGroupDoesNotCoverEnoughAZs"):
        sites.home.create("narrow", {**vpc, **subnets, "Group": one_zone})
    sites.home.delete("narrow")
    two = {**group, "Properties": {**group["Properties"], "SubnetIds": [ref("S1"), ref("S3")]}}
    sites.home.create("wide", {**vpc, **subnets, "Group": two})
    (found,) = client("rds").describe_db_subnet_groups()["DBSubnetGroups"]
    assert {one["SubnetAvailabilityZone"]["Name"] for one in found["Subnets"]} == {f"{HOME}a", f"{HOME}b"}
    sites.home.delete("wide")
    assert not client("rds").describe_db_subnet_groups()["DBSubnetGroups"]
