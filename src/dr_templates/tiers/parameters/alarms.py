"""When to wake somebody."""

from dr_templates.tiers.parameters.entry import Entry

GROUP = "Alarms"
_GIB = 1024**3

ENTRIES = {
    "AlarmEmail": Entry(
        GROUP,
        "E-mail address",
        "Who is told; empty for nobody yet. The address must confirm the subscription.",
        default="",
        pattern=r"([^@\s]+@[^@\s]+\.[^@\s]+)?",
    ),
    "CpuAlarmPercent": Entry(
        GROUP, "CPU (percent)", "Average over 15 minutes at or above this.", "Number", 80, low=1, high=100
    ),
    "FreeableMemoryAlarmBytes": Entry(
        GROUP, "Freeable memory (bytes)", "Below this for 15 minutes.", "Number", _GIB // 2, low=1
    ),
    "FreeStorageAlarmBytes": Entry(
        GROUP, "Free storage (bytes)", "Below this for 5 minutes.", "Number", 20 * _GIB, low=1
    ),
    "ConnectionsAlarmCount": Entry(
        GROUP,
        "Connections",
        "At or above this for 5 minutes; db.r6g.large allows about 1700.",
        "Number",
        1400,
        low=1,
    ),
    "ReplicaLagAlarmSeconds": Entry(
        GROUP,
        "ReplicaLag (s)",
        "RDS's own figure. It climbs to 300 s on an idle primary, so anything up to that cries wolf (fact A33).",
        "Number",
        600,
        low=301,
    ),
    "HeartbeatAgeAlarmSeconds": Entry(
        GROUP,
        "Heartbeat age (s)",
        "How old the newest row of the primary is, as the probe reads it here. The probe writes one a minute.",
        "Number",
        180,
        low=90,
    ),
    "SlotLagAlarmBytes": Entry(
        GROUP,
        "WAL held for the replica (bytes)",
        "Keep it below max_slot_wal_keep_size: past that the replica has to be built again (fact A34).",
        "Number",
        10 * _GIB,
        low=1,
    ),
    "WalDiskAlarmBytes": Entry(
        GROUP, "WAL on disk (bytes)", "At or above this for 5 minutes (fact A34).", "Number", 20 * _GIB, low=1
    ),
    "LockAgeAlarmSeconds": Entry(
        GROUP,
        "Age of a move's lock (s)",
        "How long a move may take; a promotion takes minutes (fact A26).",
        "Number",
        1800,
        low=300,
        high=86400,
    ),
    "DrillAlarmDays": Entry(
        GROUP,
        "Days since a drill",
        "How long a failover may go untried. Also raised while no drill is on record.",
        "Number",
        90,
        low=1,
        high=3650,
    ),
}
