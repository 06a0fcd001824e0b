"""What a probe sees of a real primary and its replica, well and in every kind of trouble."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from dr_templates.lab import postgres
from dr_templates.runtime.database import Stage, UnavailableError, session
from dr_templates.runtime.probe import end_sessions, probe

if TYPE_CHECKING:
    from tests.functional.lambdas.conftest import Lab, Pair, WaitUntil

    from dr_templates.lab.postgres import Node


def test_a_primary(lab: Lab, pair: Pair) -> None:
    sight = probe(lab.as_probe(pair.primary), "home")
    assert (sight.stage, sight.error, sight.unanswered) == (Stage.ANSWERED, None, ())
    assert sight.reachable
    assert sight.in_recovery is False
    [[identifier, version]] = postgres.sql(
        pair.primary, "SELECT system_identifier::text, current_setting('server_version') FROM pg_control_system()"
    )
    assert (sight.system_identifier, sight.server_version, sight.timeline) == (identifier, version, 1)
    assert sight.written_lsn is not None
    assert sight.flushed_lsn is not None
    assert (sight.received_lsn, sight.replayed_lsn, sight.receiver) == (None, None, None)
    assert [(replica.application_name, replica.state) for replica in sight.replicas] == [("away", "streaming")]
    [slot] = sight.slots
    assert (slot.name, slot.active, slot.wal_status) == ("away", True, "reserved")
    assert slot.retained_bytes is not None
    assert sight.milliseconds > 0


def test_a_replica(lab: Lab, pair: Pair, wait_until: WaitUntil) -> None:
    written = probe(lab.as_probe(pair.primary), "home")
    wait_until(
        lambda: (
            probe(lab.as_probe(pair.replica), "away").heartbeat
            == replace(written.heartbeat, age_seconds=pytest.approx(0, abs=5))
        )
    )
    sight = probe(lab.as_probe(pair.replica), "away")
    assert (sight.stage, sight.unanswered, sight.in_recovery) == (Stage.ANSWERED, (), True)
    assert sight.system_identifier == written.system_identifier
    assert sight.timeline == 1
    assert (sight.receiver.status, sight.replay_lag_bytes) == ("streaming", 0)
    assert 0 <= sight.receiver.message_age_seconds < 60
    assert sight.received_lsn == sight.replayed_lsn
    assert sight.last_replayed_at >= written.heartbeat.written_at
    assert (sight.written_lsn, sight.replicas, sight.slots) == (None, None, None)


def test_a_primary_beats_each_time_unless_told_not_to(lab: Lab, pair: Pair) -> None:
    first = probe(lab.as_probe(pair.primary), "home").heartbeat
    second = probe(lab.as_probe(pair.primary), "home").heartbeat
    looked = probe(lab.as_probe(pair.primary), "home", beat=False).heartbeat
    assert (second.site, second.beat) == ("home", first.beat + 1)
    assert (looked.beat, looked.written_at) == (second.beat, second.written_at)
    assert looked.age_seconds > second.age_seconds


def test_the_result_is_json_and_holds_no_secret(lab: Lab, pair: Pair) -> None:
    target = lab.as_probe(pair.replica)
    text = json.dumps(probe(target, "away").as_json())
    assert json.loads(text)["stage"] == "answered"
    assert json.loads(text)["heartbeat"]["written_at"].endswith("+00:00")
    assert target.password not in text + repr(target)


def test_a_plain_role_may_ask_everything_on_every_version(versioned: tuple[Lab, Node]) -> None:
    lab, primary = versioned
    replica = lab.replica("follower", primary)
    assert postgres.sql(
        primary, "SELECT rolsuper, rolcreaterole, rolreplication FROM pg_roles WHERE rolname = 'dr_probe_orders-test'"
    ) == [[False, False, False]]
    for node in (primary, replica):
        sight = probe(lab.as_probe(node), node.name)
        assert (sight.stage, sight.error, sight.unanswered) == (Stage.ANSWERED, None, ())
    postgres.promote(replica)
    promoted = probe(lab.as_probe(replica), "follower")
    assert (promoted.in_recovery, promoted.timeline, promoted.heartbeat.site) == (False, 2, "follower")


def test_sessions_of_clients_are_counted_and_ended(lab: Lab, pair: Pair, wait_until: WaitUntil) -> None:
    wait_until(lambda: probe(lab.as_probe(pair.primary), "home").client_sessions == 0)
    with (
        session(lab.as_master(pair.primary)) as client,
        session(lab.as_probe(pair.primary)) as own,
        session(lab.as_master(pair.primary)),
    ):
        assert probe(lab.as_probe(pair.primary), "home").client_sessions == 2
        assert end_sessions(lab.as_probe(pair.primary)) == 2
        with pytest.raises(Exception, match=r"terminating connection|network error"):
            client.run("SELECT 1")
        assert own.run("SELECT 1") == [[1]]


def test_sessions_cannot_be_ended_without_the_right(lab: Lab, pair: Pair) -> None:
    postgres.sql(pair.primary, "CREATE ROLE nobody_special LOGIN PASSWORD 'x'")
    without = replace(lab.as_master(pair.primary, "x"), user="nobody_special")
    with session(lab.as_master(pair.primary)), pytest.raises(UnavailableError) as caught:
        end_sessions(without)
    assert probe(without, "home").client_sessions is None
    assert (caught.value.stage, caught.value.sqlstate) == (Stage.QUERY, "42501")


@pytest.fixture(scope="module")
def spare(standing_lab: Lab) -> Node:
    """Make a prepared primary that every test leaves as it found it."""
    node = standing_lab.primary("spare")
    standing_lab.prepare(node)
    return node


def test_a_stopped_server_refuses(lab: Lab, spare: Node) -> None:
    postgres.stop(spare)
    sight = probe(lab.as_probe(spare), "home")
    postgres.start(spare)
    assert (sight.stage, sight.in_recovery, sight.reachable) == (Stage.REFUSED, None, False)


def test_a_frozen_server_costs_no_more_than_the_timeout(lab: Lab, spare: Node) -> None:
    postgres.freeze(spare)
    start = time.monotonic()
    sight = probe(replace(lab.as_probe(spare), connect_timeout=0.5), "home")
    took = time.monotonic() - start
    postgres.thaw(spare)
    assert took < 2
    assert (sight.stage, sight.error) == (Stage.HANDSHAKE, "no answer in time")


def test_a_wrong_password_is_named_and_not_shown(lab: Lab, pair: Pair) -> None:
    sight = probe(lab.as_master(pair.primary, "not-the-password"), "home")
    assert (sight.stage, sight.sqlstate) == (Stage.LOGIN, "28P01")
    assert "not-the-password" not in json.dumps(sight.as_json())


def test_a_server_out_of_connections(lab: Lab) -> None:
    node = lab.primary("crowded", max_connections="5", superuser_reserved_connections="2")
    lab.prepare(node)
    with contextlib.ExitStack() as crowd:
        for _ in range(3):
            crowd.enter_context(session(lab.as_master(node)))
        sight = probe(lab.as_probe(node), "home")
    assert (sight.stage, sight.sqlstate) == (Stage.LOGIN, "53300")


def test_a_replica_that_loses_its_primary_bit_by_bit(lab: Lab, wait_until: WaitUntil) -> None:
    primary = lab.primary("near")
    lab.prepare(primary)
    replica = lab.replica("far", primary)
    probe(lab.as_probe(primary), "home")
    wait_until(lambda: probe(lab.as_probe(replica), "away").heartbeat is not None)

    postgres.sql(replica, "ALTER SYSTEM SET primary_conninfo = 'host=nowhere.invalid'")
    postgres.sql(replica, "SELECT pg_reload_conf()")
    wait_until(lambda: probe(lab.as_probe(replica), "away").receiver is None)
    wait_until(lambda: probe(lab.as_probe(primary), "home").replicas == ())
    cut_off = probe(lab.as_probe(primary), "home", beat=False)
    assert [(slot.name, slot.active) for slot in cut_off.slots] == [("far", False)]
    probe(lab.as_probe(primary), "home")
    assert probe(lab.as_probe(primary), "home").slots[0].retained_bytes > cut_off.slots[0].retained_bytes

    postgres.kill(primary)
    first = probe(lab.as_probe(replica), "away")
    time.sleep(0.3)
    second = probe(lab.as_probe(replica), "away")
    assert (second.stage, second.unanswered, second.in_recovery) == (Stage.ANSWERED, (), True)
    assert (second.heartbeat.beat, second.replayed_lsn) == (first.heartbeat.beat, first.replayed_lsn)
    assert second.heartbeat.age_seconds >= first.heartbeat.age_seconds + 0.3

    postgres.sql(replica, "ALTER SYSTEM SET hot_standby = off")
    postgres.stop(replica)
    postgres.start(replica)
    closed = probe(lab.as_probe(replica), "away")
    assert (closed.stage, closed.sqlstate) == (Stage.LOGIN, "57P03")


def test_a_question_that_times_out_costs_only_its_own_answer(lab: Lab, spare: Node) -> None:
    with session(lab.as_master(spare)) as locker:
        locker.run("BEGIN")
        locker.run("LOCK dr.heartbeat")
        sight = probe(replace(lab.as_probe(spare), statement_timeout=0.3), "home")
    assert (sight.stage, sight.sqlstate) == (Stage.QUERY, "57014")
    assert (sight.unanswered, sight.heartbeat) == (("beat", "heartbeat"), None)
    assert sight.reachable
    assert sight.client_sessions == 1


def test_a_connection_that_dies_in_between_leaves_what_was_learnt(lab: Lab, spare: Node, wait_until: WaitUntil) -> None:
    waiting = "SELECT pid FROM pg_stat_activity WHERE usename = 'dr_probe_orders-test' AND wait_event_type = 'Lock'"
    frozen: list[int] = []

    def freeze_the_backend() -> None:
        wait_until(lambda: postgres.sql(spare, waiting) != [])
        frozen.append(postgres.sql(spare, waiting)[0][0])
        os.kill(frozen[0], signal.SIGSTOP)

    with session(lab.as_master(spare)) as locker:
        locker.run("BEGIN")
        locker.run("LOCK dr.heartbeat")
        thread = threading.Thread(target=freeze_the_backend)
        thread.start()
        start = time.monotonic()
        sight = probe(replace(lab.as_probe(spare), connect_timeout=30, statement_timeout=1.5), "home")
        took = time.monotonic() - start
        thread.join()
        os.kill(frozen[0], signal.SIGCONT)
    assert (sight.stage, sight.error, sight.sqlstate) == (Stage.QUERY, "no answer in time", None)
    assert (sight.unanswered, sight.in_recovery) == (("beat", "heartbeat"), False)
    assert took < 10


def test_a_database_that_does_not_even_say_its_role_is_not_reachable(lab: Lab, spare: Node) -> None:
    postgres.sql(spare, "REVOKE EXECUTE ON FUNCTION pg_is_in_recovery() FROM PUBLIC", "orders")
    sight = probe(lab.as_probe(spare), "home")
    postgres.sql(spare, "GRANT EXECUTE ON FUNCTION pg_is_in_recovery() TO PUBLIC", "orders")
    assert (sight.stage, sight.sqlstate, sight.unanswered) == (Stage.QUERY, "42501", ("role",))
    assert not sight.reachable


def test_a_database_that_was_never_prepared(lab: Lab) -> None:
    node = lab.primary("bare")
    postgres.sql(node, 'CREATE ROLE "dr_probe_orders-test" LOGIN')
    sight = probe(lab.as_probe(node), "home")
    assert (sight.stage, sight.sqlstate) == (Stage.QUERY, "42P01")
    assert sight.unanswered == ("beat", "heartbeat")
