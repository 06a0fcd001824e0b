"""What RDS refuses, in its own codes and words: pure checks of a request against what is there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from dr_templates.lab.emulator.types.wire import RefusedError

Record = Mapping[str, Any]
AVAILABLE = "available"
STORAGE_FULL = "storage-full"
LEAST_ZONES = 2
SHORTEST_PASSWORD = 8
LONGEST_RETENTION = 35
FORBIDDEN_IN_PASSWORDS = '/"@ '
NO_BACKUPS = (
    "Automated backups are not enabled for this database instance. To enable automated backups, use ModifyDBInstance "
    "to set the backup retention period to a non-zero value."
)


def subnet_group(zones: Collection[str]) -> None:
    """Refuse a subnet group that spans fewer than two availability zones."""
    if len(set(zones)) < LEAST_ZONES:
        words = (
            f"The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: "
            f"{', '.join(sorted(set(zones)))}. Add subnets to cover at least {LEAST_ZONES} AZs."
        )
        raise RefusedError("DBSubnetGroupDoesNotCoverEnoughAZs", words)


def new_identifier(identifier: str, taken: Collection[str]) -> None:
    """Refuse an identifier that an instance of this region has."""
    if identifier in taken:
        raise RefusedError("DBInstanceAlreadyExists", "DB instance already exists")


def version(text: str | None, creatable: Collection[str]) -> None:
    """Refuse a version that cannot be created, or no longer (fact A47)."""
    if text is not None and text not in creatable:
        raise RefusedError("InvalidParameterCombination", f"Cannot find version {text} for postgres")


def upgrade(record: Record, request: Record) -> None:
    """Refuse a step back to an older version, and one to another major that is not asked for as such."""
    now, wanted = record["EngineVersion"], request.get("EngineVersion", record["EngineVersion"])
    before, after = ([int(part) for part in one.split(".")] for one in (now, wanted))
    if after < before:
        raise RefusedError("InvalidParameterCombination", f"Cannot upgrade postgres from {now} to {wanted}")
    if after[0] != before[0] and not request.get("AllowMajorVersionUpgrade"):
        words = "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version."
        raise RefusedError("InvalidParameterCombination", words)


def retention(record: Record, request: Record) -> None:
    """Refuse days for backups out of the range, and to end those of an instance that has replicas (fact A25)."""
    days = request.get("BackupRetentionPeriod")
    if days is None:
        return
    if not 0 <= days <= LONGEST_RETENTION:
        words = f"Invalid backup retention period: {days}. Retention period must be between 0 and {LONGEST_RETENTION}"
        raise RefusedError("InvalidParameterValue", words)
    if not days and record["ReadReplicaDBInstanceIdentifiers"]:
        words = "Backups of an instance that is a source of read replicas cannot be ended"
        raise RefusedError("InvalidParameterCombination", f"{words}: the retention period must not be 0.")


def reboot(record: Record, request: Record) -> None:
    """Refuse to reboot an instance that RDS is at work on, and a failover to a second one that is not there."""
    at_rest(record)
    if request.get("ForceFailover") and not record["MultiAZ"]:
        words = "Cannot request a forced failover of a DB instance that is not configured for Multi-AZ."
        raise RefusedError("InvalidParameterCombination", words)


def password(text: str) -> None:
    """Refuse a master password that RDS for PostgreSQL would not take."""
    if len(text) < SHORTEST_PASSWORD:
        words = "The parameter MasterUserPassword is not a valid password because it is shorter than 8 characters."
        raise RefusedError("InvalidParameterValue", words)
    if any(letter in FORBIDDEN_IN_PASSWORDS for letter in text):
        words = "Only printable ASCII characters besides '/', '@', '\"', ' ' may be used."
        raise RefusedError(
            "InvalidParameterValue", f"The parameter MasterUserPassword is not a valid password. {words}"
        )


def monitoring(request: Record) -> None:
    """Refuse Enhanced Monitoring without the role it needs."""
    if request.get("MonitoringInterval") and not request.get("MonitoringRoleArn"):
        words = "A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0."
        raise RefusedError("InvalidParameterCombination", words)


def parameter_group(group: Record | None, name: str, version: str) -> None:
    """Refuse a parameter group that is not there, or of another family than the engine's."""
    if group is None:
        raise RefusedError("DBParameterGroupNotFound", f"DBParameterGroup not found: {name}", 404)
    family = f"postgres{version.partition('.')[0]}"
    if group["DBParameterGroupFamily"] != family:
        words = (
            f"The Parameter Group {name} with DBParameterGroupFamily {group['DBParameterGroupFamily']} can't be used "
            f"for this instance. Please use a Parameter Group with DBParameterGroupFamily {family}."
        )
        raise RefusedError("InvalidParameterCombination", words)


def security_group(group: Record | None, name: str, vpc: str) -> None:
    """Refuse a security group that is not there, or of another VPC than the subnets'."""
    if group is None:
        words = f"Invalid security group , groupId= {name}, groupName=."
        raise RefusedError("InvalidParameterValue", words)
    if group["VpcId"] != vpc:
        words = (
            f"The DB instance and EC2 security group are in different VPCs. The DB instance is in {vpc} and the EC2 "
            f"security group is in {group['VpcId']}"
        )
        raise RefusedError("InvalidVPCNetworkStateFault", words)


