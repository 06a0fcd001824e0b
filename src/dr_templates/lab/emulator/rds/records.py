"""What DescribeDBInstances shows of an instance: made from requests, found by name."""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import ec2, kms, rds

from dr_templates.lab.emulator.clocks.state import clock
from dr_templates.lab.emulator.rds import rules
from dr_templates.lab.emulator.rds.instances import PORT, Record, endpoint
from dr_templates.lab.emulator.types.wire import RefusedError, Request

KEPT = (
    *("AllocatedStorage", "AutoMinorVersionUpgrade", "AvailabilityZone", "BackupRetentionPeriod"),
    *("BackupTarget", "CACertificateIdentifier", "CopyTagsToSnapshot", "DBInstanceClass", "DBName"),
    *("DeletionProtection", "EngineLifecycleSupport", "EngineVersion", "Iops", "KmsKeyId", "MasterUsername"),
    *("MaxAllocatedStorage", "MonitoringInterval", "MonitoringRoleArn", "MultiAZ", "NetworkType"),
    *("PerformanceInsightsKMSKeyId", "PerformanceInsightsRetentionPeriod", "PreferredBackupWindow"),
    *("PreferredMaintenanceWindow", "PubliclyAccessible", "StorageEncrypted", "StorageThroughput"),
    "StorageType",
)
RENAMED = {
    "EnableIAMDatabaseAuthentication": "IAMDatabaseAuthenticationEnabled",
    "EnablePerformanceInsights": "PerformanceInsightsEnabled",
    "EnableCloudwatchLogsExports": "EnabledCloudwatchLogsExports",
    "Tags": "TagList",
}
DEFAULTS: Mapping[str, Any] = {
    "AutoMinorVersionUpgrade": True,
    "BackupRetentionPeriod": 1,
    "BackupTarget": "region",
    "CACertificateIdentifier": "rds-ca-rsa2048-g1",
    "CopyTagsToSnapshot": False,
    "DeletionProtection": False,
    "EnabledCloudwatchLogsExports": [],
    "Engine": "postgres",
    "IAMDatabaseAuthenticationEnabled": False,
    "LicenseModel": "postgresql-license",
    "MonitoringInterval": 0,
    "MultiAZ": False,
    "NetworkType": "IPV4",
    "PerformanceInsightsEnabled": False,
    "PreferredBackupWindow": "03:00-03:30",
    "PreferredMaintenanceWindow": "sun:05:00-sun:05:30",
    "PubliclyAccessible": False,
    "StorageEncrypted": False,
    "StorageType": "gp2",
    "TagList": [],
}
INHERITED = (
    *("AllocatedStorage", "DBName", "Engine", "EngineVersion", "EngineLifecycleSupport", "MasterUsername"),
    *("StorageEncrypted", "StorageType", "Iops", "StorageThroughput", "LicenseModel", "DBInstanceClass"),
    *("PreferredMaintenanceWindow", "AutoMinorVersionUpgrade"),
)
"""What a replica has from its source unless told otherwise; the rest is off (fact A11)."""
STANDBY = "SecondaryAvailabilityZone"
VERSION = "16.15"
"""What RDS makes of a request that names no version."""
ALPHABET = string.ascii_uppercase + string.digits


def find(name: str) -> Record:
    """Give the instance of an identifier or ARN, an ARN in any region. Raises RefusedError when there is none."""
    found = look(name)
    if found is None:
        raise RefusedError("DBInstanceNotFound", f"DBInstance {name} not found.", 404)
    return found


def look(name: str) -> Record | None:
    """Give the instance of an identifier or ARN, or None."""
    if not name.startswith("arn:"):
        here: Record | None = rds._instances.get(name.lower())
        return here
    _arn, _aws, _rds, region, account, _db, identifier = name.split(":")
    there: Record | None = rds._instances.get_scoped(account, region, identifier)
    return there


def new(request: Request, inherited: Mapping[str, Any] | None = None) -> Record:
    """Make the record of an instance that is being created."""
    identifier = request["DBInstanceIdentifier"].lower()
    region, account = get_region(), get_account_id()
    resource = "db-" + "".join(secrets.choice(ALPHABET) for _ in range(26))
    record: Record = {
        **DEFAULTS,
        **(inherited or {}),
        "DBInstanceIdentifier": identifier,
        "DBInstanceArn": f"arn:aws:rds:{region}:{account}:db:{identifier}",
        "DbiResourceId": resource,
        "DBInstanceStatus": "creating",
        "InstanceCreateTime": _now(),
        "Endpoint": {
            "Address": endpoint(identifier, region, account),
            "Port": request.get("Port", PORT),
            "HostedZoneId": "Z2R2ITUGPM61AM",
        },
        "DbInstancePort": 0,
        "ReadReplicaDBInstanceIdentifiers": [],
        "PendingModifiedValues": {},
        "DBSecurityGroups": [],
        "DBSubnetGroup": _subnet_group(request.get("DBSubnetGroupName", "default")),
    }
    record |= given(request)
    version = record.setdefault("EngineVersion", VERSION)
    name = request.get("DBParameterGroupName", f"default.postgres{version.partition('.')[0]}")
    record["DBParameterGroups"] = parameter_groups(name, version, "in-sync")
    record["OptionGroupMemberships"] = [
        {"OptionGroupName": f"default:postgres-{version.partition('.')[0]}", "Status": "in-sync"}
    ]
    vpc = record["DBSubnetGroup"]["VpcId"]
    record["VpcSecurityGroups"] = security_groups(request.get("VpcSecurityGroupIds", ()), vpc)
    zones = sorted(one["SubnetAvailabilityZone"]["Name"] for one in record["DBSubnetGroup"]["Subnets"])
    record.setdefault("AvailabilityZone", zones[0])
    for name in ("KmsKeyId", "PerformanceInsightsKMSKeyId"):
        if name in request:
            rules.key(kms._resolve_key(request[name]), request[name])
    rules.monitoring(request)
    return record


