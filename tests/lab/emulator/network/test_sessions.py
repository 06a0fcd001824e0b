"""Sessions of clients at a database, through a network that is cut, late or fenced."""

import socket
import time

import pg8000.native
import pytest
from tests.lab.emulator.network.conftest import AWAY, HOME, RATE, Network, Pair, client, started

from dr_templates.aws import nacl

A_WHILE = 0.3
"""Seconds after which what has not come yet does not come."""


CLOSED = "Server refuses SSL"
"""What pg8000 says when it is hung up on before it has said who it is."""


def give_up(connection: pg8000.native.Connection) -> None:
    """Close a connection that is dead already, which pg8000 tells."""
    with pytest.raises(pg8000.native.InterfaceError):
        connection.close()


def test_clients_of_each_region_have_an_address_of_their_own(network: Network, pair: Pair) -> None:
    addresses = network.told()["addresses"]
    assert {HOME, AWAY} <= addresses.keys()
    assert len(set(addresses.values())) == len(addresses)
    with pair.session(HOME) as connection:
        assert connection.run("SELECT 1") == [[1]]


@pytest.mark.parametrize("cut", [(AWAY, HOME), (HOME, AWAY)], ids=["questions", "answers"])
def test_an_open_session_stalls_while_it_is_cut_and_goes_on_with_nothing_lost(
    network: Network, pair: Pair, cut: tuple[str, str]
) -> None:
    with pair.session(AWAY) as connection, pair.session(HOME) as beside:
        heard: list[object] = []
        network.cut((*cut, "clients"))
        with started(lambda: heard.append(connection.run("INSERT INTO written VALUES (7) RETURNING n"))):
            time.sleep(A_WHILE)
            assert not heard
            done = beside.run("SELECT count(*) FROM written WHERE n = 7")
            assert done == [[1 if cut == (HOME, AWAY) else 0]]
            network.heal()
        assert heard == [[[7]]]
        assert beside.run("WITH gone AS (DELETE FROM written WHERE n = 7 RETURNING n) SELECT count(*) FROM gone") == [
            [1]
        ]


@pytest.mark.slow
def test_a_session_that_stays_cut_is_given_up(network: Network, pair: Pair) -> None:
    connection = pair.session(AWAY)
    network.cut((AWAY, HOME, "clients"))
    began = time.monotonic()
    with pytest.raises(pg8000.native.InterfaceError, match="network error"):
        connection.run("SELECT 1")
    assert 120 / RATE <= time.monotonic() - began < 25
    give_up(connection)


def test_a_new_connection_that_is_cut_hangs_and_is_closed(network: Network, pair: Pair) -> None:
    network.cut((HOME, AWAY, "clients"))
    began = time.monotonic()
    with pytest.raises(pg8000.native.InterfaceError, match=CLOSED):
        pair.session(AWAY)
    assert 10 / RATE <= time.monotonic() - began < 5


def test_a_session_is_late_by_both_ways(network: Network, pair: Pair) -> None:
    with pair.session(AWAY) as connection:
        network.slow((AWAY, HOME, "clients", 3))
        began = time.monotonic()
        assert connection.run("SELECT 1") == [[1]]
        assert time.monotonic() - began >= 3 / RATE


def test_a_fence_stalls_the_clients_of_every_place_and_not_the_function_beside(network: Network, pair: Pair) -> None:
    ec2, acl = client("ec2"), pair.acls[HOME]
    assert network.shut() == {HOME: False, AWAY: False}
    with pair.session(HOME) as near, pair.session(AWAY) as far, pair.session() as function:
        heard: list[object] = []
        nacl.close(ec2, acl, 110, leaving=False)
        time.sleep(0.1)
        with started(lambda: heard.append(near.run("SELECT 1"))), started(lambda: heard.append(far.run("SELECT 1"))):
            time.sleep(A_WHILE)
            assert not heard
            assert function.run("SELECT 1") == [[1]]
            assert network.shut() == {HOME: True, AWAY: False}
            with pair.session() as another:
                assert another.run("SELECT 1") == [[1]]
            with pytest.raises(pg8000.native.InterfaceError, match=CLOSED):
                pair.session(HOME)
            nacl.open_(ec2, acl, [110])
        assert heard == [[[1]], [[1]]]
        assert network.shut() == {HOME: False, AWAY: False}


def test_a_fence_of_the_answers_alone_lets_the_question_through(pair: Pair) -> None:
    ec2, acl = client("ec2"), pair.acls[HOME]
    with pair.session(HOME) as near, pair.session() as function:
        nacl.close(ec2, acl, 110, leaving=True)
        time.sleep(0.1)
        with started(lambda: near.run("INSERT INTO written VALUES (9)")):
            time.sleep(A_WHILE)
            assert function.run("SELECT count(*) FROM written WHERE n = 9") == [[1]]
            nacl.open_(ec2, acl, [110])


def test_a_client_that_vanishes_takes_its_session_along(pair: Pair) -> None:
    with pair.session() as function:
        mine = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'master' AND pid <> pg_backend_pid()"
        before = function.run(mine)
        connection = pair.session(AWAY)
        assert function.run(mine) != before
        connection._usock.shutdown(socket.SHUT_RDWR)
        give_up(connection)
        end = time.monotonic() + 10
        while function.run(mine) != before:
            assert time.monotonic() < end
            time.sleep(0.02)
