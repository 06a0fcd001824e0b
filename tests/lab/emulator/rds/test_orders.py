"""Orders that break a database: each does what it says, and no more."""

import json
import urllib.error
from pathlib import Path
from typing import Any

import pg8000.native
import pytest
from botocore.exceptions import ClientError
from tests.lab.emulator.rds.conftest import AWAY, HOME, Databases, client, until
from tests.lab.emulator.rds.ordering import command, order, told

from dr_templates.runtime.database import UnavailableError, session


def ask(databases: Databases, instance: dict[str, Any], query: str) -> list[list[object]]:
    with session(databases.target(instance)) as connection:
        return list(connection.run(query) or ())


def refused(said: object) -> str:
    with pytest.raises(urllib.error.HTTPError) as caught:
        order("databases", said)
    with caught.value as answer:
        assert answer.code == 400
        return str(json.load(answer)["error"])


def nonsense(name: str, identifier: str) -> str:
    return refused({"order": name, "region": HOME, "identifier": identifier})


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ([], "an order for a database is"),
        ({"order": "kill", "region": HOME}, "an order for a database is"),
        ({"order": "melt", "region": HOME, "identifier": "orders"}, "there is no order melt; there are kill, start"),
        ({"order": "kill", "region": HOME, "identifier": "nobody"}, f"there is no database nobody in {HOME}"),
    ],
)
@pytest.mark.usefixtures("led")
def test_an_order_that_makes_no_sense_is_refused_in_words(said: object, words: str) -> None:
    assert words in refused(said)


def test_a_database_is_killed_and_started_frozen_and_thawed_and_rds_says_it_is_available(databases: Databases) -> None:
    made = databases.create("orders")
    ask(databases, made, "CREATE TABLE kept AS SELECT 1 AS x")
    seen = told("orders")
    assert (seen["region"], seen["status"], seen["address"]) == (HOME, "available", databases.target(made).host)
    assert (seen["running"], seen["open"], seen["in_recovery"], seen["replayed"]) == (True, True, False, None)
    assert ask(databases, made, "SELECT system_identifier::text FROM pg_control_system()") == [[seen["system"]]]
    assert (seen["timeline"], "/" in seen["written"]) == (1, True)

    command("kill", "orders")
    with pytest.raises(UnavailableError, match="refused"):
        ask(databases, made, "SELECT 1")
    seen = told("orders")
    assert (seen["running"], seen["open"], seen["in_recovery"], seen["status"]) == (False, False, None, "available")
    assert nonsense("kill", "orders") == nonsense("freeze", "orders") == "orders does not run"
    command("start", "orders")
    assert nonsense("start", "orders") == "orders runs already"
    assert ask(databases, made, "SELECT x FROM kept") == [[1]]

    command("freeze", "orders")
    with pytest.raises(UnavailableError):
        ask(databases, made, "SELECT 1")
    seen = told("orders")
    assert (seen["running"], seen["frozen"], seen["in_recovery"]) == (True, True, None)
    assert databases.see("orders")["DBInstanceStatus"] == "available"
    command("thaw", "orders")
    assert nonsense("thaw", "orders") == "orders is not frozen"
    assert ask(databases, made, "SELECT x FROM kept") == [[1]]
    until(lambda: told("orders")["in_recovery"] is False)


def segments() -> set[str]:
    return {line.split()[1] for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]}


def test_a_killed_database_leaves_no_memory_behind(databases: Databases) -> None:
    made = databases.create("orders")
    data = Path(str(ask(databases, made, "SHOW data_directory")[0][0]))
    pid, *_, segment = " ".join((data / "postmaster.pid").read_text().splitlines()[:7]).split()
    maps = Path(f"/proc/{pid}/maps").read_text()
    ours = {word for word in maps.split() if word.startswith("/dev/shm/PostgreSQL.")}  # noqa: S108 - PostgreSQL's own
    assert segment in segments()
    assert ours
    command("freeze", "orders")
    command("kill", "orders")
    assert segment not in segments()
    assert not [one for one in ours if Path(one).exists()]


def test_replay_is_held_while_the_log_still_arrives_and_is_released(databases: Databases) -> None:
    primary = databases.create("orders")
    replica = databases.replicate("orders-away", primary["DBInstanceArn"])
    assert nonsense("hold-replay", "orders") == "orders is no replica"
    until(lambda: told("orders-away")["received"] is not None)
    command("hold-replay", "orders-away", AWAY)
    ask(databases, primary, "CREATE TABLE later (x int)")
    until(lambda: told("orders-away")["received"] != told("orders-away")["replayed"])
    assert ask(databases, replica, "SELECT to_regclass('later')::text") == [[None]]
    assert (told("orders-away")["in_recovery"], told("orders-away")["system"]) == (True, told("orders")["system"])
    command("release-replay", "orders-away", AWAY)
    until(lambda: ask(databases, replica, "SELECT to_regclass('later')::text") == [["later"]])


def test_a_full_storage_lets_nobody_in_until_there_is_more(databases: Databases) -> None:
    made, rds = databases.create("orders"), client("rds")
    with session(databases.target(made)) as before:
        before.run("CREATE TABLE kept AS SELECT 1 AS x")
        command("fill-storage", "orders")
        with pytest.raises((pg8000.native.Error, OSError)):
            before.run("SELECT 1")
    assert databases.see("orders")["DBInstanceStatus"] == "storage-full"
    with pytest.raises(UnavailableError):
        ask(databases, made, "SELECT 1")
    events = rds.describe_events(SourceIdentifier="orders", SourceType="db-instance", EventCategories=["low storage"])
    assert [event["Message"][:37] for event in events["Events"]] == ["Allocated storage has been exhausted."]
    assert nonsense("start", "orders") == nonsense("fill-storage", "orders") == "orders is storage-full"
    for change in ({"BackupRetentionPeriod": 9}, {"AllocatedStorage": 20}):
        with pytest.raises(ClientError, match=r"InvalidDBInstanceState.*storage-full"):
            rds.modify_db_instance(DBInstanceIdentifier="orders", ApplyImmediately=True, **change)
    with pytest.raises(ClientError, match=r"InvalidDBInstanceState"):
        rds.reboot_db_instance(DBInstanceIdentifier="orders")
    rds.modify_db_instance(DBInstanceIdentifier="orders", ApplyImmediately=True, AllocatedStorage=40)
    assert databases.available("orders")["AllocatedStorage"] == 40
    assert ask(databases, made, "SELECT x FROM kept") == [[1]]


def test_no_failover_is_ordered_where_there_is_no_second_zone(databases: Databases) -> None:
    databases.create("orders")
    assert nonsense("fail-over", "orders") == "orders is not configured for Multi-AZ"