def given(request: Request) -> Record:
    """Read those settings of a request that a record shows."""
    return {name: request[name] for name in KEPT if name in request} | {
        shown: request[name] for name, shown in RENAMED.items() if name in request
    }


def changes(record: Record, request: Request) -> Record:
    """Read what a request to modify an instance would change in its record. Raises RefusedError for a missing part."""
    found = given(request)
    if name := request.get("DBParameterGroupName"):
        version = request.get("EngineVersion", record["EngineVersion"])
        found["DBParameterGroups"] = parameter_groups(name, version, "pending-reboot")
    if named := request.get("VpcSecurityGroupIds"):
        found["VpcSecurityGroups"] = security_groups(named, record["DBSubnetGroup"]["VpcId"])
    if logs := request.get("CloudwatchLogsExportConfiguration"):
        kept = set(record["EnabledCloudwatchLogsExports"]) - set(logs.get("DisableLogTypes", ()))
        found["EnabledCloudwatchLogsExports"] = sorted(kept | set(logs.get("EnableLogTypes", ())))
    return found


def parameter_groups(name: str, version: str, status: str) -> list[dict[str, str]]:
    """Give a record's parameter group. Raises RefusedError when it is not there or of another family."""
    if not name.startswith("default."):
        rules.parameter_group(rds._param_groups.get(name), name, version)
    return [{"DBParameterGroupName": name, "ParameterApplyStatus": status}]


def security_groups(identifiers: Iterable[str], vpc: str) -> list[dict[str, str]]:
    """Give a record's security groups, the VPC's default one when none is named. Raises RefusedError."""
    named = list(identifiers) or [ec2._vpcs[vpc]["DefaultSecurityGroupId"]]
    for one in named:
        rules.security_group(ec2._security_groups.get(one), one, vpc)
    return [{"VpcSecurityGroupId": one, "Status": "active"} for one in named]


def shown(record: Mapping[str, Any], *, streaming: bool, terminated: bool) -> Record:
    """Give what is told of an instance: with how replication goes, if it is a replica."""
    told = dict(record)
    if record["DBInstanceStatus"] == "creating":
        told.pop("Endpoint")
    elif record["BackupRetentionPeriod"]:
        told["LatestRestorableTime"] = _now() - timedelta(minutes=5)
    if record["MultiAZ"]:
        told[STANDBY] = standby(record)
    else:
        told.pop(STANDBY, None)
    if record.get("ReadReplicaSourceDBInstanceIdentifier") and record["DBInstanceStatus"] != "creating":
        status = "terminated" if terminated else "replicating" if streaming else "error"
        info = {"StatusType": "read replication", "Normal": status == "replicating", "Status": status}
        told["StatusInfos"] = [info | ({} if info["Normal"] else {"Message": "Streaming replication has stopped."})]
    return told


def standby(record: Mapping[str, Any]) -> str:
    """Name the zone of a Multi-AZ instance's standby: the one it was in before, or the first other one."""
    here = record["AvailabilityZone"]
    zones = {one["SubnetAvailabilityZone"]["Name"] for one in record["DBSubnetGroup"]["Subnets"]} - {here}
    known = record.get(STANDBY)
    return str(known if known in zones else min(zones))


def _now() -> datetime:
    return datetime.fromtimestamp(clock().now(), UTC)


def _subnet_group(name: str) -> dict[str, Any]:
    group: dict[str, Any] | None = rds._subnet_groups.get(name.lower())
    if group is None and name != "default":
        raise RefusedError("DBSubnetGroupNotFoundFault", f"DB subnet group '{name}' does not exist.", 404)
    return group or _default_group()


def _default_group() -> dict[str, Any]:
    """Give the group RDS makes of the default VPC's subnets."""
    ec2._ensure_defaults_initialized()
    vpc = next(one for one in ec2._vpcs.values() if one["IsDefault"])["VpcId"]
    members = [
        {
            "SubnetIdentifier": one["SubnetId"],
            "SubnetAvailabilityZone": {"Name": one["AvailabilityZone"]},
            "SubnetStatus": "Active",
        }
        for one in ec2._subnets.values()
        if one["VpcId"] == vpc
    ]
    return {
        "DBSubnetGroupName": "default",
        "DBSubnetGroupDescription": "default",
        "VpcId": vpc,
        "SubnetGroupStatus": "Complete",
        "Subnets": members,
    }
