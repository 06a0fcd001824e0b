"""The database: alike at both sites, because the replica is tomorrow's primary."""

from dr_templates.tiers.parameters.entry import Entry
from dr_templates.topology import ENGINE_VERSIONS

GROUP = "Database"
BACKUP = "Backups"
SECRETS = "Secrets"
_TIME = r"([01]\d|2[0-3]):[0-5]\d"
_DAY = "(mon|tue|wed|thu|fri|sat|sun)"

ENTRIES = {
    "EngineVersion": Entry(
        GROUP,
        "PostgreSQL version",
        "A version RDS still creates in both regions (facts A46 and A47).",
        default="15.19",
        allowed=tuple(ENGINE_VERSIONS),
    ),
    "InstanceClass": Entry(
        GROUP,
        "Instance class",
        "The same at both sites: after a failover the replica carries the whole load (fact A35).",
        default="db.r6g.large",
        pattern=r"db\.[a-z0-9-]+\.[a-z0-9]+",
    ),
    "AllocatedStorageGib": Entry(
        GROUP, "Storage (GiB)", "gp3 storage the primary starts with.", "Number", 100, low=20, high=65536
    ),
    "MaxAllocatedStorageGib": Entry(
        GROUP,
        "Storage autoscaling cap (GiB)",
        "The same at both sites, or the primary outgrows the replica and replication stops (fact A35).",
        "Number",
        500,
        low=22,
        high=65536,
    ),
    "MultiAz": Entry(
        GROUP,
        "Multi-AZ",
        "A standby in a second zone, at both sites (fact A8).",
        default="true",
        allowed=("true", "false"),
    ),
    "DatabaseName": Entry(
        GROUP, "Database name", "The first database on the instance.", default="app", pattern="[a-z][a-z0-9_]{0,62}"
    ),
    "MasterUsername": Entry(
        GROUP,
        "Master user",
        "The administrator RDS creates; its password is generated and never leaves Secrets Manager.",
        default="dbadmin",
        pattern="[a-z][a-z0-9_]{0,15}",
    ),
    "LogStatement": Entry(
        GROUP,
        "log_statement",
        "Which statements go to the PostgreSQL log.",
        default="ddl",
        allowed=("none", "ddl", "mod", "all"),
    ),
    "MaxSlotWalKeepMib": Entry(
        GROUP,
        "max_slot_wal_keep_size (MiB)",
        "How much WAL a silent replica may hold back before it is dropped rather than fill the primary's disk "
        "(fact A34).",
        "Number",
        20480,
        low=1024,
        high=2147483647,
    ),
    "WalRetrieveRetryMs": Entry(
        GROUP,
        "wal_retrieve_retry_interval (ms)",
        "Empty leaves the 5 seconds of PostgreSQL. Set it only after RDS has shown the parameter as modifiable for "
        "your version: a parameter group with one that is not fails the stack.",
        default="",
        pattern=r"([1-9]\d{0,4})?",
    ),
    "MonitoringIntervalSeconds": Entry(
        GROUP,
        "Enhanced Monitoring interval (s)",
        "How often the operating system's figures are taken.",
        "Number",
        60,
        allowed=(1, 5, 10, 15, 30, 60),
    ),
    "MaintenanceWindow": Entry(
        GROUP,
        "Maintenance window (UTC)",
        "ddd:hh:mm-ddd:hh:mm, clear of the backup window.",
        default="sun:05:00-sun:06:00",
        pattern=f"{_DAY}:{_TIME}-{_DAY}:{_TIME}",
    ),
    "BackupRetentionDays": Entry(
        BACKUP,
        "Backup retention (days)",
        "At least 1: without backups an instance cannot be the source of a replica.",
        "Number",
        14,
        low=1,
        high=35,
    ),
    "BackupWindow": Entry(
        BACKUP,
        "Backup window (UTC)",
        "hh:mm-hh:mm, at least 30 minutes, clear of the maintenance window.",
        default="03:00-04:00",
        pattern=f"{_TIME}-{_TIME}",
    ),
    "ReplicatedBackupRetentionDays": Entry(
        BACKUP,
        "Replicated backup retention (days)",
        "Backups copied to the other region: the only cure for what a replica copies faithfully, such as DROP TABLE "
        "(fact A37). 0 turns them off.",
        "Number",
        14,
        low=0,
        high=35,
    ),
    "RotationDays": Entry(
        SECRETS,
        "Password rotation (days)",
        "How often the master password changes; 0 turns rotation off. Needs the Secrets Manager endpoint.",
        "Number",
        30,
        low=0,
        high=365,
    ),
    "SecretAtHome": Entry(
        SECRETS,
        "Secret at home",
        "Whether this region holds the secret itself and not its replica, which cannot be rotated (fact A40).",
        allowed=("yes", "no"),
    ),
}
