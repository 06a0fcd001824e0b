"""What RDS takes its time for: promotion, reboot and failover, and who gets in meanwhile."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pg8000.native
import pytest
from tests.lab.emulator.rds.conftest import AWAY, HOME, Databases, client, until
from tests.lab.emulator.rds.ordering import command, order, told

from dr_templates.lab.emulator.orders.pace import Pace, read
from dr_templates.runtime.database import UnavailableError, session

Setting = Callable[..., None]
PROMOTED = [
    "Replication streaming has been terminated.",
    "DB instance restarted",
    "Backing up DB instance",
    "Finished DB instance backup",
]
REFUSED = (UnavailableError, pg8000.native.Error, OSError)


@pytest.fixture
def pace(databases: Databases) -> Iterator[Setting]:  # noqa: ARG001 - whose emulator is paced
    yield lambda **actions: order("pace", {"actions": actions})
    order("pace", method="DELETE")


def ask(databases: Databases, instance: dict[str, Any], query: str) -> list[list[object]]:
    with session(databases.target(instance)) as connection:
        return list(connection.run(query) or ())


def pair(databases: Databases, **more: object) -> tuple[dict[str, Any], dict[str, Any]]:
    primary = databases.create("orders", **more)
    ask(databases, primary, "CREATE TABLE written (x int)")
    return primary, databases.replicate("orders-away", primary["DBInstanceArn"])


def accepts(databases: Databases, instance: dict[str, Any]) -> bool:
    try:
        ask(databases, instance, "INSERT INTO written VALUES (1)")
    except REFUSED:
        return False
    return True


def messages(name: str, region: str = HOME) -> list[str]:
    events = client("rds", region).describe_events(SourceIdentifier=name, SourceType="db-instance")["Events"]
    return [event["Message"] for event in events]


@pytest.mark.parametrize(
    "said",
    [
        [],
        {},
        {"actions": {"promotion": -1}},
        {"actions": {"promotion": True}},
        {"actions": {"promotion": float("inf")}},
        {"actions": {"lunch": 1}},
        {"actions": ["promotion"]},
        {"scale": 1, "actions": {"promotion": 1}},
        {"scale": 1, "types": {}, "acts": {}},
    ],
)
def test_a_pace_that_makes_no_sense_is_refused(said: object) -> None:
    with pytest.raises(ValueError, match="the actions are backup, failover, promotion, reboot"):
        read(said)


def test_a_pace_tells_of_types_of_actions_or_of_both() -> None:
    types, actions = {"*": 20.0}, {"promotion": 120.0, "backup": 0.0}
    assert read({"scale": 0.5, "types": types}) == Pace(0.5, types)
    assert read({"actions": actions}) == Pace(actions=actions)
    assert read({"scale": 0.5, "types": types, "actions": actions}) == Pace(0.5, types, actions)


def test_a_promotion_takes_its_time_cuts_sessions_and_takes_no_write_before_its_end(
    databases: Databases, pace: Setting
) -> None:
    primary, replica = pair(databases)
    until(lambda: ask(databases, replica, "SELECT to_regclass('written')::text") == [["written"]])
    pace(promotion=3, reboot=0.5, backup=2)
    with session(databases.target(replica)) as before:
        began = time.monotonic()
        client("rds", AWAY).promote_read_replica(DBInstanceIdentifier="orders-away")
        seen = databases.see("orders-away", AWAY)
        assert (seen["DBInstanceStatus"], bool(seen["ReadReplicaSourceDBInstanceIdentifier"])) == ("modifying", True)
        assert before.run("SELECT pg_is_in_recovery()") == [[True]]
        until(lambda: PROMOTED[0] in messages("orders-away", AWAY))
        ask(databases, primary, "INSERT INTO written VALUES (8)")
        until(lambda: accepts(databases, replica))
        assert time.monotonic() - began > 2.7
        with pytest.raises(REFUSED):
            before.run("SELECT 1")
    until(lambda: databases.see("orders-away", AWAY)["DBInstanceStatus"] == "backing-up")
    assert time.monotonic() - began > 3
    assert not databases.see("orders-away", AWAY).get("ReadReplicaSourceDBInstanceIdentifier")
    assert ask(databases, replica, "SELECT count(*) FROM written WHERE x = 8") == [[0]]
    until(lambda: databases.see("orders-away", AWAY)["DBInstanceStatus"] == "available")
    assert time.monotonic() - began > 5
    assert messages("orders-away", AWAY)[-4:] == PROMOTED


@pytest.mark.parametrize(("what", "name", "region"), [("freeze", "orders", HOME), ("kill", "orders-away", AWAY)])
def test_a_promotion_succeeds_though_the_source_or_the_replica_hangs_or_is_gone(
    databases: Databases, what: str, name: str, region: str
) -> None:
    _, replica = pair(databases)
    until(lambda: ask(databases, replica, "SELECT to_regclass('written')::text") == [["written"]])
    command(what, name, region)
    client("rds", AWAY).promote_read_replica(DBInstanceIdentifier="orders-away")
    promoted = databases.available("orders-away", AWAY)
    assert not promoted.get("ReadReplicaSourceDBInstanceIdentifier")
    assert accepts(databases, promoted)
    if what == "freeze":
        command("thaw", name, region)
        assert accepts(databases, databases.see("orders"))


def test_a_reboot_ends_a_server_that_hangs_and_nobody_gets_in_before_its_time(
    databases: Databases, pace: Setting
) -> None:
    made = databases.create("orders")
    ask(databases, made, "CREATE TABLE written (x int)")
    command("freeze", "orders")
    pace(reboot=1)
    began = time.monotonic()
    client("rds").reboot_db_instance(DBInstanceIdentifier="orders")
    until(lambda: accepts(databases, made))
    assert time.monotonic() - began > 0.9
    databases.available("orders")
    assert time.monotonic() - began > 1


def zones(instance: dict[str, Any]) -> tuple[str, str]:
    return instance["AvailabilityZone"], instance["SecondaryAvailabilityZone"]


def test_a_failover_swaps_the_zones_is_told_of_and_loses_nothing(databases: Databases, pace: Setting) -> None:
    primary, _ = pair(databases, MultiAZ=True)
    here, there = zones(primary)
    pace(failover=2)
    with session(databases.target(primary)) as before:
        before.run("INSERT INTO written VALUES (7)")
        began = time.monotonic()
        client("rds").reboot_db_instance(DBInstanceIdentifier="orders", ForceFailover=True)
        assert databases.see("orders")["DBInstanceStatus"] == "rebooting"
        until(lambda: accepts(databases, primary))
        assert time.monotonic() - began > 1.8
        with pytest.raises(REFUSED):
            before.run("SELECT 1")
    assert zones(databases.available("orders")) == (there, here)
    assert time.monotonic() - began > 2
    failover = ["Multi-AZ instance failover started.", "DB instance restarted", "Multi-AZ instance failover completed"]
    assert messages("orders")[-3:] == failover
    until(lambda: databases.see("orders-away", AWAY)["StatusInfos"][0]["Status"] == "replicating")
    replica = databases.see("orders-away", AWAY)
    until(lambda: ask(databases, replica, "SELECT x FROM written ORDER BY x DESC LIMIT 1") == [[7]])

    command("fail-over", "orders")
    until(lambda: messages("orders")[-1] == failover[0])
    assert databases.see("orders")["DBInstanceStatus"] == "available"
    assert not accepts(databases, primary)
    until(lambda: messages("orders")[-1] == failover[-1])
    assert zones(databases.see("orders")) == (here, there)
    assert accepts(databases, primary)
    told_of = client("rds").describe_events(
        SourceIdentifier="orders", SourceType="db-instance", EventCategories=["failover"]
    )["Events"]
    assert [event["Message"] for event in told_of] == 2 * [failover[0], failover[-1]]
    assert told("orders")["in_recovery"] is False


def test_a_source_keeps_its_replica_through_a_rename_and_a_successor_of_its_name_gets_it_not(
    databases: Databases,
) -> None:
    pair(databases)
    rename = {"NewDBInstanceIdentifier": "orders-old", "ApplyImmediately": True}
    client("rds").modify_db_instance(DBInstanceIdentifier="orders", **rename)
    renamed = databases.available("orders-old")
    databases.create("orders")
    replica = databases.see("orders-away", AWAY)
    assert replica["ReadReplicaSourceDBInstanceIdentifier"] == renamed["DBInstanceArn"]
    assert replica["StatusInfos"][0]["Status"] == "replicating"
    databases.delete("orders-old")
    assert databases.see("orders-away", AWAY)["StatusInfos"][0]["Status"] == "terminated"
