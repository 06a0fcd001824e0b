"""``drctl approve``, ``pause`` and ``resume``: what a person writes into the state."""

from __future__ import annotations

import http.client
import http.server
import json
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from dr_templates.aws import journal, table
from dr_templates.failover.loop import LostError
from dr_templates.failover.model import Verb
from dr_templates.failover.state import Kind, Move, Phase, State, succeed

if TYPE_CHECKING:
    from tests.functional.cli.verbs.conftest import Cloud

Drctl = Callable[..., Any]
HOME, AWAY = "virginia", "ireland"


def waiting(cloud: Cloud) -> None:
    now = time.time()
    move = Move(7, Kind.FAILOVER, HOME, AWAY, "arn:runner", now + 90, now - 30, "the controller", "dead")
    cloud.say(State(HOME, serial=5, epoch=7, move=move))


def test_a_yes_is_written_with_who_said_it(drctl: Drctl, cloud: Cloud) -> None:
    waiting(cloud)
    ran = drctl("approve", "--config", cloud.config)
    assert ran.code == 0, ran
    assert "epoch 7 to ireland may go on" in ran.err
    assert cloud.state.move is not None
    assert (cloud.state.move.approved or "").startswith("arn:aws:")
    assert cloud.state.serial == 6


def test_a_second_yes_is_held(drctl: Drctl, cloud: Cloud) -> None:
    waiting(cloud)
    drctl("approve", "--config", cloud.config)
    assert "has the yes of" in drctl("approve", "--config", cloud.config).fails(4)


def test_a_no_calls_the_move_off_and_begins_the_cool_down(drctl: Drctl, cloud: Cloud) -> None:
    waiting(cloud)
    assert drctl("approve", "--deny", "--config", cloud.config).code == 0
    assert cloud.state.move is not None
    assert cloud.state.move.phase is Phase.CALLED_OFF
    assert cloud.state.cool_until > time.time() + 3000


@pytest.mark.parametrize("arguments", [("approve",), ("approve", "--deny"), ("resume",)])
def test_an_order_that_applies_to_nothing_is_held_and_writes_nothing(
    drctl: Drctl, cloud: Cloud, arguments: tuple[str, ...]
) -> None:
    before = cloud.state
    drctl(*arguments, "--config", cloud.config).fails(4)
    assert cloud.state == before


def test_a_pause_is_written_and_ended(drctl: Drctl, cloud: Cloud) -> None:
    told = drctl("pause", "--reason", "minor upgrade", "--for", "2h", "--config", cloud.config, "--output", "json")
    assert json.loads(told.out)["pause"]["reason"] == "minor upgrade"
    pause = cloud.state.pause
    assert pause is not None
    assert abs(pause.until - time.time() - 7200) < 60
    assert drctl("resume", "--config", cloud.config).code == 0
    assert cloud.state.pause is None


@pytest.mark.parametrize("length", ["5s", "31d", "0m", "soon", "-1h", "2h30m"])
def test_a_length_out_of_bounds_is_wrong_usage(drctl: Drctl, cloud: Cloud, length: str) -> None:
    ran = drctl("pause", "--reason", "x", "--for", length, "--config", cloud.config)
    assert ran.code == 2
    assert cloud.state.pause is None


def test_an_empty_reason_is_wrong_usage(drctl: Drctl, cloud: Cloud) -> None:
    assert drctl("pause", "--reason", "  ", "--for", "2h", "--config", cloud.config).code == 2


def test_nothing_is_ordered_before_the_controller_has_seen_who_is_primary(drctl: Drctl, bare: Cloud) -> None:
    from tests.functional.cli.verbs.conftest import KEYS  # noqa: PLC0415 - the one test that makes a table

    bare.client("dynamodb", "control").create_table(TableName=bare.names.table("control"), **KEYS)
    assert drctl("pause", "--reason", "x", "--for", "2h", "--config", bare.config).fails(4) == "no state is written yet"


def test_an_order_is_not_lost_while_a_runner_keeps_writing(drctl: Drctl, cloud: Cloud) -> None:
    over = threading.Event()
    written: list[int] = []

    def renew() -> None:
        while not over.is_set():
            before = cloud.state
            try:
                table.write_state(cloud.table(), before, succeed(before, drilled=time.time()))
            except LostError:
                continue
            written.append(before.serial)
            time.sleep(0.2)

    runner = threading.Thread(target=renew)
    runner.start()
    try:
        ran = drctl("pause", "--reason", "calm", "--for", "1h", "--config", cloud.config)
    finally:
        over.set()
        runner.join()
    assert ran.code == 0, ran
    assert cloud.state.pause is not None
    assert cloud.state.drilled > 0
    assert written


def test_an_order_is_in_the_history_with_who_gave_it_and_why(drctl: Drctl, cloud: Cloud) -> None:
    waiting(cloud)
    cloud.step(7, Verb.LOCK, "failover to ireland")
    assert drctl("approve", "--config", cloud.config).code == 0
    cloud.step(7, Verb.SEAL, "it has all")
    assert drctl("pause", "--reason", "minor upgrade", "--for", "2h", "--config", cloud.config).code == 0
    assert drctl("resume", "--config", cloud.config).code == 0
    ran = drctl("history", "--config", cloud.config)
    assert [line.partition("UTC")[2].strip(": ").split(":")[0] for line in ran.out.splitlines()] == [
        "resume by arn",
        "pause by arn",
        "not ended",
        "lock virginia",
        "approve by arn",
        "seal virginia",
    ]
    assert ": minor upgrade" in ran.out
    told = json.loads(drctl("history", "--config", cloud.config, "--output", "json").out)
    assert [step["verb"] for step in told["moves"][0]["steps"]] == ["lock", "approve", "seal"]
    assert [order["verb"] for order in told["orders"]] == ["resume", "pause"]
    assert all(order["runner"].startswith("arn:aws:") for order in told["orders"])


def test_a_no_is_in_the_history(drctl: Drctl, cloud: Cloud) -> None:
    waiting(cloud)
    drctl("approve", "--deny", "--config", cloud.config)
    [said] = journal.read(cloud.table(), 5)
    assert (said.verb, said.epoch) == ("deny", 7)
    assert said.runner.startswith("arn:aws:")
    assert "called off" in said.reason


def test_a_refused_order_is_not_in_the_history(drctl: Drctl, cloud: Cloud) -> None:
    drctl("approve", "--config", cloud.config).fails(4)
    assert journal.read(cloud.table(), 5) == []


def test_an_order_stands_also_when_the_journal_does_not_take_it(
    drctl: Drctl, cloud: Cloud, emulator: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Choosy(http.server.BaseHTTPRequestHandler):
        """Hands everything on to the emulator but what is meant for the journal."""

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            if b'"journal"' in sent:
                self.send_response(400)
                self.end_headers()
                self.wfile.write(b'{"__type": "AccessDeniedException", "message": "not the journal"}')
                return
            onwards = http.client.HTTPConnection(emulator.removeprefix("http://"))
            onwards.request("POST", self.path, sent, dict(self.headers))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(onwards.getresponse().read())
            onwards.close()

        def log_message(self, *_: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Choosy) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        with monkeypatch.context() as elsewhere:
            elsewhere.setenv("AWS_ENDPOINT_URL_DYNAMODB", f"http://127.0.0.1:{server.server_port}")
            ran = drctl("pause", "--reason", "calm", "--for", "1h", "--config", cloud.config)
        server.shutdown()
    assert ran.code == 0
    assert "not in the history" in ran.err
    assert "not the journal" in ran.err
    assert cloud.state.pause is not None
