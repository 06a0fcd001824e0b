"""What a new primary is given: its role, its backups, its own secret; and what people are told of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.functional.aws.cloud import HOME, STANDBY, UPKEEP, done, error
from tests.functional.aws.probes import NOW, FailedFunctionError
from tests.functional.aws.steps import BEFORE, SEALED, kept, operations, put, step

from dr_templates.aws.settings import Upkeep
from dr_templates.failover.loop import attempt
from dr_templates.failover.model import Action, Verb
from dr_templates.failover.state import Phase, succeed
from dr_templates.runtime.database import Stage
from dr_templates.topology import CONTROL

if TYPE_CHECKING:
    from tests.functional.aws.cloud import Cloud
    from tests.functional.aws.probes import Database


def test_a_promotion_looks_first(cloud: Cloud) -> None:
    put(cloud, replace(BEFORE, move=SEALED))
    for _ in range(2):
        cloud.pair().perform(step(Verb.PROMOTE, kept(cloud), asked=NOW))
    assert operations(cloud, "rds").count("PromoteReadReplica") == 1
    found = cloud.client("rds", STANDBY).describe_db_instances(DBInstanceIdentifier=cloud.names.instance(STANDBY))
    assert found["DBInstances"][0]["BackupRetentionPeriod"] == 14
    assert kept(cloud).move == replace(SEALED, until=NOW + 120, asked=NOW)


@pytest.mark.parametrize(
    ("upkeep", "order"),
    [
        (UPKEEP, {"BackupRetentionPeriod": 14, "PreferredBackupWindow": "03:00-04:00"}),
        (Upkeep(backup_days=7, backup_window="", rotation_days=0), {"BackupRetentionPeriod": 7}),
    ],
)
def test_a_promotion_brings_the_backups_along_as_the_template_has_them(
    cloud: Cloud, upkeep: Upkeep, order: dict[str, object]
) -> None:
    """Without them the new primary would have none until somebody notices, as a replica has none of its own."""
    put(cloud, replace(BEFORE, move=SEALED))
    replace(cloud.pair(), upkeep=upkeep).perform(step(Verb.PROMOTE, kept(cloud), asked=NOW))
    assert cloud.told("PromoteReadReplica") == [{"DBInstanceIdentifier": cloud.names.instance(STANDBY), **order}]


@pytest.mark.parametrize("status", ["backing-up", "modifying", "rebooting"])
def test_a_replica_that_is_busy_is_not_promoted(cloud: Cloud, status: str) -> None:
    put(cloud, replace(BEFORE, move=SEALED))
    instance = {"DBInstanceStatus": status, "ReadReplicaSourceDBInstanceIdentifier": "arn:aws:rds:x"}
    cloud.answer["DescribeDBInstances"] = lambda _: done(DBInstances=[instance])
    cloud.pair().perform(step(Verb.PROMOTE, kept(cloud), asked=NOW))
    assert operations(cloud, "rds") == ["DescribeDBInstances"]


def test_a_promotion_that_rds_refuses_is_told_in_its_words(cloud: Cloud) -> None:
    put(cloud, replace(BEFORE, move=SEALED))
    cloud.answer["PromoteReadReplica"] = lambda _: error("InvalidDBInstanceState", "DB Instance is not a read replica")
    assert "DB Instance is not a read replica" in attempt(cloud.pair(), step(Verb.PROMOTE, kept(cloud), asked=NOW))
    assert kept(cloud).move == replace(SEALED, until=NOW + 120)


def test_a_write_is_verified_by_the_targets_own_heartbeat(cloud: Cloud, databases: dict[str, Database]) -> None:
    put(cloud, replace(BEFORE, move=SEALED))
    assert "has not been seen to take a write" in attempt(cloud.pair(), step(Verb.VERIFY, kept(cloud), verified=NOW))
    assert kept(cloud).move == replace(SEALED, until=NOW + 120)
    databases[STANDBY].in_recovery = False
    for _ in range(2):
        assert attempt(cloud.pair(), step(Verb.VERIFY, kept(cloud), verified=NOW)) == ""
    assert kept(cloud).move == replace(SEALED, until=NOW + 120, verified=NOW)


def test_a_write_that_is_not_seen_says_what_the_database_said(cloud: Cloud, databases: dict[str, Database]) -> None:
    put(cloud, replace(BEFORE, move=SEALED))
    databases[STANDBY].fault = (Stage.QUERY, "cannot execute INSERT in a read-only transaction", "25006")
    trouble = attempt(cloud.pair(), step(Verb.VERIFY, kept(cloud), verified=NOW))
    assert "read-only transaction (SQLSTATE 25006)" in trouble


def test_a_probe_that_fails_is_told_in_its_own_words(cloud: Cloud) -> None:
    put(cloud, replace(BEFORE, move=SEALED))
    refusal = FailedFunctionError("no password could be signed")

    def failing(_: object) -> object:
        raise refusal

    cloud.probes[cloud.names.probe(STANDBY)] = failing
    trouble = attempt(cloud.pair(), step(Verb.VERIFY, kept(cloud), verified=NOW))
    assert trouble.startswith(f"Writing to {STANDBY} failed: {cloud.names.probe(STANDBY)} failed: ")
    assert "no password could be signed" in trouble


def test_backups_are_asked_for_at_once(cloud: Cloud) -> None:
    """RDS would leave them for the next maintenance window, and the new primary without any until then."""
    put(cloud, replace(BEFORE, move=SEALED))
    none = {"DBInstanceStatus": "available", "BackupRetentionPeriod": 0}
    cloud.answer["DescribeDBInstances"] = lambda _: done(DBInstances=[none])
    cloud.pair().perform(step(Verb.BACKUPS, kept(cloud)))
    [order] = cloud.told("ModifyDBInstance")
    assert (order["BackupRetentionPeriod"], order["ApplyImmediately"]) == (14, True)


def test_backups_are_set_only_where_there_are_none(cloud: Cloud) -> None:
    put(cloud, replace(BEFORE, move=SEALED))
    rds = cloud.client("rds", STANDBY)
    rds.modify_db_instance(DBInstanceIdentifier=cloud.names.instance(STANDBY), BackupRetentionPeriod=0)
    for _ in range(2):
        cloud.pair().perform(step(Verb.BACKUPS, kept(cloud)))
    assert operations(cloud, "rds") == ["DescribeDBInstances", "ModifyDBInstance", "DescribeDBInstances"]
    found = rds.describe_db_instances(DBInstanceIdentifier=cloud.names.instance(STANDBY))["DBInstances"][0]
    assert found["BackupRetentionPeriod"] == 14


def test_a_copied_secret_becomes_its_own_and_is_rotated_here_from_then_on(cloud: Cloud) -> None:
    put(cloud, replace(BEFORE, move=SEALED))
    for _ in range(2):
        cloud.pair().perform(step(Verb.DETACH, kept(cloud)))
    secret = cloud.client("secretsmanager", STANDBY).describe_secret(SecretId=cloud.names.secret)
    assert "PrimaryRegion" not in secret
    assert secret["RotationEnabled"] is True
    assert secret["RotationLambdaARN"] == cloud.names.rotation_arn(STANDBY)
    assert operations(cloud, "secretsmanager") == [
        "DescribeSecret",
        "StopReplicationToReplica",
        "RotateSecret",
        "DescribeSecret",
    ]


def test_a_password_is_changed_here_as_often_as_the_template_says_and_not_now(cloud: Cloud) -> None:
    put(cloud, replace(BEFORE, move=SEALED))
    cloud.pair().perform(step(Verb.DETACH, kept(cloud)))
    [order] = cloud.told("RotateSecret")
    assert order["RotationRules"] == {"AutomaticallyAfterDays": 30}
    assert order["RotateImmediately"] is False


@pytest.mark.parametrize(
    ("enabled", "at", "asked"),
    [(True, STANDBY, []), (True, HOME, ["RotateSecret"]), (False, STANDBY, ["RotateSecret"])],
)
def test_a_secret_that_is_not_rotated_by_its_own_site_is_from_now_on(
    cloud: Cloud, enabled: bool, at: str, asked: list[str]
) -> None:
    """The function of the lost site can neither reach this database nor be reached."""
    put(cloud, replace(BEFORE, move=SEALED))
    own = {"RotationEnabled": enabled, "RotationLambdaARN": cloud.names.rotation_arn(at)}
    cloud.answer["DescribeSecret"] = lambda _: done(**own)
    cloud.answer["RotateSecret"] = lambda _: done()
    cloud.pair().perform(step(Verb.DETACH, kept(cloud)))
    assert operations(cloud, "secretsmanager") == ["DescribeSecret", *asked]


def test_where_no_password_is_ever_changed_a_secret_is_only_detached(cloud: Cloud) -> None:
    put(cloud, replace(BEFORE, move=SEALED))
    replace(cloud.pair(), upkeep=replace(UPKEEP, rotation_days=0)).perform(step(Verb.DETACH, kept(cloud)))
    assert operations(cloud, "secretsmanager") == ["DescribeSecret", "StopReplicationToReplica"]


def test_a_rotation_that_is_not_ready_yet_is_asked_for_again(cloud: Cloud) -> None:
    put(cloud, replace(BEFORE, move=SEALED))
    cloud.answer["RotateSecret"] = lambda _: error("InvalidRequestException", "not yet")
    assert "not yet" in attempt(cloud.pair(), step(Verb.DETACH, kept(cloud)))
    assert operations(cloud, "secretsmanager").count("RotateSecret") == 3
    assert cloud.paused == [3.0, 3.0]


def test_a_person_who_is_asked_is_told_once_on_the_topic(cloud: Cloud) -> None:
    put(cloud, BEFORE)
    cloud.pair().perform(step(Verb.ASK, BEFORE, STANDBY, told=True))
    assert operations(cloud, "sns") == ["Publish"]
    move = kept(cloud).move
    assert move is not None
    assert move.told


def test_people_are_told_what_was_left(cloud: Cloud) -> None:
    done_move = replace(SEALED, phase=Phase.DONE, left=("backups of virginia are not set",), result="moved")
    put(cloud, replace(BEFORE, move=done_move))
    queue = cloud.client("sqs", CONTROL).create_queue(QueueName=cloud.names.environment)["QueueUrl"]
    cloud.client("sns", CONTROL).subscribe(
        TopicArn=cloud.names.topic_arn,
        Protocol="sqs",
        Endpoint=f"arn:aws:sqs:eu-central-1:{cloud.names.account}:{cloud.names.environment}",
    )
    before = kept(cloud)
    told = "virginia is primary; nothing was lost\nfor once: ü"
    cloud.pair().perform(Action(Verb.NOTIFY, told, STANDBY, before, succeed(before, move=None)))
    [message] = cloud.client("sqs", CONTROL).receive_message(QueueUrl=queue)["Messages"]
    assert "Left undone: backups of virginia are not set" in message["Body"].replace("\\n", "\n")
    assert kept(cloud).move is None


def test_a_subject_is_short_and_plain_and_the_whole_is_in_the_message(cloud: Cloud) -> None:
    """A subject of another form is refused by SNS, and nobody would be told at all."""
    before = put(cloud, replace(BEFORE, move=replace(SEALED, by="the controller", cause="dead")))
    told = "für die\nNachwelt:\x1b " + "it is written down at length " * 9
    cloud.pair().perform(Action(Verb.NOTIFY, told, STANDBY, before, succeed(before, move=None)))
    [news] = cloud.told("Publish")
    assert news["Subject"].isascii()
    assert news["Subject"].isprintable()
    assert len(news["Subject"]) < 100
    assert news["Subject"].startswith(f"{cloud.names.environment}: f?r die Nachwelt:? it is written")
    assert told in news["Message"]
    assert "epoch 3, asked for by the controller (dead)" in news["Message"]
