"""What RDS sells in a region, and which availability zones the account has there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_rds import RDSClient

ENGINE = "postgres"
UNKNOWN = ("InvalidParameterCombination", "InvalidParameterValue")
"""What RDS says where it does not know a version or a class at all: then there is no offer."""


@dataclass(frozen=True)
class Offer:
    """An instance class as it can be ordered with one kind of storage; ``zones`` by their names, sizes in GiB."""

    storage: str
    zones: frozenset[str] = frozenset()
    multi_az: bool = False
    iam_login: bool = False
    performance_insights: bool = False
    enhanced_monitoring: bool = False
    autoscaling: bool = False
    encryption: bool = False
    replica: bool = False
    smallest: int | None = None
    largest: int | None = None


@dataclass(frozen=True)
class Zone:
    """An availability zone: its id, the name that this account knows it by, and whether it can be used."""

    id: str
    name: str
    usable: bool = True


def version(rds: RDSClient, wanted: str) -> str | None:
    """Give the status of a version of PostgreSQL, such as ``available``; None when RDS does not create it (any more).

    RDS keeps old versions in its list as long as somebody runs them, and calls them ``deprecated`` (fact A47).
    """
    found = rds.describe_db_engine_versions(Engine=ENGINE, EngineVersion=wanted, IncludeAll=True)["DBEngineVersions"]
    return found[0].get("Status", "available") if found else None


def offers(rds: RDSClient, version: str, instance_class: str) -> tuple[Offer, ...]:
    """Give how a class can be ordered for a version, in a VPC."""
    pages = rds.get_paginator("describe_orderable_db_instance_options").paginate(
        Engine=ENGINE, EngineVersion=version, DBInstanceClass=instance_class, Vpc=True
    )
    return tuple(
        Offer(
            storage=option["StorageType"],
            zones=frozenset(zone["Name"] for zone in option.get("AvailabilityZones", ())),
            multi_az=option.get("MultiAZCapable", False),
            iam_login=option.get("SupportsIAMDatabaseAuthentication", False),
            performance_insights=option.get("SupportsPerformanceInsights", False),
            enhanced_monitoring=option.get("SupportsEnhancedMonitoring", False),
            autoscaling=option.get("SupportsStorageAutoscaling", False),
            encryption=option.get("SupportsStorageEncryption", False),
            replica=option.get("ReadReplicaCapable", False),
            smallest=option.get("MinStorageSize"),
            largest=option.get("MaxStorageSize"),
        )
        for page in pages
        for option in page["OrderableDBInstanceOptions"]
    )


def zones(ec2: EC2Client) -> tuple[Zone, ...]:
    """Give the zones of a region; local and wavelength zones, where RDS does not run, are left out."""
    found = ec2.describe_availability_zones(AllAvailabilityZones=True)["AvailabilityZones"]
    return tuple(
        Zone(zone["ZoneId"], zone["ZoneName"], usable=zone["State"] == "available")
        for zone in found
        if zone.get("ZoneType", "availability-zone") == "availability-zone"
    )