def key(found: Record | None, name: str) -> None:
    """Refuse a KMS key that is not in this region, or not enabled."""
    if found is None or found.get("KeyState") != "Enabled":
        words = (
            f"The specified KMS key [{name}] does not exist, is not enabled or you do not have permissions to access it"
        )
        raise RefusedError("KMSKeyNotAccessibleFault", f"{words}.")


def source(found: Record) -> None:
    """Refuse a source that a replica cannot be made of: at work, or without backups (facts A1, A6)."""
    if found["DBInstanceStatus"] != AVAILABLE:
        words = f"Cannot create a read replica: instance {found['DBInstanceIdentifier']} is not in available state."
        raise RefusedError("InvalidDBInstanceState", words)
    if not found["BackupRetentionPeriod"] and not found.get("ReadReplicaSourceDBInstanceIdentifier"):
        raise RefusedError("InvalidDBInstanceState", NO_BACKUPS)


def replica(request: Record, found: Record, *, across: bool) -> None:
    """Refuse what a replica cannot be given: a key that does not fit, or a parameter group (facts A1, A9)."""
    given, encrypted = request.get("KmsKeyId"), found["StorageEncrypted"]
    if across and encrypted and not given:
        words = (
            "Cannot create a cross region read replica from encrypted source DB instance without specifying KmsKeyId."
        )
        raise RefusedError("InvalidParameterCombination", words)
    if given and not encrypted:
        words = "You cannot create an encrypted Read Replica from an unencrypted DB instance."
        raise RefusedError("InvalidParameterCombination", words)
    if across and request.get("DBParameterGroupName"):
        words = (
            "A parameter group can't be specified during Read Replica creation for the following DB engine: postgres"
        )
        raise RefusedError("InvalidParameterCombination", words)


def promotion(record: Record) -> None:
    """Refuse to promote what is no replica, twice included, or not at rest (facts A16, A25)."""
    if not record.get("ReadReplicaSourceDBInstanceIdentifier"):
        raise RefusedError("InvalidDBInstanceState", "DB Instance is not a read replica.")
    at_rest(record)


def at_rest(record: Record) -> None:
    """Refuse to change an instance that RDS is at work on."""
    if record["DBInstanceStatus"] != AVAILABLE:
        words = f"Instance {record['DBInstanceIdentifier']} is not in available state."
        raise RefusedError("InvalidDBInstanceState", words)


def change(record: Record, request: Record) -> None:
    """Refuse to change an instance that RDS is at work on; one whose storage is full must be given more, and now."""
    if record["DBInstanceStatus"] != STORAGE_FULL:
        at_rest(record)
    elif request.get("AllocatedStorage", 0) <= record["AllocatedStorage"] or not request.get("ApplyImmediately"):
        words = f"Instance {record['DBInstanceIdentifier']} is in storage-full state: allocate additional storage first"
        raise RefusedError("InvalidDBInstanceState", f"{words}, with ApplyImmediately.")


def stop(record: Record) -> None:
    """Refuse to stop an instance that has or is a replica (fact A48)."""
    at_rest(record)
    if record["ReadReplicaDBInstanceIdentifiers"] or record.get("ReadReplicaSourceDBInstanceIdentifier"):
        kind = "is" if record.get("ReadReplicaSourceDBInstanceIdentifier") else "has"
        words = f"Cannot stop DB Instance {record['DBInstanceIdentifier']} because it {kind} a read replica."
        raise RefusedError("InvalidDBInstanceState", words)


def deletion(record: Record, request: Record, snapshots: Collection[str]) -> None:
    """Refuse to delete what is protected, and a last snapshot that cannot be (fact A18)."""
    if record["DeletionProtection"]:
        words = "Cannot delete protected DB Instance, please disable deletion protection and try again."
        raise RefusedError("InvalidParameterCombination", words)
    if record["DBInstanceStatus"] == "deleting":
        words = f"Instance {record['DBInstanceIdentifier']} is already being deleted."
        raise RefusedError("InvalidDBInstanceState", words)
    last, skip = request.get("FinalDBSnapshotIdentifier"), request.get("SkipFinalSnapshot")
    if last and record.get("ReadReplicaSourceDBInstanceIdentifier"):
        words = "FinalDBSnapshotIdentifier can not be specified when deleting a replica instance"
        raise RefusedError("InvalidParameterCombination", words)
    if last and skip:
        words = "FinalDBSnapshotIdentifier can not be specified when SkipFinalSnapshot is."
        raise RefusedError("InvalidParameterCombination", words)
    if not skip and not last:
        words = "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified."
        raise RefusedError("InvalidParameterCombination", words)
    if last in snapshots:
        words = f"Cannot create the snapshot because a snapshot with the identifier {last} already exists."
        raise RefusedError("DBSnapshotAlreadyExists", words)
