"""The server and its client, over UDP and TCP: what is kept, for how long, and what happens when nobody answers."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from dnslib import RCODE, DNSRecord

from dr_templates.errors import DrError
from dr_templates.lab.emulator.dns import serve, wire
from dr_templates.lab.emulator.dns.answers import Answer
from dr_templates.lab.emulator.dns.choose import Record
from dr_templates.lab.names import Resolver, UnresolvedError

HOST = f"127.88.{os.getpid() >> 8 & 255}.{os.getpid() & 255}"
PORT = 5353
NONE = Answer("NXDOMAIN")


@dataclass
class Service:
    """A server whose answers the test sets, and what it was asked."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    late: float | None = 0.0

    def reply(self, packet: bytes, address: str, longest: int | None) -> bytes | None:
        def ask(name: str, _kind: str) -> Answer:
            self.asked.append((name, address))
            return self.answers.get(name, NONE)

        return wire.reply(packet, ask, longest=longest)


@dataclass
class Watch:
    """A client's clock that goes when it is told to."""

    at: float = 1000.0

    def now(self) -> float:
        return self.at


@pytest.fixture
def service() -> Iterator[Service]:
    one = Service()
    end = serve.serve(HOST, PORT, one.reply, lambda _address: one.late)
    yield one
    end()


def alias(name: str, target: str, ttl: int) -> Record:
    return Record(name, "CNAME", ttl, (target,))


def host(name: str, *values: str, ttl: int = 5) -> Record:
    return Record(name, "A", ttl, values)


def chain(value: str, ttl: int = 60) -> Answer:
    return Answer("NOERROR", (alias("db.lab", "host.lab", ttl), host("host.lab", value)))


def resolver(watch: Watch | None = None, **more: float) -> Resolver:
    rate = more.get("rate", 1.0)
    return Resolver(HOST, PORT, rate=rate, now=watch.now if watch else time.monotonic)


def test_a_name_is_kept_for_the_time_the_rate_leaves_of_it(service: Service) -> None:
    watch = Watch()
    client = resolver(watch, rate=10.0)
    service.answers["one.lab"] = Answer("NOERROR", (host("one.lab", "127.0.0.1", ttl=60),))
    assert client.resolve("one.lab") == "127.0.0.1"
    service.answers["one.lab"] = Answer("NOERROR", (host("one.lab", "127.0.0.2", ttl=60),))
    watch.at += 5.9
    assert client.resolve("One.lab.") == "127.0.0.1"
    watch.at += 0.2
    assert client.resolve("one.lab") == "127.0.0.2"
    assert len(service.asked) == 2


def test_each_record_of_a_chain_is_kept_for_its_own_time(service: Service) -> None:
    watch = Watch()
    client = resolver(watch)
    service.answers["db.lab"] = chain("127.0.0.1")
    service.answers["host.lab"] = Answer("NOERROR", (host("host.lab", "127.0.0.9"),))
    assert client.resolve("db.lab") == "127.0.0.1"
    watch.at += 6
    assert client.resolve("db.lab") == "127.0.0.9"
    assert [name for name, _address in service.asked] == ["db.lab", "host.lab"]


def test_a_time_of_zero_serves_one_question(service: Service) -> None:
    client = resolver(Watch())
    service.answers["db.lab"] = Answer(
        "NOERROR", (alias("db.lab", "host.lab", 0), host("host.lab", "127.0.0.1", ttl=0))
    )
    assert [client.resolve("db.lab"), client.resolve("db.lab")] == ["127.0.0.1", "127.0.0.1"]
    assert len(service.asked) == 2


def test_what_is_not_there_is_not_kept(service: Service) -> None:
    client = resolver(Watch())
    with pytest.raises(UnresolvedError, match="NXDOMAIN"):
        client.resolve("db.lab")
    service.answers["db.lab"] = chain("127.0.0.1")
    assert client.resolve("db.lab") == "127.0.0.1"


def test_a_look_passes_by_what_is_kept_and_keeps_nothing(service: Service) -> None:
    client = resolver(Watch())
    service.answers["db.lab"] = chain("127.0.0.1")
    client.resolve("db.lab")
    service.answers["db.lab"] = chain("127.0.0.2")
    assert client.look("db.lab") == ("host.lab", "127.0.0.2")
    assert client.resolve("db.lab") == "127.0.0.1"


def test_a_look_shows_the_target_of_a_name_that_leads_nowhere(service: Service) -> None:
    service.answers["db.lab"] = Answer("NXDOMAIN", (alias("db.lab", "gone.lab", 60),))
    assert resolver().look("db.lab") == ("gone.lab", None)
    with pytest.raises(UnresolvedError, match=r"gone\.lab: NXDOMAIN"):
        resolver().resolve("db.lab")


