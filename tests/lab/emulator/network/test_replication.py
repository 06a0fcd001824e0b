"""Replication between regions, cut one way or both, and late."""

import time

from tests.lab.emulator.network.conftest import AWAY, HOME, RATE, Network, Pair, client, until

A_WHILE = 0.5


def write(pair: Pair, number: int) -> None:
    with pair.session() as connection:
        connection.run("INSERT INTO written VALUES (:n)", n=number)


def arrived(pair: Pair, number: int) -> bool:
    with pair.session(None, "orders-away", AWAY) as connection:
        return connection.run("SELECT count(*) FROM written WHERE n = :n", n=number) == [[1]]


def test_a_cut_stops_replication_and_it_catches_up_afterwards(network: Network, pair: Pair) -> None:
    write(pair, 100)
    until(lambda: arrived(pair, 100))
    network.cut((HOME, AWAY, "replication"))
    write(pair, 101)
    time.sleep(A_WHILE)
    assert not arrived(pair, 101)
    network.heal()
    until(lambda: arrived(pair, 101))


def test_a_cut_of_what_the_replica_says_leaves_it_receiving(network: Network, pair: Pair) -> None:
    network.cut((AWAY, HOME, "replication"))
    write(pair, 102)
    until(lambda: arrived(pair, 102), seconds=8)
    with pair.session() as connection:
        behind = "SELECT pg_current_wal_lsn() - flush_lsn > 0 FROM pg_stat_replication"
        assert connection.run(behind) == [[True]]


def test_a_late_link_makes_the_replica_late_and_not_slow(network: Network, pair: Pair) -> None:
    network.slow((HOME, AWAY, "replication", 20))
    for number in range(200, 229):
        write(pair, number)
    last = time.monotonic()
    write(pair, 229)
    until(lambda: arrived(pair, 229))
    assert 20 / RATE <= time.monotonic() - last < 30 * 20 / RATE
    assert arrived(pair, 200)


def test_a_source_that_restarts_is_found_again(pair: Pair) -> None:
    client("rds").reboot_db_instance(DBInstanceIdentifier="orders")
    pair.databases.available("orders")
    write(pair, 300)
    until(lambda: arrived(pair, 300))
