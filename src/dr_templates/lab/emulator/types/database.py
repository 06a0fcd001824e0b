"""The RDS instance as CloudFormation handles it: create, replicate, promote, and what is only set afterwards."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ministack.core.responses import get_region

from dr_templates.aws.clients import AWS_ERRORS, forgiven
from dr_templates.lab.emulator.changes.replacement import NotUpdatable
from dr_templates.lab.emulator.types.handler import Handler, Made, Properties, arn, client, name, true
from dr_templates.lab.emulator.types.wire import RefusedError

INSTANCE = "AWS::RDS::DBInstance"
SOURCE = "SourceDBInstanceIdentifier"
BOOLEANS = (
    *("MultiAZ", "StorageEncrypted", "CopyTagsToSnapshot", "DeletionProtection", "AutoMinorVersionUpgrade"),
    *("PubliclyAccessible", "EnablePerformanceInsights", "EnableIAMDatabaseAuthentication"),
)
NUMBERS = (
    *("AllocatedStorage", "BackupRetentionPeriod", "MonitoringInterval", "MaxAllocatedStorage", "Port", "Iops"),
    *("StorageThroughput", "PerformanceInsightsRetentionPeriod"),
)
WORDS = (
    *("DBInstanceIdentifier", "Engine", "EngineVersion", "EngineLifecycleSupport", "DBInstanceClass", "MasterUsername"),
    *("MasterUserPassword", "DBName", "StorageType", "KmsKeyId", "DBSubnetGroupName", "DBParameterGroupName"),
    *("MonitoringRoleArn", "PreferredBackupWindow", "PreferredMaintenanceWindow", "AvailabilityZone"),
    *(
        "PerformanceInsightsKMSKeyId",
        "CACertificateIdentifier",
        "NetworkType",
        "SourceDBInstanceIdentifier",
        "SourceRegion",
    ),
)
LISTS = {"VPCSecurityGroups": "VpcSecurityGroupIds", "EnableCloudwatchLogsExports": "EnableCloudwatchLogsExports"}
EXCLUDED = ("CharacterSetName", "MasterUserPassword", "MasterUsername", "StorageEncrypted")
"""What a template may not give beside a source (fact A2)."""
NOT_FOR_REPLICAS = ("AllocatedStorage", "DBName", "Engine", "EngineLifecycleSupport")
AFTERWARDS = (
    *("DBParameterGroupName", "CACertificateIdentifier", "EngineVersion", "PreferredMaintenanceWindow"),
    *("MaxAllocatedStorage", "BackupRetentionPeriod", "PreferredBackupWindow"),
)
"""What a replica is given once it is there (facts A6, A9, A10)."""
CHANGEABLE = (
    *("AllocatedStorage", "AutoMinorVersionUpgrade", "BackupRetentionPeriod", "CACertificateIdentifier"),
    *("CopyTagsToSnapshot", "DBInstanceClass", "DBParameterGroupName", "DeletionProtection"),
    *("EnableIAMDatabaseAuthentication", "EnablePerformanceInsights", "EngineVersion", "Iops", "MasterUserPassword"),
    *("MaxAllocatedStorage", "MonitoringInterval", "MonitoringRoleArn", "MultiAZ", "PerformanceInsightsKMSKeyId"),
    *("PerformanceInsightsRetentionPeriod", "PreferredBackupWindow", "PreferredMaintenanceWindow"),
    *("PubliclyAccessible", "StorageThroughput", "StorageType", "VpcSecurityGroupIds"),
)
IMMUTABLE = "Resource is immutable"
MAJOR = "AllowMajorVersionUpgrade"
REPLICATION = "AutomaticBackupReplication"
REPLICATED = ("Region", "KmsKeyId", "RetentionPeriod")
KNOWN = {*BOOLEANS, *NUMBERS, *WORDS, *LISTS, *(f"{REPLICATION}{part}" for part in REPLICATED)}
KNOWN |= {MAJOR, "ApplyImmediately", "DeleteAutomatedBackups", "Tags"}
PAUSE_SECONDS = 0.05
LONGEST_SECONDS = 600.0


def _make(logical_id: str, properties: Properties, stack: str) -> Made:
    """Order it, wait for it, and set the rest; what does not come to be is removed again, as a rollback would."""
    request = _request(properties)
    request.setdefault("DBInstanceIdentifier", name(stack, logical_id, lowercase=True, longest=63))
    identifier, calls = request["DBInstanceIdentifier"], client("rds")
    later: dict[str, Any] = {}
    if SOURCE in properties:
        _refuse_excluded(properties)
        later = {one: request.pop(one) for one in AFTERWARDS if one in request}
        order = {one: value for one, value in request.items() if one not in NOT_FOR_REPLICAS}
        calls.create_db_instance_read_replica(**order)
    else:
        calls.create_db_instance(**request)
    try:
        _await(identifier)
        _set_later(identifier, later)
        _replicate_backups(identifier, {}, properties)
    except (RefusedError, *AWS_ERRORS):
        with forgiven("InvalidParameterCombination"):  # what is protected stays
            _remove(identifier, properties)
        raise
    return _told(identifier)


def _set_later(identifier: str, later: Mapping[str, Any]) -> None:
    """Set what a replica is given once it is there, and reboot it for its parameter group."""
    calls = client("rds")
    if later:
        calls.modify_db_instance(DBInstanceIdentifier=identifier, ApplyImmediately=True, **later)
        _await(identifier)
    if "DBParameterGroupName" in later:
        calls.reboot_db_instance(DBInstanceIdentifier=identifier)
        _await(identifier)


def _change(identifier: str, old: Properties, new: Properties, _stack: str, _logical_id: str) -> Made:
    """Promote where the source is gone from the template; another source is another instance (facts A15, A16, A17)."""
    calls = client("rds")
    if SOURCE in new and old.get(SOURCE) != new[SOURCE]:
        raise NotUpdatable(IMMUTABLE)
    if SOURCE in old and SOURCE not in new:
        given = {one: int(new[one]) for one in ("BackupRetentionPeriod",) if one in new}
        calls.promote_read_replica(DBInstanceIdentifier=identifier, **given)
        _await(identifier)
    before, after = _request(old), _request(new)
    changes = {one: after[one] for one in CHANGEABLE if one in after and before.get(one) != after[one]}
    if "EngineVersion" in changes:
        changes[MAJOR] = true(new.get(MAJOR, False))
    exports = "EnableCloudwatchLogsExports"
    if before.get(exports) != after.get(exports):
        had, has = set(before.get(exports, ())), set(after.get(exports, ()))
        types = {"EnableLogTypes": sorted(has - had), "DisableLogTypes": sorted(had - has)}
        changes["CloudwatchLogsExportConfiguration"] = types
    if changes:
        calls.modify_db_instance(DBInstanceIdentifier=identifier, ApplyImmediately=True, **changes)
        _await(identifier)
    if old.get("DBParameterGroupName") != new.get("DBParameterGroupName"):
        calls.reboot_db_instance(DBInstanceIdentifier=identifier)
        _await(identifier)
    if old.get("Tags") != new.get("Tags"):
        gone = {tag["Key"] for tag in old.get("Tags", ())} - {tag["Key"] for tag in new.get("Tags", ())}
        named = arn("rds", f"db:{identifier}")
        calls.remove_tags_from_resource(ResourceName=named, TagKeys=sorted(gone))
        calls.add_tags_to_resource(ResourceName=named, Tags=list(new.get("Tags", ())))
    _replicate_backups(identifier, old, new)
    return _told(identifier)


def _remove(identifier: str, properties: Properties) -> None:
    """Delete it; the last snapshot, where there is to be one, has been made before."""
    calls = client("rds")
    with forgiven("DBInstanceNotFound"):
        _await(identifier, ("available", "stopped", "failed"))
        _replicate_backups(identifier, properties, {})
        calls.delete_db_instance(
            DBInstanceIdentifier=identifier,
            SkipFinalSnapshot=True,
            DeleteAutomatedBackups=true(properties.get("DeleteAutomatedBackups", True)),
        )
        _await(identifier, ())


def _snapshot(identifier: str, _properties: Properties) -> None:
    """Save the instance, unless it is a replica just now (fact A18)."""
    calls = client("rds")
    with forgiven("DBInstanceNotFound"):
        found = calls.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"][0]
        if not found.get("ReadReplicaSourceDBInstanceIdentifier"):
            snapshot = f"{identifier}-final-{int(time.time())}"
            calls.create_db_snapshot(DBInstanceIdentifier=identifier, DBSnapshotIdentifier=snapshot)


def _request(properties: Properties) -> dict[str, Any]:
    """Read a template's properties as the API takes them. Raises RefusedError for one that would be passed over."""
    if unknown := sorted(set(properties) - KNOWN):
        raise RefusedError("NotSupported", f"The lab's DB instances have no {', '.join(unknown)}")
    request: dict[str, Any] = {one: true(properties[one]) for one in BOOLEANS if one in properties}
    request |= {one: int(properties[one]) for one in NUMBERS if properties.get(one) not in (None, "")}
    request |= {one: str(properties[one]) for one in WORDS if properties.get(one) not in (None, "")}
    request |= {there: list(properties[here]) for here, there in LISTS.items() if here in properties}
    return request | ({"Tags": list(properties["Tags"])} if properties.get("Tags") else {})


