import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from tests.lab.emulator.clocks.conftest import APART, RATE
from tests.lab.emulator.types.conftest import client, until

from dr_templates.lab import postgres
from dr_templates.lab.certificates import Authority, issue, make_authority
from dr_templates.lab.clock import Clock
from dr_templates.lab.postgres import Master, Node, Room
from dr_templates.lab.software import find
from dr_templates.runtime.database import Target, session
from dr_templates.runtime.prepare import prepare
from dr_templates.runtime.probe import probe

MASTER = Master("orders_admin", "Master-Password-1", "orders")
PROBE, TOKEN = "dr_probe_orders-test", "stands for a token"
MOMENT = 0.001
"""Seconds by which a time may be off for being written in so many digits."""


@dataclass(frozen=True)
class Pair:
    room: Room
    authority: Authority
    primary: Node
    replica: Node

    @property
    def clock(self) -> Clock:
        return self.room.clock

    def master(self, node: Node) -> Target:
        return Target(node.host, node.port, "orders", MASTER.user, MASTER.password, ca=self.authority.pem)

    def probe(self, node: Node) -> Target:
        return replace(self.master(node), user=PROBE, password=TOKEN)


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    clock, authority = Clock(time.time() - APART, RATE), make_authority()
    with postgres.open_room(find(os.environ), clock=clock) as room:

        def node(name: str, host: str) -> Node:
            return Node(room, name, host, postgres.free_port(host), issue(authority, host), trusted=(PROBE,))

        primary = postgres.create_primary(node("home", "127.20.0.11"), MASTER)
        replica = postgres.create_replica(node("away", "127.30.0.11"), primary)
        made = Pair(room, authority, primary, replica)
        prepare(made.master(primary), lambda: made.probe(primary))
        yield made


def test_a_heartbeat_is_written_in_the_labs_time_and_ages_by_it(pair: Pair) -> None:
    before = pair.clock.now()
    sight = probe(pair.probe(pair.primary), "home")
    after = pair.clock.now()
    assert sight.heartbeat is not None
    assert before - MOMENT <= sight.heartbeat.written_at.timestamp() <= after + MOMENT
    pair.clock.pause(APART)
    later = probe(pair.probe(pair.primary), "home", beat=False)
    assert later.heartbeat is not None
    assert APART <= later.heartbeat.age_seconds <= pair.clock.now() - before + MOMENT


def test_a_replica_tells_the_labs_time_too(pair: Pair) -> None:
    before = pair.clock.now()
    assert probe(pair.probe(pair.primary), "home").heartbeat is not None

    def told() -> bool:
        sight = probe(pair.probe(pair.replica), "away", beat=False)
        if sight.last_replayed_at is None or sight.receiver is None or sight.receiver.message_age_seconds is None:
            return False
        replayed, now = sight.last_replayed_at.timestamp(), pair.clock.now()
        assert replayed <= now + MOMENT
        assert -MOMENT <= sight.receiver.message_age_seconds <= now - (pair.clock.start - APART)
        return replayed >= before - MOMENT

    until(told)
    [[heard]] = postgres.sql(pair.replica, "SELECT last_msg_receipt_time FROM pg_stat_wal_receiver")
    assert heard.timestamp() >= before - 2 * APART  # the machine's clock is further behind
    assert pair.clock.now() - time.time() > 4 * APART


def test_what_a_client_makes_lands_where_it_always_does_and_every_new_database_tells_the_time(pair: Pair) -> None:
    with session(pair.master(pair.primary)) as connection:
        connection.run("CREATE TABLE made AS SELECT clock_timestamp() AS at")
        assert connection.run("SELECT 'public.made'::regclass::text") == [["made"]]
        connection.run("CREATE DATABASE another")
    with session(replace(pair.master(pair.primary), database="another")) as connection:
        before = pair.clock.now()
        [[now]] = connection.run("SELECT clock_timestamp()")
        assert before - MOMENT <= now.timestamp() <= pair.clock.now() + MOMENT


def test_replication_is_given_as_many_of_the_labs_seconds_as_rds_gives_it(pair: Pair) -> None:
    asked = "SELECT name, setting FROM pg_settings WHERE name IN ('wal_receiver_timeout', 'wal_sender_timeout')"
    assert {int(value) for _name, value in postgres.sql(pair.replica, asked)} == {30_000 / RATE}


def test_at_the_machines_rate_a_server_is_left_as_it_is() -> None:
    with postgres.open_room(find(os.environ)) as room:
        host = "127.20.0.12"
        node = Node(room, "plain", host, postgres.free_port(host), issue(make_authority(), host))
        postgres.create_primary(node, MASTER)
        assert postgres.sql(node, "SELECT proname::text FROM pg_proc WHERE proname ~ '^(machine|lab)_'") == []
        assert "timeout" not in (node.data / "lab.conf").read_text()


def test_events_of_rds_are_dated_and_looked_for_by_the_clock(clock: Clock, led: None) -> None:  # noqa: ARG001 - clients
    before = clock.now()
    client("rds").create_db_instance(
        DBInstanceIdentifier="told",
        Engine="postgres",
        DBInstanceClass="db.t4g.micro",
        AllocatedStorage=20,
        MasterUsername="master",
        MasterUserPassword="Master-Password-1",
    )

    def told(**span: object) -> list[float]:
        events = client("rds").describe_events(SourceIdentifier="told", SourceType="db-instance", **span)["Events"]
        return [event["Date"].timestamp() for event in events]

    until(lambda: bool(told()))
    after = clock.now()
    assert all(before - MOMENT <= date <= after for date in told())
    assert told(StartTime=datetime.fromtimestamp(before, UTC)) == told()
    earlier = {"StartTime": datetime.fromtimestamp(before - APART, UTC), "EndTime": datetime.fromtimestamp(before, UTC)}
    assert told(**earlier) == []
    clock.pause(APART + 5)
    assert told(Duration=1) == []
    assert told(Duration=60) != []
