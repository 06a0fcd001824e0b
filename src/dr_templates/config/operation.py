"""The sections about what is done when something is wrong: who is told, and what moves by itself."""

from pydantic import Field

from dr_templates.config import kinds
from dr_templates.config.sections import Section
from dr_templates.config.values import GIB, MIB, MINUTE
from dr_templates.failover.model import Mode, Policy


class Alarms(Section):
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


class Failover(Section):
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
