"""Every step done once, twice, refused, and come too late."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tests.functional.aws.conftest import HOME, NOW, STANDBY, Call, done, error, hold

from dr_templates.aws import journal, table
from dr_templates.failover.loop import LostError, UnableError, attempt
from dr_templates.failover.model import Action, Pulse, Verb, Want
from dr_templates.failover.state import Kind, Move, Phase, State, succeed
from dr_templates.runtime.database import Stage
from dr_templates.topology import CONTROL

if TYPE_CHECKING:
    from tests.functional.aws.conftest import Cloud, Database

MOVE = Move(3, Kind.SWITCHOVER, HOME, STANDBY, "one", NOW + 5, NOW, "ops@example.com")
SEALED = replace(MOVE, phase=Phase.SEALED, named=True)
BEFORE = State(active=HOME, serial=8, epoch=3, move=MOVE)
DENIES = frozenset({106})


def put(cloud: Cloud, state: State) -> State:
    """Leave a document as if it had been written before."""
    table.put(cloud.table(CONTROL), "state", "current", state, Serial=state.serial)
    return state


def kept(cloud: Cloud, place: str = CONTROL) -> State:
    state = table.read_state(cloud.table(place))
    assert state is not None
    return state


def step(verb: Verb, before: State, site: str | None = STANDBY, **changes: Any) -> Action:  # noqa: ANN401
    """Give a step of a move as the brain does: the lock renewed, the changes noted."""
    assert before.move is not None
    after = succeed(before, move=replace(before.move, until=NOW + 120, **changes))
    return Action(verb, f"it is time to {verb}", site, before, after, DENIES)


def operations(cloud: Cloud, service: str) -> list[str]:
    return [call.operation for call in cloud.calls if call.service == service]


def test_a_step_of_the_state_alone_is_one_write(cloud: Cloud) -> None:
    put(cloud, BEFORE)
    action = step(Verb.SEAL, BEFORE, phase=Phase.SEALED)
    cloud.pair().perform(action)
    assert kept(cloud) == action.after
    with pytest.raises(LostError):
        cloud.pair().perform(action)
    assert kept(cloud) == action.after


def test_an_effect_renews_the_lock_before_it_and_is_written_down_after_it(cloud: Cloud) -> None:
    put(cloud, BEFORE)
    seen: list[State] = []

    def look(_: str) -> None:
        seen.append(kept(cloud))

    cloud.answer["PutMetricData"] = look
    cloud.pair().perform(step(Verb.NAME, BEFORE, named=True))
    assert seen[0] == replace(BEFORE, serial=9, move=replace(MOVE, until=NOW + 120))
    assert kept(cloud) == replace(BEFORE, serial=10, move=replace(MOVE, until=NOW + 120, named=True))


def test_a_renewed_lock_is_not_shortened_by_what_was_decided_earlier(cloud: Cloud) -> None:
    put(cloud, BEFORE)
    cloud.now = NOW + 60
    cloud.pair().perform(step(Verb.NAME, BEFORE, named=True))
    assert kept(cloud).move == replace(MOVE, until=NOW + 180, named=True)


def test_whoever_has_lost_the_lock_does_nothing_at_all(cloud: Cloud) -> None:
    put(cloud, replace(BEFORE, serial=9, move=replace(MOVE, holder="two")))
    for verb in (
        Verb.FENCE,
        Verb.UNFENCE,
        Verb.PROMOTE,
        Verb.NAME,
        Verb.VERIFY,
        Verb.BACKUPS,
        Verb.DETACH,
        Verb.NOTIFY,
    ):
        cloud.calls.clear()
        with pytest.raises(LostError):
            cloud.pair().perform(step(verb, BEFORE))
        assert set(cloud.calls) == {Call("dynamodb", "eu-central-1", "PutItem")}
    assert kept(cloud).move == replace(MOVE, holder="two")


def test_a_table_that_does_not_answer_leaves_the_step_undone(cloud: Cloud) -> None:
    put(cloud, BEFORE)
    cloud.refuse = lambda call: call.service == "dynamodb"
    with pytest.raises(UnableError, match="Writing the state failed"):
        cloud.pair().perform(step(Verb.PROMOTE, BEFORE))
    assert operations(cloud, "rds") == []


def test_a_fence_shuts_both_ways_and_ends_sessions_between_them(cloud: Cloud, databases: dict[str, Database]) -> None:
    put(cloud, BEFORE)
    shut_while_ending: list[Any] = []
    home = databases[HOME]

    def probe(wish: Any) -> object:  # noqa: ANN401
        acls = cloud.client("ec2", HOME).describe_network_acls()["NetworkAcls"]
        shut_while_ending.append(
            [
                (entry["RuleNumber"], entry["Egress"])
                for acl in acls
                if {"Key": "Name", "Value": cloud.names.acl(HOME)} in acl["Tags"]
                for entry in acl["Entries"]
                if entry["RuleAction"] == "deny"
            ]
        )
        return home(wish)

    cloud.probes[cloud.names.probe(HOME)] = probe
    cloud.pair().perform(step(Verb.FENCE, BEFORE, HOME))
    assert hold(cloud, HOME) == DENIES
    assert home.ended == 1
    assert shut_while_ending == [[(106, False)], [(106, False)]]
    cloud.pair().perform(step(Verb.FENCE, kept(cloud), HOME))
    assert hold(cloud, HOME) == DENIES


def test_sessions_that_do_not_end_are_asked_after_three_times_and_cut(
    cloud: Cloud, databases: dict[str, Database]
) -> None:
    put(cloud, BEFORE)
    home = databases[HOME]
    home.sessions = 2
    asked = []

    def stubborn(wish: Any) -> object:  # noqa: ANN401
        asked.append(wish)
        return {"ended": 0} if "end_sessions" in wish else home(wish)

    cloud.probes[cloud.names.probe(HOME)] = stubborn
    cloud.pair().perform(step(Verb.FENCE, BEFORE, HOME))
    assert [("end_sessions" in wish, wish.get("beat")) for wish in asked] == [(True, None), (False, False)] * 3
    assert hold(cloud, HOME) == DENIES


@pytest.mark.parametrize("fault", [(Stage.REFUSED, "refused", None), None])
def test_a_database_that_does_not_answer_is_fenced_all_the_same(
    cloud: Cloud, databases: dict[str, Database], fault: tuple[Stage, str, str | None] | None
) -> None:
    put(cloud, BEFORE)
    databases[HOME].fault = fault
    cloud.refuse = lambda call: fault is None and call.service == "lambda"
    cloud.pair().perform(step(Verb.FENCE, BEFORE, HOME))
    assert hold(cloud, HOME) == DENIES
    assert cloud.paused == []


def test_an_opening_lifts_the_numbers_it_was_given_and_no_other(cloud: Cloud) -> None:
    put(cloud, BEFORE)
    cloud.pair().perform(step(Verb.FENCE, BEFORE, HOME))
    cloud.pair().perform(replace(step(Verb.FENCE, kept(cloud), HOME), denies=frozenset({107})))
    cloud.pair().perform(Action(Verb.UNFENCE, "a move that is over has left it shut", HOME, denies=DENIES))
    assert hold(cloud, HOME) == {107}
    cloud.answer["DeleteNetworkAclEntry"] = lambda _: error("InvalidNetworkAclEntry.NotFound")
    cloud.pair().perform(Action(Verb.UNFENCE, "again", HOME, denies=DENIES))
    assert hold(cloud, HOME) == {107}


@pytest.mark.parametrize("verb", [Verb.FENCE, Verb.UNFENCE])
def test_what_is_done_to_a_gate_without_a_lock_is_not_done_on_old_news(cloud: Cloud, verb: Verb) -> None:
    put(cloud, succeed(BEFORE))
    with pytest.raises(LostError):
        cloud.pair().perform(Action(verb, "left over", HOME, before=BEFORE, denies=DENIES))
    assert operations(cloud, "ec2") == []


def test_a_person_who_is_asked_is_told_once_on_the_topic(cloud: Cloud) -> None:
    put(cloud, BEFORE)
    cloud.pair().perform(step(Verb.ASK, BEFORE, STANDBY, told=True))
    assert operations(cloud, "sns") == ["Publish"]
    move = kept(cloud).move
    assert move is not None
    assert move.told


def test_a_promotion_looks_first(cloud: Cloud) -> None:
    put(cloud, replace(BEFORE, move=SEALED))
    for _ in range(2):
        cloud.pair().perform(step(Verb.PROMOTE, kept(cloud), asked=NOW))
    assert operations(cloud, "rds").count("PromoteReadReplica") == 1
    found = cloud.client("rds", STANDBY).describe_db_instances(DBInstanceIdentifier=cloud.names.instance(STANDBY))
    assert found["DBInstances"][0]["BackupRetentionPeriod"] == 14
    assert kept(cloud).move == replace(SEALED, until=NOW + 120, asked=NOW)


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


@pytest.mark.parametrize(("active", "value"), [(HOME, 1.0), (STANDBY, 2.0)])
def test_the_name_follows_the_active_site(cloud: Cloud, active: str, value: float) -> None:
    put(cloud, replace(BEFORE, active=active))
    cloud.pair().perform(step(Verb.NAME, kept(cloud), named=True))
    assert metrics(cloud) == {"ActiveSite": value}


def metrics(cloud: Cloud) -> dict[str, float]:
    """Give the newest value of each of this environment's metrics."""
    cloudwatch, found = cloud.client("cloudwatch", CONTROL), {}
    for name in ("ActiveSite", "LockAgeSeconds", "DaysSinceDrill"):
        points = cloudwatch.get_metric_statistics(
            Namespace="DatabaseRecovery",
            MetricName=name,
            Dimensions=[{"Name": "Environment", "Value": cloud.names.environment}],
            StartTime=datetime.now(UTC) - timedelta(hours=1),
            EndTime=datetime.now(UTC) + timedelta(hours=1),
            Period=3600 * 4,
            Statistics=["Maximum"],
        )["Datapoints"]
        if points:
            found[name] = points[0]["Maximum"]
    return found


