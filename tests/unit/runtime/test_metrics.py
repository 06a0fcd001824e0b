"""The probe's metrics say what is known and nothing else."""

import json
from datetime import UTC, datetime

from dr_templates.runtime.database import Stage
from dr_templates.runtime.metrics import UNITS, line, metrics
from dr_templates.runtime.probe import Heartbeat, Receiver, Sight, Slot

BEAT = Heartbeat("home", 7, datetime(2026, 1, 1, tzinfo=UTC), 1.5)
REPLICA = Sight(
    "away",
    Stage.ANSWERED,
    12.0,
    in_recovery=True,
    replay_lag_bytes=64,
    receiver=Receiver("streaming", 0.1),
    heartbeat=BEAT,
    client_sessions=3,
)
PRIMARY = Sight("home", Stage.ANSWERED, 9.0, in_recovery=False, slots=(), heartbeat=BEAT, client_sessions=0)


def slot(name: str, retained: int | None) -> Slot:
    return Slot(name, active=False, wal_status="extended", safe_wal_size=None, retained_bytes=retained)


def test_a_replica() -> None:
    assert metrics(REPLICA) == {
        "Reachable": 1,
        "InRecovery": 1,
        "HeartbeatAgeSeconds": 1.5,
        "ReplayLagBytes": 64,
        "ClientSessions": 3,
        "WalReceiverStreaming": 1,
        "ProbeMilliseconds": 12.0,
    }


def test_a_primary_counts_its_greediest_slot() -> None:
    seen = Sight(
        "home", Stage.ANSWERED, 9.0, in_recovery=False, slots=(slot("a", 10), slot("b", 90), slot("lost", None))
    )
    assert metrics(seen)["RetainedSlotBytes"] == 90
    assert metrics(PRIMARY) == {
        "Reachable": 1,
        "InRecovery": 0,
        "HeartbeatAgeSeconds": 1.5,
        "ClientSessions": 0,
        "RetainedSlotBytes": 0,
        "ProbeMilliseconds": 9.0,
    }


def test_what_is_not_known_is_not_zero() -> None:
    assert metrics(Sight("home", Stage.REFUSED, 1.0, error="refused")) == {"Reachable": 0, "ProbeMilliseconds": 1.0}


def test_a_receiver_nobody_could_ask_about_is_not_a_receiver_that_is_gone() -> None:
    gone = Sight("away", Stage.ANSWERED, 1.0, in_recovery=True)
    unknown = Sight("away", Stage.QUERY, 1.0, in_recovery=True, unanswered=("receiver",))
    waiting = Sight("away", Stage.ANSWERED, 1.0, in_recovery=True, receiver=Receiver("waiting", None))
    assert metrics(gone)["WalReceiverStreaming"] == 0
    assert metrics(waiting)["WalReceiverStreaming"] == 0
    assert "WalReceiverStreaming" not in metrics(unknown)


def test_the_line_is_what_cloudwatch_reads() -> None:
    text = line(REPLICA, "orders-prod", 1_700_000_000.25)
    assert "\n" not in text
    written = json.loads(text)
    assert written["_aws"]["Timestamp"] == 1_700_000_000_250
    [directive] = written["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == ("DatabaseRecovery", [["Environment", "Site"]])
    assert (written["Environment"], written["Site"]) == ("orders-prod", "away")
    for metric in directive["Metrics"]:
        assert metric["Unit"] == UNITS[metric["Name"]]
        assert isinstance(written[metric["Name"]], int | float)
