"""What the probe and AWS say, in the brain's words; everything malformed is not known."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.functional.aws.cloud import HOME, STANDBY
from tests.functional.aws.probes import NOW

from dr_templates.aws import sights
from dr_templates.failover.model import Answer, Beat, Instance, Sql
from dr_templates.runtime.database import Stage, explain
from dr_templates.runtime.probe import Heartbeat, Receiver, Sight


def told(sight: Sight) -> Any:  # noqa: ANN401 - JSON is of every type
    """Give a sight as it comes out of the function."""
    return json.loads(json.dumps(sight.as_json()))


TIME_OUT = explain(TimeoutError())[0]


@pytest.mark.parametrize(
    ("stage", "error", "code", "answer"),
    [
        (Stage.UNREACHABLE, TIME_OUT, None, Answer.SILENT),
        (Stage.UNREACHABLE, "[Errno 113] No route to host", None, Answer.SILENT),
        (Stage.REFUSED, "[Errno 111] Connection refused", None, Answer.SILENT),
        (Stage.HANDSHAKE, TIME_OUT, None, Answer.SILENT),
        (Stage.HANDSHAKE, "the connection was closed", None, Answer.REFUSING),
        (Stage.HANDSHAKE, "the server offers no TLS", None, Answer.REFUSING),
        (Stage.HANDSHAKE, "certificate verify failed: unable to get local issuer", None, Answer.REFUSING),
        (Stage.LOGIN, "sorry, too many clients already", "53300", Answer.CROWDED),
        (Stage.LOGIN, "remaining connection slots are reserved", "53300", Answer.CROWDED),
        (Stage.LOGIN, "out of memory", "53200", Answer.CROWDED),
        (Stage.LOGIN, "the database system is starting up", "57P03", Answer.STARTING),
        (Stage.LOGIN, "the database system is in recovery mode", "57P03", Answer.STARTING),
        (Stage.LOGIN, "PAM authentication failed", "28000", Answer.REFUSING),
        (Stage.LOGIN, "terminating connection", "57P01", Answer.REFUSING),
        (Stage.LOGIN, TIME_OUT, None, Answer.REFUSING),
        (Stage.QUERY, "could not extend file: No space left on device", "53100", Answer.REFUSING),
        (Stage.QUERY, "canceling statement due to statement timeout", "57014", Answer.REFUSING),
        (Stage.QUERY, TIME_OUT, None, Answer.REFUSING),
        (Stage.ANSWERED, None, None, Answer.ANSWERED),
    ],
)
def test_every_way_not_to_answer_has_its_word(
    stage: Stage, error: str | None, code: str | None, answer: Answer
) -> None:
    seen = sights.sql(told(Sight(HOME, stage, error=error, sqlstate=code)))
    assert seen.answer is answer
    assert seen.error == (f"{error} (SQLSTATE {code})" if code else error)


BEAT = Heartbeat(HOME, 41, datetime.fromtimestamp(NOW, UTC), 0.5)
PRIMARY = Sight(
    HOME,
    Stage.ANSWERED,
    in_recovery=False,
    system_identifier="73",
    timeline=2,
    written_lsn="1/2000",
    flushed_lsn="1/1000",
    heartbeat=BEAT,
    client_sessions=4,
)
REPLICA = replace(
    PRIMARY,
    site=STANDBY,
    in_recovery=True,
    written_lsn=None,
    flushed_lsn=None,
    received_lsn="0/FF000000",
    replayed_lsn="0/A",
    receiver=Receiver("streaming", 0.1),
)


def test_a_primary_is_read_with_what_it_has_flushed() -> None:
    assert sights.sql(told(PRIMARY)) == Sql(
        answer=Answer.ANSWERED,
        in_recovery=False,
        system="73",
        timeline=2,
        written=(1 << 32) + 0x1000,
        beat=Beat(HOME, 41, NOW),
        sessions=4,
    )


def test_a_replica_is_read_with_what_it_has_received_and_replayed() -> None:
    seen = sights.sql(told(REPLICA))
    assert (seen.received, seen.replayed, seen.streaming, seen.written) == (0xFF000000, 10, True, None)


@pytest.mark.parametrize(
    ("sight", "streaming"),
    [
        (replace(REPLICA, receiver=None), False),
        (replace(REPLICA, receiver=Receiver("waiting", 9.0)), False),
        (replace(REPLICA, receiver=None, unanswered=("receiver",), stage=Stage.QUERY), None),
        (PRIMARY, None),
    ],
)
def test_streaming_is_told_only_by_a_replica_that_was_asked(sight: Sight, streaming: bool | None) -> None:
    assert sights.sql(told(sight)).streaming is streaming


GOOD = told(REPLICA)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "answered",
        {},
        {"stage": "dancing"},
        {"stage": ["answered"]},
        {"ended": 3},
        {**GOOD, "in_recovery": "yes"},
        {**GOOD, "timeline": "2"},
        {**GOOD, "timeline": True},
        {**GOOD, "received_lsn": "12"},
        {**GOOD, "received_lsn": "0/XYZ"},
        {**GOOD, "replayed_lsn": 7},
        {**GOOD, "receiver": "streaming"},
        {**GOOD, "receiver": {}},
        {**GOOD, "unanswered": "receiver"},
        {**GOOD, "heartbeat": {"site": HOME}},
        {**GOOD, "heartbeat": {"site": HOME, "beat": "1", "written_at": "2026-01-01T00:00:00+00:00"}},
        {**GOOD, "heartbeat": {"site": HOME, "beat": 1, "written_at": "2026-01-01T00:00:00"}},
        {**GOOD, "heartbeat": {"site": HOME, "beat": 1, "written_at": "yesterday"}},
        {**GOOD, "heartbeat": {"site": HOME, "beat": 1, "written_at": 1764000000}},
        {**GOOD, "client_sessions": 1.5},
        {**GOOD, "error": 4},
    ],
)
def test_a_malformed_answer_says_nothing_of_the_database(answer: object) -> None:
    assert sights.sql(answer) == Sql(Answer.UNASKED)


@pytest.mark.parametrize(
    ("sight", "wrote"),
    [
        (PRIMARY, True),
        (replace(PRIMARY, unanswered=("beat",), stage=Stage.QUERY), False),
        (replace(PRIMARY, unanswered=("beat",)), False),
        (replace(PRIMARY, heartbeat=replace(BEAT, site=STANDBY)), False),
        (replace(PRIMARY, heartbeat=None), False),
        (replace(PRIMARY, in_recovery=True), False),
        (Sight(HOME, Stage.REFUSED), False),
    ],
)
def test_a_write_counts_only_when_its_own_heartbeat_is_seen(sight: Sight, wrote: bool) -> None:
    assert sights.took_write(told(sight), HOME) is wrote


def test_an_instance_is_a_replica_as_long_as_it_has_a_source() -> None:
    assert sights.instance({"DBInstanceStatus": "available", "BackupRetentionPeriod": 0}) == Instance(
        "available", replica=False, backup_days=0
    )
    assert sights.instance({"ReadReplicaSourceDBInstanceIdentifier": "arn:aws:rds:x"}, failing_over=True) == Instance(
        None, replica=True, failing_over=True
    )


@pytest.mark.parametrize(
    ("told", "copied"),
    [({"PrimaryRegion": "eu-west-1"}, True), ({"PrimaryRegion": "us-east-1"}, False), ({}, False)],
)
def test_a_secret_is_a_copy_where_another_region_is_its_primary(told: Any, copied: bool) -> None:  # noqa: ANN401 - as the caller likes
    """The original of a copied secret names a primary region as well: its own."""
    assert sights.copied(told, "us-east-1") is copied
