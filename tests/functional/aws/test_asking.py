"""How a look asks: what before what, and nobody waited for longer than a move can."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.functional.aws.cloud import HOME, STANDBY, STATE, TOPOLOGY, Call, Cloud, raw
from tests.functional.aws.probes import NOW, Database, Probe

import dr_templates.aws.observe as looking
from dr_templates.aws import table
from dr_templates.aws.asked import REFUSALS
from dr_templates.aws.asking import asker
from dr_templates.aws.clients import IMPATIENT, PROBING, Clients
from dr_templates.aws.observe import Eyes, observe
from dr_templates.failover.model import Answer, Sql
from dr_templates.failover.state import State
from dr_templates.topology import CONTROL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.config import Config


def test_the_active_site_is_asked_first_and_the_gates_before_it(
    written: Cloud, databases: Mapping[str, Database]
) -> None:
    active = State(active=STANDBY, serial=5, epoch=2)
    table.write_state(written.table(CONTROL), STATE, active)
    asked: list[tuple[str, bool, int]] = []

    def noting(site: str) -> object:
        def probe(wish: Mapping[str, object]) -> object:
            gates = sum(call.operation == "DescribeNetworkAcls" for call in written.calls)
            asked.append((site, wish["beat"] is True, gates))
            return databases[site](wish)

        return probe

    for site in (HOME, STANDBY):
        written.probes[written.names.probe(site)] = noting(site)  # type: ignore[assignment]  # checked at run time
    written.pair().observe()
    assert asked == [(STANDBY, True, 2), (HOME, False, 2)]


def listening(cloud: Cloud, hear: Callable[[str], None]) -> Clients:
    """Give clients that say which question they are about to ask, in the thread that asks it."""
    make = cloud.clients().make

    def listen(service: str, region: str, config: Config) -> object:
        client = make(service, region, config)
        for operation in ("GetItem", "DescribeNetworkAcls", "Invoke"):
            client.meta.events.register(
                f"provide-client-params.{service}.{operation}", lambda params, **_: hear(question(cloud, params))
            )
        return client

    return Clients(listen)


def question(cloud: Cloud, asked: Mapping[str, Any]) -> str:
    """Name a question by what is asked about and, where that differs, the table it is asked of."""
    if "TableName" in asked:
        (place,) = (place for place in TOPOLOGY.places if cloud.names.table(place) == asked["TableName"])
        kind, order = asked["Key"]["Kind"]["S"], asked["Key"]["Order"]["S"]
        return f"{kind} of {order} at {place}"
    wanted = asked.get("FunctionName") or asked["Filters"][0]["Values"][0]
    return str(wanted).removeprefix(f"{cloud.names.environment}-")


HOMES, STANDBYS = f"{HOME}-probe", f"{STANDBY}-probe"
LATER = {
    "state of current at control": f"mark of {HOME} at {CONTROL}",
    f"mark of {HOME} at {CONTROL}": HOMES,
    f"mark of {HOME} at {STANDBY}": HOMES,
    f"mark of {STANDBY} at {CONTROL}": HOMES,
    f"mark of {STANDBY} at {HOME}": HOMES,
    f"state of current at {HOME}": HOMES,
    f"state of current at {STANDBY}": HOMES,
    f"{HOME}-database": HOMES,
    f"{STANDBY}-database": HOMES,
    HOMES: STANDBYS,
}
"""What is asked, and what may not be asked before that is answered."""


@pytest.mark.parametrize("slow", LATER)
def test_what_a_conclusion_rests_on_is_answered_before_the_next_is_asked(written: Cloud, slow: str) -> None:
    """A position that was read while the gate still was being looked at might be written before it was shut."""
    ready, later, overtaken = threading.Event(), threading.Event(), []

    def hear(asked: str) -> None:
        if ready.is_set() and asked == LATER[slow]:
            later.set()
        if ready.is_set() and asked == slow:
            overtaken.append(later.wait(0.3))

    eyes = Eyes(written.names, listening(written, hear), written.clock, "me")
    observe(eyes)
    ready.set()
    observe(eyes)
    assert overtaken == [False]
    assert later.is_set()


def test_the_time_of_a_look_is_that_of_its_beginning(written: Cloud) -> None:
    """A mark that was fresh when it was read must not look old because the databases were slow to answer."""

    def slow(_: Call) -> bool:
        written.now += 1.0
        return False

    written.refuse = slow
    seen = written.pair().observe()
    assert seen.at == NOW
    assert written.now > NOW + 10


def test_where_not_even_the_gate_is_told_of_the_probe_is_given_less_time(
    written: Cloud, databases: Mapping[str, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A move away from a lost region is made of many looks, and each would wait for its probe again."""
    monkeypatch.setattr(looking, "DARK_SECONDS", 0.2)
    released, home = threading.Event(), written.names.region(HOME)

    def waiting(site: str, seconds: float) -> Probe:
        def probe(wish: Mapping[str, object]) -> object:
            released.wait(seconds)
            return databases[site](wish)

        return probe

    written.probes[written.names.probe(HOME)] = waiting(HOME, 30)
    written.probes[written.names.probe(STANDBY)] = waiting(STANDBY, 0.6)
    written.refuse = lambda call: call.service == "ec2" and call.region == home
    start = time.monotonic()
    seen = written.pair().observe()
    assert time.monotonic() - start < 15, "it waited for the probe of home"
    assert seen.sites[HOME].sql == Sql(Answer.UNASKED)
    assert seen.sites[STANDBY].sql.answer is Answer.ANSWERED
    released.set()


def test_nobody_waits_for_who_does_not_answer() -> None:
    """A server that accepts and stays silent: the answer that comes is heard, the other one is given up."""
    never = threading.Event()
    try:
        with asker() as ask:
            start = time.monotonic()
            late, quick = ask.ask(never.wait, 0.2), ask.ask(lambda: 4, 5.0)
            assert (late.told(), late.answered(), quick.told(), quick.answered()) == (None, False, 4, True)
            assert time.monotonic() - start < 2
    finally:
        never.set()


def test_the_clients_of_a_move_try_once_and_wait_for_seconds_only() -> None:
    made: list[tuple[str, float, float, int]] = []

    def make(service: str, region: str, config: object) -> object:
        client = raw(service, region, "http://127.0.0.1:1", config)  # type: ignore[arg-type]  # checked at run time
        settings = client.meta.config
        attempts = settings.retries["total_max_attempts"]
        made.append((service, settings.connect_timeout, settings.read_timeout, attempts))
        return client

    clients = Clients(make)
    assert clients.rds("eu-west-1") is clients.rds("eu-west-1")
    clients.lambda_("eu-west-1")
    assert made == [("rds", 2, 5, 1), ("lambda", 2, 15, 1)]
    assert (IMPATIENT.read_timeout, PROBING.read_timeout) == (5, 15)


def test_programming_errors_are_not_taken_for_silence() -> None:
    def wrong() -> int:
        raise AttributeError

    assert AttributeError not in REFUSALS
    with asker() as ask, pytest.raises(AttributeError):
        ask.ask(wrong).told()
