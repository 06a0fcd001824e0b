"""A sight as CloudWatch metrics.

The probe has no way to CloudWatch's API, but Lambda itself ships what a function prints to CloudWatch Logs, and a line
in the Embedded Metric Format becomes metrics there (C3).
"""

from __future__ import annotations

import json

from dr_templates.runtime.probe import Sight

NAMESPACE = "DatabaseRecovery"
DIMENSIONS = ("Environment", "Site")
UNITS = {
    "Reachable": "None",
    "InRecovery": "None",
    "HeartbeatAgeSeconds": "Seconds",
    "ReplayLagBytes": "Bytes",
    "ClientSessions": "Count",
    "WalReceiverStreaming": "None",
    "RetainedSlotBytes": "Bytes",
    "ProbeMilliseconds": "Milliseconds",
}


def metrics(sight: Sight) -> dict[str, float]:
    """Give the metrics the sight can vouch for; what it does not know is left out, never zero."""
    values = {
        "Reachable": int(sight.reachable),
        "InRecovery": None if sight.in_recovery is None else int(sight.in_recovery),
        "HeartbeatAgeSeconds": sight.heartbeat.age_seconds if sight.heartbeat else None,
        "ReplayLagBytes": sight.replay_lag_bytes,
        "ClientSessions": sight.client_sessions,
        "WalReceiverStreaming": _streaming(sight),
        "RetainedSlotBytes": _retained(sight),
        "ProbeMilliseconds": sight.milliseconds,
    }
    return {name: value for name, value in values.items() if value is not None}


def line(sight: Sight, environment: str, now: float) -> str:
    """Write the sight's metrics as one line of Embedded Metric Format; ``now`` is in seconds since 1970."""
    values = metrics(sight)
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [list(DIMENSIONS)],
        "Metrics": [{"Name": name, "Unit": UNITS[name]} for name in values],
    }
    head = {"Timestamp": int(now * 1000), "CloudWatchMetrics": [directive]}
    return json.dumps({"_aws": head, "Environment": environment, "Site": sight.site, **values})


def _streaming(sight: Sight) -> int | None:
    if not sight.in_recovery or "receiver" in sight.unanswered:
        return None
    return int(sight.receiver is not None and sight.receiver.status == "streaming")


def _retained(sight: Sight) -> int | None:
    if sight.slots is None:
        return None
    return max((slot.retained_bytes or 0 for slot in sight.slots), default=0)
