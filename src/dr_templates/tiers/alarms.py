"""The table of alarms: what is watched at a site, when it wakes somebody, and what that means."""

from collections.abc import Sequence
from typing import NamedTuple

from troposphere import Ref, Sub, Template, cloudwatch

from dr_templates.tiers import sheet


class Source(NamedTuple):
    """Where a metric comes from."""

    namespace: str
    dimensions: tuple[tuple[str, object], ...]


class Alarm(NamedTuple):
    """One alarm; ``threshold`` is a number or the name of a parameter, ``minutes`` how long it must hold."""

    logical: str
    purpose: str
    source: Source
    metric: str
    statistic: str
    comparison: str
    threshold: str | int
    minutes: int
    missing: str
    means: str


NAMESPACE = "DatabaseRecovery"
"""Where the probes and the failover publish what they measure."""

DATABASE = Source("AWS/RDS", (("DBInstanceIdentifier", Ref("DatabaseIdentifier")),))
PROBE = Source(NAMESPACE, (("Environment", Sub("${Name}-${EnvironmentSuffix}")), ("Site", Ref("SiteName"))))
PROBE_FUNCTION = Source("AWS/Lambda", (("FunctionName", Ref("ProbeFunctionName")),))
ROTATION_FUNCTION = Source("AWS/Lambda", (("FunctionName", Ref("RotationFunctionName")),))
WATCHDOG_FUNCTION = Source("AWS/Lambda", (("FunctionName", Ref("WatchdogFunctionName")),))

OVER = "GreaterThanOrEqualToThreshold"
UNDER = "LessThanThreshold"
QUIET = "notBreaching"
BREACHING = "breaching"

ALARMS = (
    Alarm("Cpu", "cpu", DATABASE, "CPUUtilization", "Average", OVER, "CpuAlarmPercent", 15, QUIET, "CPU is busy"),
    Alarm(
        "Memory", "memory", DATABASE, "FreeableMemory", "Average", UNDER, "FreeableMemoryAlarmBytes", 15, QUIET,
        "memory is running out",
    ),
    Alarm(
        "Storage", "storage", DATABASE, "FreeStorageSpace", "Minimum", UNDER, "FreeStorageAlarmBytes", 5, QUIET,
        "storage is running out",
    ),
    Alarm(
        "Connections", "connections", DATABASE, "DatabaseConnections", "Maximum", OVER, "ConnectionsAlarmCount", 5,
        QUIET, "connections are running out",
    ),
    Alarm(
        "ReplicaLag", "replica-lag", DATABASE, "ReplicaLag", "Average", OVER, "ReplicaLagAlarmSeconds", 5, QUIET,
        "the replica is behind by RDS's own figure; a primary has none",
    ),
    Alarm(
        "ReplicaLagUnknown", "replica-lag-unknown", DATABASE, "ReplicaLag", "Maximum", UNDER, 0, 5, QUIET,
        "RDS reports a lag of -1: replication is broken or being set up",
    ),
    Alarm(
        "Heartbeat", "heartbeat", PROBE, "HeartbeatAgeSeconds", "Minimum", OVER, "HeartbeatAgeAlarmSeconds", 3, QUIET,
        "the newest row of the primary is old here: this much would be lost",
    ),
    Alarm(
        "SlotLag", "slot-lag", DATABASE, "OldestReplicationSlotLag", "Maximum", OVER, "SlotLagAlarmBytes", 5, QUIET,
        "WAL is piling up for a replica that does not take it",
    ),
    Alarm(
        "WalDisk", "wal-disk", DATABASE, "TransactionLogsDiskUsage", "Maximum", OVER, "WalDiskAlarmBytes", 5, QUIET,
        "WAL takes up much of the disk",
    ),
    Alarm(
        "Unreachable", "unreachable", PROBE, "Reachable", "Maximum", UNDER, 1, 3, QUIET,
        "the probe runs but the database does not answer it",
    ),
    Alarm(
        "ProbeSilence", "probe-silence", PROBE, "Reachable", "SampleCount", UNDER, 1, 5, BREACHING,
        "the probe is silent: nobody is watching this site",
    ),
    Alarm(
        "ProbeErrors", "probe-errors", PROBE_FUNCTION, "Errors", "Sum", OVER, 1, 3, QUIET, "the probe function fails"
    ),
    Alarm(
        "RotationErrors", "rotation-errors", ROTATION_FUNCTION, "Errors", "Sum", OVER, 1, 1, QUIET,
        "a password rotation has failed",
    ),
    Alarm(
        "WatchdogSilence", "watchdog-silence", WATCHDOG_FUNCTION, "Invocations", "Sum", UNDER, 1, 5, BREACHING,
        "the watchdog does not run: this site would not shut itself when cut off, and no other may count on it",
    ),
    Alarm(
        "WatchdogErrors", "watchdog-errors", WATCHDOG_FUNCTION, "Errors", "Sum", OVER, 1, 3, QUIET,
        "the watchdog function fails",
    ),
)  # fmt: skip
"""A33 and A34 are behind the thresholds of lag and WAL; "quiet" on missing data is what lets one template serve both
roles, and the silence of the probe is what makes up for it."""


def thresholds(alarms: Sequence[Alarm]) -> tuple[str, ...]:
    """Name the parameters that hold a threshold."""
    return tuple(alarm.threshold for alarm in alarms if isinstance(alarm.threshold, str))


def add(template: Template, alarms: Sequence[Alarm], topic: object) -> None:
    """Add each alarm; it tells the topic, an ARN, when it begins and when it is over."""
    for alarm in alarms:
        template.add_resource(
            cloudwatch.Alarm(
                f"{alarm.logical}Alarm",
                AlarmName=sheet.physical(alarm.purpose),
                AlarmDescription=Sub(f"${{Name}}-${{EnvironmentSuffix}} at ${{SiteName}}: {alarm.means}"),
                Namespace=alarm.source.namespace,
                MetricName=alarm.metric,
                Dimensions=[cloudwatch.MetricDimension(Name=n, Value=v) for n, v in alarm.source.dimensions],
                Statistic=alarm.statistic,
                Period=60,
                EvaluationPeriods=alarm.minutes,
                ComparisonOperator=alarm.comparison,
                Threshold=Ref(alarm.threshold) if isinstance(alarm.threshold, str) else alarm.threshold,
                TreatMissingData=alarm.missing,
                AlarmActions=[topic],
                OKActions=[topic],
            )
        )
