"""What RDS offers: versions, instance classes, and how much of everything an account may have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ministack.services import rds

from dr_templates.lab.emulator.rds import subscriptions
from dr_templates.lab.emulator.types.network import zone_names
from dr_templates.lab.emulator.types.wire import Function, Request

NEWEST = {"14": 24, "15": 19, "16": 15, "17": 11, "18": 6}
"""The newest minor of each major that can be created (fact A47)."""
CREATABLE = 7
"""How many minors of a major can be created, the newest included; the older are deprecated."""
CLASSES = re.compile(r"db\.(t3|t4g|m5|m6g|m6i|m7g|m7i|m8g|r5|r6g|r6i|r7g|r7i|r8g)\.(micro|small|medium|\d*x?large)")
STORAGE = ("gp2", "gp3", "io1", "io2")
LARGEST_GIB = 65536


def describe_versions(request: Request) -> dict[str, Any]:
    """DescribeDBEngineVersions of PostgreSQL; the deprecated ones only with IncludeAll."""
    wanted = request.get("EngineVersion", "")
    versions = [
        {
            "Engine": "postgres",
            "EngineVersion": f"{major}.{minor}",
            "MajorEngineVersion": major,
            "DBParameterGroupFamily": f"postgres{major}",
            "DBEngineDescription": "PostgreSQL",
            "DBEngineVersionDescription": f"PostgreSQL {major}.{minor}",
            "ExportableLogTypes": ["postgresql", "upgrade"],
            "SupportsLogExportsToCloudwatchLogs": True,
            "SupportsReadReplica": True,
            "Status": "available" if newest - minor < CREATABLE else "deprecated",
        }
        for major, newest in NEWEST.items()
        for minor in range(newest + 1)
        if wanted in ("", major, f"{major}.{minor}")
    ]
    shown = [one for one in versions if request.get("IncludeAll") or one["Status"] == "available"]
    return {"DBEngineVersions": shown if request.get("Engine", "postgres") == "postgres" else []}


def creatable() -> set[str]:
    """Name the versions that an instance can be created with."""
    return {one["EngineVersion"] for one in describe_versions({})["DBEngineVersions"]}


def describe_orderable(request: Request) -> dict[str, Any]:
    """DescribeOrderableDBInstanceOptions: of one version and class, which is how it is asked for here."""
    version, wanted = request.get("EngineVersion", ""), request.get("DBInstanceClass", "")
    created = describe_versions({"EngineVersion": version})["DBEngineVersions"]
    if request["Engine"] != "postgres" or not created or not CLASSES.fullmatch(wanted):
        return {"OrderableDBInstanceOptions": []}
    zones = [{"Name": zone} for zone in zone_names()]
    abilities = (
        *("MultiAZCapable", "ReadReplicaCapable", "Vpc", "SupportsStorageEncryption", "SupportsEnhancedMonitoring"),
        *("SupportsIAMDatabaseAuthentication", "SupportsPerformanceInsights", "SupportsStorageAutoscaling"),
    )
    option = {
        "Engine": "postgres",
        "EngineVersion": version,
        "DBInstanceClass": wanted,
        "LicenseModel": "postgresql-license",
        "AvailabilityZones": zones,
        "MinStorageSize": 20,
        "MaxStorageSize": LARGEST_GIB,
        **dict.fromkeys(abilities, True),
    }
    return {"OrderableDBInstanceOptions": [{**option, "StorageType": storage} for storage in STORAGE]}


def describe_account(_request: Request) -> dict[str, Any]:
    """DescribeAccountAttributes: RDS's quotas in this region, and what is used of them."""
    instances = list(rds._instances.values())
    used = {
        "DBInstances": (40, len(instances)),
        "AllocatedStorage": (100000, sum(one["AllocatedStorage"] for one in instances)),
        "DBSubnetGroups": (50, len(rds._subnet_groups.values())),
        "DBParameterGroups": (50, len(rds._param_groups.values())),
        "ManualSnapshots": (100, len(rds._snapshots.values())),
        "EventSubscriptions": (20, subscriptions.count()),
        "ReadReplicasPerMaster": (15, 0),
        "SubnetsPerDBSubnetGroup": (20, 0),
    }
    quotas = [{"AccountQuotaName": name, "Max": most, "Used": now} for name, (most, now) in used.items()]
    return {"AccountQuotas": quotas}


ACTIONS: Mapping[str, Function] = {
    "DescribeDBEngineVersions": describe_versions,
    "DescribeOrderableDBInstanceOptions": describe_orderable,
    "DescribeAccountAttributes": describe_account,
}
