"""What is read of RDS's offers, zones, VPCs and their peers."""

from ipaddress import IPv4Network
from typing import Any

import pytest
from tests.functional.preflight.conftest import Stub

from dr_templates.aws.account.networks import Network, Peering, networks, peerings
from dr_templates.aws.account.offers import Offer, Zone, offers, version, zones

CLASS = {"Engine": "postgres", "EngineVersion": "15.19", "DBInstanceClass": "db.r6g.large", "Vpc": True}
OPTION = {
    "StorageType": "gp3",
    "AvailabilityZones": [{"Name": "us-east-1a"}, {"Name": "us-east-1c"}],
    "MultiAZCapable": True,
    "SupportsIAMDatabaseAuthentication": True,
    "SupportsPerformanceInsights": True,
    "SupportsEnhancedMonitoring": True,
    "SupportsStorageAutoscaling": True,
    "SupportsStorageEncryption": True,
    "ReadReplicaCapable": True,
    "MinStorageSize": 20,
    "MaxStorageSize": 65536,
}


@pytest.mark.parametrize(
    ("told", "status"), [([{"Status": "deprecated"}], "deprecated"), ([{}], "available"), ([], None)]
)
def test_the_status_of_a_version(stub: Stub, told: list[dict[str, str]], status: str | None) -> None:
    asked = {"Engine": "postgres", "EngineVersion": "15.19", "IncludeAll": True}
    rds = stub("rds", ("describe_db_engine_versions", asked, {"DBEngineVersions": told}))
    assert version(rds, "15.19") == status


def test_offers_of_all_pages_with_what_they_can(stub: Stub) -> None:
    pages: list[dict[str, Any]] = [
        {"OrderableDBInstanceOptions": [OPTION], "Marker": "more"},
        {"OrderableDBInstanceOptions": [{"StorageType": "io1"}]},
    ]
    call = "describe_orderable_db_instance_options"
    rds = stub("rds", (call, CLASS, pages[0]), (call, {**CLASS, "Marker": "more"}, pages[1]))
    zones_sold = frozenset({"us-east-1a", "us-east-1c"})
    assert offers(rds, "15.19", "db.r6g.large") == (
        Offer("gp3", zones_sold, True, True, True, True, True, True, True, 20, 65536),
        Offer("io1"),
    )


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("MultiAZCapable", "multi_az"),
        ("SupportsIAMDatabaseAuthentication", "iam_login"),
        ("SupportsPerformanceInsights", "performance_insights"),
        ("SupportsEnhancedMonitoring", "enhanced_monitoring"),
        ("SupportsStorageAutoscaling", "autoscaling"),
        ("SupportsStorageEncryption", "encryption"),
        ("ReadReplicaCapable", "replica"),
    ],
)
def test_each_ability_is_read_from_its_own_key(stub: Stub, key: str, field: str) -> None:
    answer = {"OrderableDBInstanceOptions": [{"StorageType": "gp3", key: True}]}
    rds = stub("rds", ("describe_orderable_db_instance_options", CLASS, answer))
    assert offers(rds, "15.19", "db.r6g.large") == (Offer(storage="gp3", **{field: True}),)  # type: ignore[arg-type]  # rows of one type


def test_zones_without_local_ones(stub: Stub) -> None:
    def zone(number: int, state: str = "available", kind: str = "availability-zone") -> dict[str, str]:
        return {"ZoneId": f"use1-az{number}", "ZoneName": f"us-east-1-{number}", "State": state, "ZoneType": kind}

    told = {"AvailabilityZones": [zone(1), zone(2, "impaired"), zone(3, kind="local-zone")]}
    ec2 = stub("ec2", ("describe_availability_zones", {"AllAvailabilityZones": True}, told))
    assert zones(ec2) == (Zone("use1-az1", "us-east-1-1"), Zone("use1-az2", "us-east-1-2", usable=False))


def test_vpcs_with_the_ranges_that_they_still_have(stub: Stub) -> None:
    def block(cidr: str, state: str) -> dict[str, Any]:
        return {"CidrBlock": cidr, "CidrBlockState": {"State": state}}

    blocks = [block("10.0.0.0/16", "associated"), block("10.1.0.0/16", "disassociated")]
    tags = [{"Key": "Team", "Value": "x"}, {"Key": "Name", "Value": "ours"}]
    told = {
        "Vpcs": [
            {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "CidrBlockAssociationSet": blocks, "Tags": tags},
            {"VpcId": "vpc-2", "CidrBlock": "10.2.0.0/16"},
        ]
    }
    ec2 = stub("ec2", ("describe_vpcs", {}, told))
    assert networks(ec2) == (
        Network("vpc-1", (IPv4Network("10.0.0.0/16"),), "ours"),
        Network("vpc-2", (IPv4Network("10.2.0.0/16"),)),
    )


def test_peerings_that_stand_with_both_ends(stub: Stub) -> None:
    requester = {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}
    accepter = {"VpcId": "vpc-2", "CidrBlockSet": [{"CidrBlock": "10.2.0.0/16"}, {"CidrBlock": "10.3.0.0/16"}]}
    told = [
        {"VpcPeeringConnectionId": "pcx-1", "RequesterVpcInfo": requester, "AccepterVpcInfo": accepter},
        {"VpcPeeringConnectionId": "pcx-2", "RequesterVpcInfo": requester, "AccepterVpcInfo": {"VpcId": "vpc-3"}},
    ]
    states = ["active", "pending-acceptance", "provisioning"]
    asked = {"Filters": [{"Name": "status-code", "Values": states}]}
    ec2 = stub("ec2", ("describe_vpc_peering_connections", asked, {"VpcPeeringConnections": told}))
    ours = Network("vpc-1", (IPv4Network("10.0.0.0/16"),))
    both = (IPv4Network("10.2.0.0/16"), IPv4Network("10.3.0.0/16"))
    assert peerings(ec2) == (
        Peering("pcx-1", (ours, Network("vpc-2", both))),
        Peering("pcx-2", (ours, Network("vpc-3", ()))),
    )