def test_a_quiet_tick_publishes_and_notes_the_pulse_and_leaves_the_document(cloud: Cloud) -> None:
    state = put(cloud, State(active=HOME, serial=4, drilled=NOW - 86400 * 3))
    cloud.pair().perform(Action(Verb.KEEP, "nothing is wrong", HOME, state, pulse=Pulse(HOME, NOW, 9)))
    assert metrics(cloud) == {"ActiveSite": 1.0, "LockAgeSeconds": 0.0, "DaysSinceDrill": 3.0}
    assert table.read_pulse(cloud.table(CONTROL)) == table.read_pulse(cloud.table(STANDBY)) == Pulse(HOME, NOW, 9)
    assert kept(cloud) == state


def test_a_tick_that_does_not_reach_the_other_site_is_as_good(cloud: Cloud) -> None:
    state = put(cloud, State(active=HOME, serial=4))
    region = cloud.names.region(STANDBY)
    cloud.refuse = lambda call: call.region == region
    cloud.pair().perform(Action(Verb.KEEP, "nothing is wrong", HOME, state, pulse=Pulse(HOME, NOW, 9)))
    assert table.read_pulse(cloud.table(CONTROL)) == Pulse(HOME, NOW, 9)


def test_a_tick_beside_a_move_tells_how_long_it_has_been_under_way(cloud: Cloud) -> None:
    state = put(cloud, BEFORE)
    cloud.now = NOW + 90
    cloud.pair().perform(Action(Verb.KEEP, "held by one", HOME, state))
    assert metrics(cloud) == {"ActiveSite": 1.0, "LockAgeSeconds": 90.0}
    assert journal.read(cloud.table(CONTROL), 5) == []