@pytest.mark.parametrize("answer", [Answer("NOERROR"), Answer("REFUSED"), Answer("SERVFAIL"), NONE])
def test_a_name_without_an_address_is_an_error(service: Service, answer: Answer) -> None:
    service.answers["db.lab"] = answer
    for way in (resolver().resolve, resolver().look):
        with pytest.raises(UnresolvedError, match=r"db\.lab"):
            way("db.lab")


def test_a_ring_ends(service: Service) -> None:
    service.answers |= {"a.lab": Answer("NOERROR", (alias("a.lab", "b.lab", 9),))}
    service.answers |= {"b.lab": Answer("NOERROR", (alias("b.lab", "a.lab", 9),))}
    with pytest.raises(UnresolvedError, match="ring"):
        resolver().resolve("a.lab")


def test_the_question_comes_from_the_source_address(service: Service) -> None:
    service.answers["db.lab"] = chain("127.0.0.1")
    source = "127.88.7.7"
    assert Resolver(HOST, PORT, source).resolve("db.lab") == "127.0.0.1"
    assert service.asked == [("db.lab", source)]


def test_an_answer_that_is_too_long_for_a_packet_comes_by_tcp(service: Service) -> None:
    values = [f"127.0.1.{number}" for number in range(200)]
    service.answers["many.lab"] = Answer("NOERROR", (host("many.lab", *values),))
    assert resolver().resolve("many.lab") == values[0]
    assert len(service.asked) == 2


def test_a_server_that_is_silent_is_asked_twice_and_given_up(service: Service) -> None:
    service.late = None
    service.answers["db.lab"] = chain("127.0.0.1")
    begun = time.monotonic()
    with pytest.raises(UnresolvedError, match="no answer"):
        Resolver(HOST, PORT, timeout=0.1).resolve("db.lab")
    assert time.monotonic() - begun >= 0.2
    assert not service.asked


def test_a_server_that_is_not_there_is_an_error() -> None:
    with pytest.raises(UnresolvedError, match="no answer"):
        resolver().resolve("db.lab")


def test_a_reply_that_is_late_is_waited_for(service: Service) -> None:
    service.late = 0.15
    service.answers["db.lab"] = chain("127.0.0.1")
    begun = time.monotonic()
    assert Resolver(HOST, PORT, timeout=5).resolve("db.lab") == "127.0.0.1"
    assert time.monotonic() - begun >= 0.15


def test_many_threads_ask_at_once(service: Service) -> None:
    service.answers["db.lab"] = chain("127.0.0.1", ttl=0)
    client, seen = resolver(), []
    threads = [threading.Thread(target=lambda: seen.append(client.resolve("db.lab"))) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == ["127.0.0.1"] * 30


def test_several_questions_are_answered_on_one_connection_while_another_is_silent(service: Service) -> None:
    service.answers["db.lab"] = chain("127.0.0.1")
    with socket.create_connection((HOST, PORT)), socket.create_connection((HOST, PORT), timeout=5) as way:
        for _ in range(2):
            asked = DNSRecord.question("db.lab").pack()
            way.sendall(len(asked).to_bytes(2) + asked)
            with way.makefile("rb", buffering=0) as answer:
                told = DNSRecord.parse(answer.read(int.from_bytes(answer.read(2) or b"")))
            assert [str(one.rdata) for one in told.rr] == ["host.lab.", "127.0.0.1"]
            assert told.header.aa


def test_what_is_no_question_gets_no_answer_and_what_is_garbled_is_said_to_be() -> None:
    def ask(_name: str, _kind: str) -> Answer:
        raise AssertionError

    asked = DNSRecord.question("db.lab")
    assert wire.reply(bytes(asked.reply().pack()), ask) is None
    assert wire.reply(b"short", ask) is None
    garbled = wire.reply(bytes(asked.pack())[:-3], ask)
    assert garbled is not None
    told = DNSRecord.parse(garbled).header
    assert (told.id, told.rcode) == (asked.header.id, RCODE.FORMERR)


def test_a_record_whose_value_is_none_of_its_type_fails(service: Service) -> None:
    service.answers["db.lab"] = Answer("NOERROR", (host("db.lab", "somewhere"),))
    with pytest.raises(UnresolvedError, match="SERVFAIL"):
        resolver().look("db.lab")


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_an_address_that_is_taken_is_refused_by_name(kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind((HOST, PORT))
        if kind == socket.SOCK_STREAM:
            taken.listen()
        with pytest.raises(DrError, match="names cannot be served") as refused:
            serve.serve(HOST, PORT, lambda *_: None, lambda _address: 0.0)
    assert refused.value.where == f"{HOST}:{PORT}"


def test_the_address_is_free_again_after_the_end() -> None:
    ends: list[Callable[[], None]] = []
    for _ in range(2):
        ends.append(serve.serve(HOST, PORT, lambda *_: None, lambda _address: 0.0))
        ends[-1]()