def _refuse_excluded(properties: Properties) -> None:
    found = [one for one in EXCLUDED if one in properties]
    if found:
        words = f"Properties validation failed: {', '.join(found)} may not be given together with {SOURCE}"
        raise RefusedError("ValidationError", words)


def _replicate_backups(identifier: str, old: Properties, new: Properties) -> None:
    """Have backups copied to another region, and no longer to the one before (fact A37)."""
    before, after = old.get(f"{REPLICATION}Region"), new.get(f"{REPLICATION}Region")
    source = arn("rds", f"db:{identifier}")
    if all(old.get(f"{REPLICATION}{part}") == new.get(f"{REPLICATION}{part}") for part in REPLICATED):
        return
    if before:
        with forgiven("InvalidDBInstanceState", "DBInstanceNotFound"):
            client("rds", before).stop_db_instance_automated_backups_replication(SourceDBInstanceArn=source)
    if after:
        order: dict[str, Any] = {"SourceDBInstanceArn": source, "SourceRegion": get_region()}
        if kms := new.get(f"{REPLICATION}KmsKeyId"):
            order["KmsKeyId"] = kms
        if days := new.get(f"{REPLICATION}RetentionPeriod"):
            order["BackupRetentionPeriod"] = int(days)
        client("rds", after).start_db_instance_automated_backups_replication(**order)


def _await(identifier: str, settled: tuple[str, ...] = ("available", "stopped")) -> None:
    """Wait until RDS is no longer at work on the instance, or with nothing ``settled`` until it is gone.

    Raises RefusedError when it failed, or does not end.
    """
    until = time.monotonic() + LONGEST_SECONDS
    status = ""
    while time.monotonic() < until:
        found = client("rds").describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"][0]
        status = found["DBInstanceStatus"]
        if status in settled:
            return
        if status == "failed":
            break
        time.sleep(PAUSE_SECONDS)
    words = f"DB instance {identifier} is {status}, and did not become {' or '.join(settled) or 'deleted'}."
    raise RefusedError("NotStabilized", words)


def _told(identifier: str) -> Made:
    found = client("rds").describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"][0]
    names = ("DBInstanceArn", "DbiResourceId", "DBInstanceStatus", "ReadReplicaDBInstanceIdentifiers")
    attributes = {one: found.get(one) for one in names}
    attributes |= {f"Endpoint.{part}": str(value) for part, value in found["Endpoint"].items()}
    return identifier, attributes


TYPES: Mapping[str, Handler] = {INSTANCE: Handler(_make, _change, _remove, _snapshot)}
