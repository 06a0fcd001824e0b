"""The sections that name no place: each knows its fields, their bounds and its CloudFormation parameters."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from dr_templates.config import kinds
from dr_templates.config.values import GIB, MIB, MINUTE, true_false, yes_no
from dr_templates.failover.model import Mode, Policy


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Network(_Section):
    """What the VPCs offer."""

    secrets_manager_endpoint: bool = Field(
        default=True,
        description="Interface endpoint for Secrets Manager; without it the password cannot rotate (fact C1).",
    )
    peering: bool = Field(
        default=False,
        description="Peer the two VPCs, for clients that cross regions. Replication does not need it (fact A22).",
    )

    def values(self) -> dict[str, str]:
        """Give the parameters of this section."""
        return {
            "SecretsManagerEndpoint": yes_no(self.secrets_manager_endpoint),
            "Peering": yes_no(self.peering),
        }


class Database(_Section):
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


class Secrets(_Section):
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


class Logs(_Section):
    """Log groups."""

    retention_days: kinds.Retention = Field(default=90, description="Days every log group keeps its events.")

    def values(self) -> dict[str, str]:
        """Give the parameters of this section."""
        return {"LogRetentionDays": str(self.retention_days)}


class Dns(_Section):
    """The name clients use."""

    zone: kinds.Zone = Field(
        description="Private zone of two labels or more, such as orders.internal; clients connect to postgres.<zone>."
    )
    ttl_seconds: int = Field(default=5, ge=1, le=10, description="Seconds a client may keep an answer (fact B11).")

    def values(self) -> dict[str, str]:
        """Give the parameters of this section."""
        return {"ZoneName": self.zone, "RecordTtlSeconds": str(self.ttl_seconds)}


class Alarms(_Section):
    """When to wake whom."""

    email: kinds.Email | None = Field(default=None, description="E-mail address that is told; left out: nobody yet.")
    cpu_percent: int = Field(default=80, ge=1, le=100, description="CPU at or above this, in percent.")
    freeable_memory_mib: int = Field(default=512, ge=64, le=1048576, description="Freeable memory below this, in MiB.")
    free_storage_gib: int = Field(default=20, ge=1, le=65536, description="Free storage below this, in GiB.")
    connections: int = Field(default=1400, ge=1, le=262143, description="Connections at or above this.")
    lag_seconds: int = Field(
        default=600,
        ge=301,
        le=86400,
        description="RDS's ReplicaLag in seconds; up to 300 an idle primary shows too (fact A33).",
    )
    heartbeat_age_seconds: int = Field(
        default=180,
        ge=90,
        le=86400,
        description="Age in seconds of the newest heartbeat; the probe writes one a minute.",
    )
    slot_lag_mib: int = Field(
        default=10240,
        ge=64,
        le=65536 * 1024,
        description="WAL in MiB held for the replica, below what the slot may keep (fact A34).",
    )
    wal_disk_mib: int = Field(
        default=20480, ge=64, le=65536 * 1024, description="WAL on disk at or above this, in MiB (fact A34)."
    )
    lock_age_seconds: int = Field(default=1800, ge=300, le=86400, description="Seconds that a move may take.")
    drill_days: int = Field(
        default=90, ge=1, le=3650, description="Days since the last move or drill that succeeded; none is too long."
    )

    def values(self) -> dict[str, str]:
        """Give the parameters of this section; memory, storage and WAL in bytes, as CloudWatch measures them."""
        return {
            "AlarmEmail": self.email or "",
            "CpuAlarmPercent": str(self.cpu_percent),
            "FreeableMemoryAlarmBytes": str(self.freeable_memory_mib * MIB),
            "FreeStorageAlarmBytes": str(self.free_storage_gib * GIB),
            "ConnectionsAlarmCount": str(self.connections),
            "ReplicaLagAlarmSeconds": str(self.lag_seconds),
            "HeartbeatAgeAlarmSeconds": str(self.heartbeat_age_seconds),
            "SlotLagAlarmBytes": str(self.slot_lag_mib * MIB),
            "WalDiskAlarmBytes": str(self.wal_disk_mib * MIB),
            "LockAgeAlarmSeconds": str(self.lock_age_seconds),
            "DrillAlarmDays": str(self.drill_days),
        }


class Failover(_Section):
    """What the failover may do by itself, and how long it waits."""

    mode: kinds.Mode = Field(
        default="approve",
        description="When a site is lost: automatic moves, approve shuts it and waits for a person, off only tells.",
    )
    patience_seconds: int = Field(
        default=180,
        ge=121,
        le=3600,
        description="Seconds all witnesses must agree, above a Multi-AZ failover's 120; lease and margin or more.",
    )
    lease_seconds: int = Field(
        default=60, ge=60, le=300, description="Seconds after which a site that reaches no other place shuts itself."
    )
    margin_seconds: int = Field(
        default=15, ge=10, le=120, description="Seconds beyond the lease before others count on it."
    )
    drain_seconds: int = Field(
        default=60, ge=10, le=600, description="Seconds a planned move may hold writes up before it is called off."
    )
    rpo_seconds: int = Field(
        default=600, ge=90, le=86400, description="More loss than this, in seconds, needs a person."
    )
    cooldown_minutes: int = Field(default=60, ge=0, le=1440, description="Minutes without a move by itself after one.")

    def values(self) -> dict[str, str]:
        """Give the parameters of this section, all in seconds."""
        return {
            "FailoverMode": self.mode,
            "PatienceSeconds": str(self.patience_seconds),
            "LeaseSeconds": str(self.lease_seconds),
            "MarginSeconds": str(self.margin_seconds),
            "DrainSeconds": str(self.drain_seconds),
            "RpoSeconds": str(self.rpo_seconds),
            "CooldownSeconds": str(self.cooldown_minutes * MINUTE),
        }

    def policy(self, backup_days: int) -> Policy:
        """Give what the brain is allowed; ``backup_days`` is how long backups of a promoted instance are kept."""
        return Policy(
            mode=Mode(self.mode),
            patience=self.patience_seconds,
            lease=self.lease_seconds,
            margin=self.margin_seconds,
            drain=self.drain_seconds,
            rpo=self.rpo_seconds,
            cooldown=self.cooldown_minutes * MINUTE,
            backup_days=backup_days,
        )


class Protection(_Section):
    """What becomes of data when a stack goes."""

    deletion_protection: bool = Field(
        default=True, description="RDS refuses to delete the instance while this is true."
    )
    termination_protection: bool = Field(
        default=True,
        description="Whether `drctl parameters` tells the command that keeps the stack, once it stands, from deletion.",
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
        """Give the parameters of this section; termination protection is an option of the stack, not a parameter."""
        return {
            "DeletionProtection": true_false(self.deletion_protection),
            "DatabaseDeletionPolicy": self.database_deletion_policy,
            "DataDeletionPolicy": self.data_deletion_policy,
            "KeyDeletionWindowDays": str(self.key_deletion_window_days),
        }
