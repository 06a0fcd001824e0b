"""The sections about the data: the database, its password, and what becomes of both when a stack goes."""

from typing import Literal

from pydantic import Field

from dr_templates.config import kinds
from dr_templates.config.sections import Section
from dr_templates.config.values import true_false


class Database(Section):
    """The database, alike at both sites: the replica is tomorrow's primary (fact A35)."""

    engine_version: kinds.EngineVersion = Field(
        default="15.19", description="PostgreSQL version, in quotes: one RDS still creates (fact A47)."
    )
    instance_class: kinds.InstanceClass = Field(
        default="db.r6g.large", description="Instance class such as db.r6g.large; both regions must offer it."
    )
    allocated_storage_gib: int = Field(default=100, ge=20, le=65536, description="gp3 storage to begin with, in GiB.")
    max_allocated_storage_gib: int = Field(
        default=500,
        ge=22,
        le=65536,
        description="Cap of storage autoscaling in GiB, at least 10 % above the allocated storage.",
    )
    multi_az: bool = Field(default=True, description="A second instance in another zone, at both sites (fact A8).")
    database_name: kinds.DatabaseName = Field(
        default="app",
        description="First database: 1 to 63 of a-z, 0-9 and _, starting with a letter, no reserved word.",
    )
    master_username: kinds.Username = Field(
        default="dbadmin",
        description="Administrator: 1 to 16 of a-z, 0-9 and _, starting with a letter, no reserved word.",
    )
    backup_retention_days: int = Field(
        default=14, ge=1, le=35, description="Days automated backups are kept; a replica's source must have them."
    )
    backup_window: kinds.DailyWindow = Field(
        default="03:00-04:00", description="Daily backup window, hh:mm-hh:mm in UTC, clear of the maintenance window."
    )
    maintenance_window: kinds.WeeklyWindow = Field(
        default="sun:05:00-sun:06:00", description="Weekly maintenance window, ddd:hh:mm-ddd:hh:mm in UTC."
    )
    replicated_backup_retention_days: int = Field(
        default=14, ge=0, le=35, description="Days backups copied to the other region are kept; 0 for none (fact A37)."
    )
    log_statement: kinds.LogStatement = Field(default="ddl", description="Statements written to the PostgreSQL log.")
    max_slot_wal_keep_mib: int = Field(
        default=20480,
        ge=1024,
        le=65536 * 1024,
        description="WAL in MiB a silent replica may hold back before it is dropped (fact A34).",
    )
    wal_retrieve_retry_ms: int | None = Field(
        default=None,
        ge=1,
        le=99999,
        description="wal_retrieve_retry_interval in milliseconds; left out: as RDS sets it.",
    )
    monitoring_interval_seconds: kinds.Interval = Field(
        default=60, description="Seconds between Enhanced Monitoring figures."
    )

    def values(self) -> dict[str, str]:
        """Give the parameters of this section."""
        retry = self.wal_retrieve_retry_ms
        return {
            "EngineVersion": self.engine_version,
            "InstanceClass": self.instance_class,
            "AllocatedStorageGib": str(self.allocated_storage_gib),
            "MaxAllocatedStorageGib": str(self.max_allocated_storage_gib),
            "MultiAz": true_false(self.multi_az),
            "DatabaseName": self.database_name,
            "MasterUsername": self.master_username,
            "BackupRetentionDays": str(self.backup_retention_days),
            "BackupWindow": self.backup_window,
            "MaintenanceWindow": self.maintenance_window,
            "ReplicatedBackupRetentionDays": str(self.replicated_backup_retention_days),
            "LogStatement": self.log_statement,
            "MaxSlotWalKeepMib": str(self.max_slot_wal_keep_mib),
            "WalRetrieveRetryMs": "" if retry is None else str(retry),
            "MonitoringIntervalSeconds": str(self.monitoring_interval_seconds),
        }


class Secrets(Section):
    """The master password."""

    rotation_days: int = Field(
        default=30,
        ge=0,
        le=365,
        description="Days between password changes; 0 for never. Needs the Secrets Manager endpoint.",
    )

    def values(self) -> dict[str, str]:
        """Give the parameters of this section."""
        return {"RotationDays": str(self.rotation_days)}


class Protection(Section):
    """What becomes of data when a stack goes."""

    deletion_protection: bool = Field(
        default=True, description="RDS refuses to delete the instance while this is true."
    )
    termination_protection: bool = Field(
        default=True,
        description="CloudFormation refuses to delete the root stacks while this is true; `drctl deploy` sets it, and "
        "`drctl parameters` tells the command for it.",
    )
    stack_policy: bool = Field(
        default=True,
        description="Updates of the stacks may not replace or delete a database, subnet group, key or secret; "
        "`drctl deploy` sets it.",
    )
    database_deletion_policy: Literal["Snapshot", "Retain", "Delete"] = Field(
        default="Snapshot", description="What becomes of the database when it leaves its stack (fact A18)."
    )
    data_deletion_policy: Literal["Retain", "Delete"] = Field(
        default="Retain",
        description="What becomes of keys, secrets and logs: a snapshot is worth nothing without its key.",
    )
    key_deletion_window_days: int = Field(
        default=30, ge=7, le=30, description="Days the deletion of a KMS key can be cancelled."
    )

    def values(self) -> dict[str, str]:
        """Give the parameters of this section; the two about stacks are options of them, no parameters."""
        return {
            "DeletionProtection": true_false(self.deletion_protection),
            "DatabaseDeletionPolicy": self.database_deletion_policy,
            "DataDeletionPolicy": self.data_deletion_policy,
            "KeyDeletionWindowDays": str(self.key_deletion_window_days),
        }