def test_a_move_that_waits_after_the_name_keeps_saying_where_it_points(cloud: Cloud) -> None:
    put(cloud, replace(BEFORE, active=STANDBY, move=SEALED))
    cloud.pair().perform(step(Verb.WAIT, kept(cloud)))
    assert metrics(cloud) == {"ActiveSite": 2.0}
    cloud.refuse = lambda call: call.service == "cloudwatch"
    cloud.pair().perform(step(Verb.WAIT, kept(cloud)))


def test_a_write_is_verified_by_the_targets_own_heartbeat(cloud: Cloud, databases: dict[str, Database]) -> None:
    put(cloud, replace(BEFORE, move=SEALED))
    assert "has not been seen to take a write" in attempt(cloud.pair(), step(Verb.VERIFY, kept(cloud), verified=NOW))
    assert kept(cloud).move == replace(SEALED, until=NOW + 120)
    databases[STANDBY].in_recovery = False
    for _ in range(2):
        assert attempt(cloud.pair(), step(Verb.VERIFY, kept(cloud), verified=NOW)) == ""
    assert kept(cloud).move == replace(SEALED, until=NOW + 120, verified=NOW)


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


def test_a_rotation_that_is_not_ready_yet_is_asked_for_again(cloud: Cloud) -> None:
    put(cloud, replace(BEFORE, move=SEALED))
    cloud.answer["RotateSecret"] = lambda _: error("InvalidRequestException", "not yet")
    assert "not yet" in attempt(cloud.pair(), step(Verb.DETACH, kept(cloud)))
    assert operations(cloud, "secretsmanager").count("RotateSecret") == 3
    assert cloud.paused == [3.0, 3.0]


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


def test_a_move_is_begun_once_and_a_used_epoch_is_counted_on(cloud: Cloud) -> None:
    state = put(cloud, State(active=HOME, serial=4, epoch=2))
    want = Want(Kind.FAILOVER, STANDBY, 3, "the controller", "dead")
    begin = Action(Verb.BEGIN, "it is dead", STANDBY, state, want=want)
    for _ in range(2):
        cloud.pair().perform(begin)
    assert kept(cloud) == state
    cloud.client("stepfunctions", CONTROL).stop_execution(executionArn=cloud.names.execution_arn("epoch-3"))
    other = replace(begin, want=replace(want, by="another"))
    assert "epoch-3 has run already" in attempt(cloud.pair(), other)
    assert (kept(cloud).epoch, kept(cloud).serial) == (3, 5)


