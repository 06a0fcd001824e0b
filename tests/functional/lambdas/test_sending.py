"""An answer gets out through a bad network if it can, and trying ends before the function does."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest

from dr_templates.runtime.custom_resource import Post, answer, put

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.functional.lambdas.conftest import CloudFormation, Context


def no_work(_event: object) -> tuple[str, dict[str, str]]:
    return "id", {}


def test_a_network_that_fails_for_a_moment_does_not_lose_the_answer(
    cloudformation: CloudFormation, context: Context
) -> None:
    tries: list[bytes] = []
    pauses: list[float] = []

    def stumble(_url: str, body: bytes, _seconds: float) -> None:
        tries.append(body)
        if len(tries) < 3:
            raise ConnectionResetError

    post = Post(emulated=True, put=stumble, sleep=pauses.append)
    answer(cloudformation.event("Create"), context, no_work, post)
    assert (len(tries), pauses) == (3, [0.5, 0.5])
    assert len(set(tries)) == 1


def test_an_answer_that_cannot_be_sent_is_an_error_in_the_log(cloudformation: CloudFormation, context: Context) -> None:
    def fall(_url: str, _body: bytes, _seconds: float) -> None:
        raise ConnectionResetError

    post = Post(emulated=True, put=fall, sleep=lambda _: None)
    with pytest.raises(ConnectionResetError):
        answer(cloudformation.event("Create"), context, no_work, post)


class Countdown:
    """A function with ``seconds`` left, in a time that passes only by what is waited for."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.waits: list[float] = []

    def get_remaining_time_in_millis(self) -> int:
        return round(self.seconds * 1000)

    def pass_by(self, seconds: float) -> None:
        self.seconds -= seconds

    def hang(self, _url: str, _body: bytes, seconds: float) -> None:
        """Stand for an address that swallows packets: every attempt costs all the time it is given."""
        self.waits.append(seconds)
        self.pass_by(seconds)
        raise TimeoutError


@pytest.mark.parametrize(("left", "waits"), [(5.0, [3.5 / 3] * 3), (2.0, [0.5] * 2), (1.1, [0.5])])
def test_sending_ends_before_the_function_does(cloudformation: CloudFormation, left: float, waits: list[float]) -> None:
    """Five seconds are what the watchdog leaves; the network's worst must still fit, error message included."""
    clock = Countdown(left)
    post = Post(emulated=True, put=clock.hang, sleep=clock.pass_by)
    with pytest.raises(TimeoutError):
        answer(cloudformation.event("Delete"), clock, no_work, post)
    assert clock.waits == pytest.approx(waits, abs=0.01)
    assert clock.seconds > 0.2


def test_with_time_to_spare_one_attempt_is_still_given_up_after_ten_seconds(cloudformation: CloudFormation) -> None:
    clock = Countdown(300)
    with pytest.raises(TimeoutError):
        answer(cloudformation.event("Delete"), clock, no_work, Post(emulated=True, put=clock.hang, sleep=clock.pass_by))
    assert clock.waits == [10, 10, 10]


def test_the_function_stays_until_the_watchdogs_answer_has_gone_out(cloudformation: CloudFormation) -> None:
    """Lambda freezes what still runs once the handler returns, so an answer under way would be lost."""
    under_way = threading.Event()
    sent: list[str] = []

    def slow(_url: str, body: bytes, _seconds: float) -> None:
        under_way.set()
        threading.Event().wait(0.3)
        sent.append(json.loads(body)["Status"])

    def work(_event: object) -> tuple[str, dict[str, str]]:
        assert under_way.wait(10)
        return "id-1", {}

    answer(cloudformation.event("Create"), Countdown(5), work, Post(emulated=True, put=slow))
    assert sent == ["FAILED"]


@pytest.fixture
def serve() -> Iterator[Callable[[bytes, float], str]]:
    """Give a function that starts a server saying ``piece`` again and again, and returns its address."""
    over = threading.Event()
    threads: list[threading.Thread] = []
    listeners: list[socket.socket] = []

    def start(piece: bytes, pause: float) -> str:
        listener = socket.create_server(("127.0.0.1", 0))

        def talk() -> None:
            with contextlib.suppress(OSError), listener.accept()[0] as client:
                client.recv(65536)
                end = time.monotonic() + 5
                while time.monotonic() < end and not over.wait(pause):
                    client.sendall(piece)

        listeners.append(listener)
        threads.append(threading.Thread(target=talk))
        threads[-1].start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}/"

    yield start
    over.set()
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join()


def test_a_server_that_answers_drop_by_drop_is_not_waited_for(serve: Callable[[bytes, float], str]) -> None:
    start = time.monotonic()
    with pytest.raises(TimeoutError):
        put(serve(b"H", 0.05), b"{}", 0.4)
    assert time.monotonic() - start < 3


def test_something_that_is_no_web_server_is_a_failing_network_too(
    serve: Callable[[bytes, float], str], cloudformation: CloudFormation, context: Context
) -> None:
    addresses = [serve(b"220 mail.example\r\n", 0), cloudformation.url]
    post = Post(emulated=True, put=lambda _, body, seconds: put(addresses.pop(0), body, seconds), sleep=lambda _: None)
    answer(cloudformation.event("Create"), context, no_work, post)
    assert [sent["Status"] for sent in cloudformation.answers] == ["SUCCESS"]
