"""TLS is verified or there is no connection, and every way of not answering has its own name."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dr_templates.lab import postgres
from dr_templates.lab.certificates import make_authority
from dr_templates.runtime.database import DATABASE_ERRORS, Stage, UnavailableError, explain, handshake, session

if TYPE_CHECKING:
    from tests.functional.lambdas.conftest import Lab, Pair, WaitUntil


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def answering(listener: socket.socket, answer: bytes) -> int:
    """Answer one client's question with ``answer`` and hang up; return the port."""

    def serve() -> None:
        client, _ = listener.accept()
        with client:
            client.recv(8)
            client.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    return int(listener.getsockname()[1])


def test_a_session_is_open_inside_and_ended_afterwards(lab: Lab, pair: Pair) -> None:
    with session(lab.as_master(pair.primary)) as connection:
        [[pid, user]] = connection.run("SELECT pg_backend_pid(), current_user::text")
    assert user == "orders_admin"
    with session(lab.as_probe(pair.primary)) as connection:
        assert connection.run("SELECT FROM pg_stat_activity WHERE pid = :pid", pid=pid) == []


def test_another_authority_is_refused(lab: Lab, pair: Pair) -> None:
    stranger = replace(lab.as_master(pair.primary), ca=make_authority("another").pem)
    with pytest.raises(UnavailableError, match="certificate verify failed") as caught, session(stranger):
        pass
    assert caught.value.stage is Stage.HANDSHAKE


def test_without_an_authority_of_its_own_only_rds_is_trusted(lab: Lab, pair: Pair) -> None:
    default = replace(lab.as_master(pair.primary), ca=None)
    with pytest.raises(UnavailableError, match="certificate verify failed"), session(default):
        pass


def test_a_certificate_for_another_host_is_refused(lab: Lab) -> None:
    node = lab.node("elsewhere", "127.20.0.10", {}, certified="elsewhere.lab")
    postgres.create_primary(node, postgres.Master("orders_admin", "x", "orders"))
    with pytest.raises(UnavailableError, match=r"127\.20\.0\.10") as caught, session(lab.as_master(node)):
        pass
    assert caught.value.stage is Stage.HANDSHAKE


def test_a_client_without_tls_is_turned_away(pair: Pair) -> None:
    with socket.create_connection((pair.primary.host, pair.primary.port), 5) as plain:
        plain.sendall(bytes.fromhex("0000001300030000") + b"user\x00me\x00\x00")
        assert b"28000" in plain.recv(200)


def test_a_slow_statement_is_ended_by_the_server(lab: Lab, pair: Pair) -> None:
    with (
        session(replace(lab.as_master(pair.primary), statement_timeout=0.2)) as connection,
        pytest.raises(Exception, match="57014"),
    ):
        connection.run("SELECT pg_sleep(10)")


def test_a_server_that_freezes_after_the_login_is_not_waited_for(lab: Lab, pair: Pair) -> None:
    """The wait for an answer is the statement's, however patient connecting was."""
    target = replace(lab.as_master(pair.primary), connect_timeout=30, statement_timeout=0.2)
    with session(target) as connection:
        [[pid]] = connection.run("SELECT pg_backend_pid()")
        os.kill(pid, signal.SIGSTOP)
        start = time.monotonic()
        try:
            with pytest.raises(DATABASE_ERRORS) as caught:
                connection.run("SELECT 1")
        finally:
            os.kill(pid, signal.SIGCONT)
        took = time.monotonic() - start
    assert explain(caught.value) == ("no answer in time", None)
    assert 1 < took < 10


def test_an_answer_may_take_longer_than_connecting(lab: Lab, pair: Pair) -> None:
    with session(replace(lab.as_master(pair.primary), connect_timeout=1.5)) as connection:
        assert connection.run("SELECT 1 FROM pg_sleep(2)") == [[1]]


def test_handshake_with_a_server(pair: Pair) -> None:
    seen = handshake(pair.primary.host, pair.primary.port, 3)
    assert (seen.stopped, seen.reason) == (None, None)
    assert 0 < seen.milliseconds < 3000


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"N", "the server offers no TLS"),
        (b"", "the connection was closed"),
        (b"H", "the answer is not PostgreSQL's"),
    ],
)
def test_handshake_with_something_else(listener: socket.socket, answer: bytes, reason: str) -> None:
    seen = handshake("127.0.0.1", answering(listener, answer), 3)
    assert (seen.stopped, seen.reason) == (Stage.HANDSHAKE, reason)


def test_handshake_with_silence_ends_in_time(listener: socket.socket) -> None:
    start = time.monotonic()
    seen = handshake("127.0.0.1", listener.getsockname()[1], 0.3)
    assert (seen.stopped, seen.reason) == (Stage.HANDSHAKE, "no answer in time")
    assert time.monotonic() - start < 2


def test_handshake_with_a_closed_port() -> None:
    assert handshake("127.0.0.1", postgres.free_port("127.0.0.1"), 3).stopped is Stage.REFUSED


def test_handshake_with_a_name_that_is_none() -> None:
    assert handshake("nowhere.invalid", 5432, 3).stopped is Stage.UNREACHABLE


def test_handshake_with_a_host_that_takes_no_packets() -> None:
    with closing(socket.socket()) as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        seen = handshake("127.0.0.1", full.getsockname()[1], 0.3)
        for client in waiting:
            client.close()
    assert (seen.stopped, seen.reason) == (Stage.UNREACHABLE, "no answer in time")


def descriptors() -> int:
    return len([*Path("/proc/self/fd").iterdir()])


def test_a_refused_login_leaves_no_socket_open_even_while_its_error_is_kept(
    lab: Lab, pair: Pair, wait_until: WaitUntil
) -> None:
    wrong = lab.as_master(pair.primary, "wrong")
    before = descriptors()
    kept = []
    for _ in range(3):
        with pytest.raises(UnavailableError) as caught, session(wrong):
            pass
        kept.append(caught.value)
    wait_until(lambda: descriptors() <= before)  # the lab's door, in this process too, closes its side a little later
    assert all(fault.login_refused for fault in kept)


def test_a_failed_statement_leaves_no_socket_open_even_while_its_error_is_kept(
    lab: Lab, pair: Pair, wait_until: WaitUntil
) -> None:
    before = descriptors()
    with pytest.raises(DATABASE_ERRORS) as caught, session(lab.as_master(pair.primary)) as connection:
        connection.run("SELECT 1 FROM nowhere")
    wait_until(lambda: descriptors() <= before)
    assert explain(caught.value)[1] == "42P01"