def test_a_document_from_elsewhere_is_adopted_in_both_tables(cloud: Cloud) -> None:
    ours = put(cloud, State(active=HOME, serial=9, epoch=2))
    copy = State(active=STANDBY, serial=7, epoch=3)
    table.save_copy(cloud.table(STANDBY), copy, None)
    after = replace(copy, serial=10)
    adopt = Action(Verb.ADOPT, "a later epoch", STANDBY, ours, after, copy=copy)
    cloud.pair().perform(adopt)
    assert kept(cloud) == kept(cloud, STANDBY) == after
    with pytest.raises(LostError):
        cloud.pair().perform(adopt)


def test_a_copy_that_has_moved_on_is_not_adopted(cloud: Cloud) -> None:
    ours = put(cloud, State(active=HOME, serial=9, epoch=2))
    table.save_copy(cloud.table(STANDBY), State(active=STANDBY, serial=8, epoch=3), None)
    copy = State(active=STANDBY, serial=7, epoch=3)
    with pytest.raises(LostError):
        cloud.pair().perform(Action(Verb.ADOPT, "old", STANDBY, ours, replace(copy, serial=10), copy=copy))
    assert kept(cloud) == ours


def test_a_step_and_its_trouble_are_in_the_journal(cloud: Cloud) -> None:
    put(cloud, BEFORE)
    cloud.refuse = lambda call: call.service == "ec2"
    trouble = attempt(cloud.pair(), step(Verb.FENCE, BEFORE, HOME))
    cloud.refuse = lambda _: False
    cloud.now += 1
    cloud.pair().perform(step(Verb.FENCE, kept(cloud), HOME))
    found = journal.read(cloud.table(CONTROL), 5)
    assert {(one.epoch, one.verb, one.site, one.runner) for one in found} == {(3, "fence", HOME, "one")}
    assert {one.trouble for one in found} == {"", trouble}
    assert trouble.startswith(f"Shutting the gate of {HOME} failed: ")


def test_a_journal_that_cannot_be_written_fails_no_step(cloud: Cloud) -> None:
    put(cloud, BEFORE)
    writes: list[None] = []

    def third_fails(_: str) -> Any:  # noqa: ANN401
        writes.append(None)
        return error("ThrottlingException") if len(writes) == 3 else None

    cloud.answer["PutItem"] = third_fails
    cloud.pair().perform(step(Verb.NAME, BEFORE, named=True))
    assert len(writes) == 3
    assert kept(cloud).move == replace(MOVE, until=NOW + 120, named=True)


REFUSED: list[tuple[Verb, str, str]] = [
    (Verb.FENCE, "CreateNetworkAclEntry", HOME),
    (Verb.UNFENCE, "DeleteNetworkAclEntry", HOME),
    (Verb.PROMOTE, "PromoteReadReplica", STANDBY),
    (Verb.NAME, "PutMetricData", STANDBY),
    (Verb.VERIFY, "Invoke", STANDBY),
    (Verb.BACKUPS, "DescribeDBInstances", STANDBY),
    (Verb.DETACH, "DescribeSecret", STANDBY),
    (Verb.NOTIFY, "Publish", STANDBY),
]


@pytest.mark.parametrize(("verb", "operation", "site"), REFUSED)
@pytest.mark.parametrize("how", ["denied", "no connection"])
def test_a_step_that_is_refused_says_why_and_is_not_written_down(
    cloud: Cloud, verb: Verb, operation: str, site: str, how: str
) -> None:
    put(cloud, replace(BEFORE, move=SEALED))
    if how == "denied":
        cloud.answer[operation] = lambda _: error("AccessDenied", "not authorized")
    else:
        cloud.refuse = lambda call: call.operation == operation
    trouble = attempt(cloud.pair(), step(verb, kept(cloud), site, result="should not be there"))
    assert ("not authorized" if how == "denied" else "Could not connect") in trouble
    assert kept(cloud).move == replace(SEALED, until=NOW + 120)


def test_without_the_control_region_the_name_and_the_news_wait_for_nobody(cloud: Cloud) -> None:
    before = replace(BEFORE, move=SEALED)
    table.put(cloud.table(STANDBY), "state", "current", before, Serial=before.serial)
    region = cloud.names.region(CONTROL)
    cloud.refuse = lambda call: call.region == region
    pair = cloud.pair(state_place=STANDBY, control_gone=True)
    pair.perform(step(Verb.NAME, kept(cloud, STANDBY), named=True))
    cloud.now += 1
    pair.perform(step(Verb.NOTIFY, kept(cloud, STANDBY)))
    assert kept(cloud, STANDBY).serial == before.serial + 4
    assert {entry.verb for entry in journal.read(cloud.table(STANDBY), 9)} == {"name", "notify"}
