"""``drctl status`` and ``history``: what an operator is told at 3 a.m."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dr_templates.aws import journal, nacl
from dr_templates.failover import gate
from dr_templates.failover.codec import decode
from dr_templates.failover.model import Observation, Verb
from dr_templates.failover.state import Ended, Kind, Move, Pause, Proof, State
from dr_templates.topology import CONTROL

if TYPE_CHECKING:
    from tests.functional.cli.verbs.conftest import Cloud

Drctl = Callable[..., Any]
PROGRAM = Path(sys.executable).parent / "drctl"
INTERRUPTIBLE = """\
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Becomes the program its arguments name, with SIGINT as a shell leaves it: jobs in the background may ignore it."""
HOME, AWAY = "virginia", "ireland"


def test_both_sites_are_shown_side_by_side(drctl: Drctl, cloud: Cloud) -> None:
    ran = drctl("status", "--config", cloud.config)
    assert ran.code == 0
    for words in (
        "nothing: nothing is wrong",
        "virginia (active)",
        "us-east-1",
        "answered, takes writes, 4 sessions",
        "answered, in recovery, streaming",
        "virginia, epoch 6",
        "armed",
    ):
        assert words in ran.out, words
    lag = re.search(r"heartbeat (\d+) s old, 72 bytes", ran.out)
    assert lag is not None
    assert int(lag.group(1)) >= 7
    assert ran.out.count("open") == 2


def test_the_json_holds_the_whole_observation_and_the_words(drctl: Drctl, cloud: Cloud) -> None:
    told = json.loads(drctl("status", "--config", cloud.config, "--output", "json").out)
    seen = decode(Observation, told["observation"])
    assert seen.state == State(HOME, serial=3, epoch=6)
    assert told["cause"] == {"name": "nothing", "words": "nothing is wrong", "acts": False}
    assert told["stances"] == {HOME: "primary", AWAY: "replica"}
    assert told["lag"][AWAY]["bytes"] == 72


def test_what_is_wrong_is_named(drctl: Drctl, cloud: Cloud) -> None:
    cloud.silence(HOME)
    cloud.stall(AWAY)
    assert "dead: the primary does not answer" in drctl("status", "--config", cloud.config).out


def test_a_fenced_primary_is_not_said_to_take_writes(drctl: Drctl, cloud: Cloud) -> None:
    cloud.database(AWAY, in_recovery=False)
    cloud.desert(AWAY)
    ec2 = cloud.client("ec2", AWAY)
    acl = nacl.find(ec2, cloud.names.acl(AWAY)).id
    for leaving in (False, True):
        nacl.close(ec2, acl, gate.number(6), leaving=leaving)
    out = drctl("status", "--config", cloud.config).out
    assert out.count("answered, takes writes") == 1
    assert "answered, would take writes, but for its gate" in out


def test_before_the_first_look_it_says_when_there_will_be_one(drctl: Drctl, cloud: Cloud) -> None:
    assert "look again in two" not in drctl("status", "--config", cloud.config).out
    cloud.client("dynamodb", CONTROL).delete_item(
        TableName=cloud.names.table(CONTROL), Key={"Kind": {"S": "state"}, "Order": {"S": "current"}}
    )
    assert "after a first deploy, look again in two" in drctl("status", "--config", cloud.config).out


def test_a_pause_a_cool_down_a_lock_and_the_last_move_are_told(drctl: Drctl, cloud: Cloud) -> None:
    now = time.time()
    move = Move(7, Kind.FAILOVER, HOME, AWAY, "arn:runner", now + 90, now - 30, "the controller", "dead")
    cloud.say(
        State(
            HOME,
            serial=5,
            epoch=7,
            move=move,
            pause=Pause("ann", "upgrade", now + 3600),
            cool_until=now + 650,  # which stays 10 minutes and something for as long as a slow machine takes
            last=Ended(6, Kind.SWITCHOVER, AWAY, HOME, moved=False, at=now, result="the replica stalled"),
        )
    )
    out = drctl("status", "--config", cloud.config).out
    for words in (
        "by ann until",
        ": upgrade",
        "no move by itself for another 10 min",
        "epoch 7, failover to ireland: open for",
        "held by arn:runner (good for 1 min",
        "epoch 6, switchover to virginia did not move",
        "the replica stalled",
    ):
        assert words in out, words


def test_an_environment_that_is_not_there_is_a_fault(drctl: Drctl, bare: Cloud) -> None:
    assert drctl("status", "--config", bare.config).fails().startswith("AWS answers, and nothing is there")


def test_an_aws_that_does_not_answer_is_a_fault_within_a_minute(
    program: Drctl, bare: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_LAMBDA", "AWS_ENDPOINT_URL_SFN"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    started = time.monotonic()
    assert program("status", "--config", bare.config).fails().startswith("AWS gives no answer")
    assert time.monotonic() - started < 60


def test_without_credentials_it_says_so_and_how_to_log_in(
    program: Drctl, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    ran = program("status", "--config", cloud.config)
    assert ran.fails().startswith("AWS does not know who you are")
    assert "aws sso login" in ran.err


def test_watching_goes_on_until_ctrl_c_which_is_how_it_ends_well(cloud: Cloud) -> None:
    command = [
        sys.executable,
        "-c",
        INTERRUPTIBLE,
        PROGRAM,
        "status",
        "-w",
        "--config",
        cloud.config,
        "--output",
        "json",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        first = json.loads(running.stdout.readline())
        cloud.silence(HOME)
        second = json.loads(running.stdout.readline())
        running.send_signal(signal.SIGINT)
        assert running.wait(20) == 0
        assert "Traceback" not in running.stderr.read()
    assert first["cause"]["name"] == "nothing"
    assert second["cause"]["name"] == "streaming"


@pytest.mark.parametrize("verb", ["status", "switchover", "failover", "approve", "pause", "resume", "history"])
def test_help_of_a_verb_loads_nothing_heavy(verb: str) -> None:
    heavy = ("troposphere", "awacs", "cfnlint", "boto3", "botocore", "pydantic", "yaml")
    code = (
        "import sys\nfrom dr_templates.cli.main import main\n"
        f"assert main([{verb!r}, '--help']) == 0\n"
        f"print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


def test_status_does_not_wait_for_what_only_templates_need(cloud: Cloud) -> None:
    heavy = ("troposphere", "awacs", "cfnlint")
    code = (
        "import sys\nfrom dr_templates.cli.main import main\n"
        f"assert main(['status', '--config', {str(cloud.config)!r}]) == 0\n"
        f"print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "[]"


def test_history_tells_each_move_with_its_steps_its_trouble_and_its_proof(drctl: Drctl, cloud: Cloud) -> None:
    proof = Proof(1.0, "fenced", system="73", timeline=1, written=72, replayed=72, loss_seconds=0.0, loss_bytes=0)
    for epoch, result in ((5, "called off"), (6, "moved to ireland")):
        cloud.step(epoch, Verb.LOCK, f"lock of {epoch}")
        cloud.step(epoch, Verb.FENCE, "shut", trouble="EC2 was busy")
        cloud.step(epoch, Verb.SEAL, "sealed", proof=replace(proof, at=float(epoch)))
        cloud.step(epoch, Verb.RECORD, result, result=result)
    out = drctl("history", "--config", cloud.config).out
    assert out.index("epoch 6") < out.index("epoch 5")
    assert out.index("lock of 6") < out.index("[not done: EC2 was busy]") < out.index("sealed")
    assert "replayed 72; at most 0 s missing" in out
    told = json.loads(drctl("history", "--limit", "1", "--config", cloud.config, "--output", "json").out)
    [only] = told["moves"]
    assert (only["epoch"], only["result"], len(only["steps"])) == (6, "moved to ireland", 4)
    assert only["proof"]["written"] == 72


def test_history_tells_also_of_a_move_that_a_site_made_without_control(drctl: Drctl, cloud: Cloud) -> None:
    cloud.step(6, Verb.LOCK, "the move before")
    for place, verb in ((AWAY, Verb.LOCK), (AWAY, Verb.SEAL), ("control", Verb.NOTIFY)):
        entry = journal.Entry(908, time.time(), "operator@laptop:1", verb, AWAY, "without control")
        journal.append(cloud.table(place), entry)
    ran = drctl("history", "--config", cloud.config)
    head, *steps = ran.out.splitlines()[:4]
    assert head.startswith("epoch 908, begun")
    assert [line.split("UTC")[-1].strip() for line in steps] == [
        "lock ireland: without control [written at ireland]",
        "seal ireland: without control [written at ireland]",
        "notify ireland: without control",
    ]
    told = json.loads(drctl("history", "--config", cloud.config, "--output", "json").out)
    assert [(move["epoch"], [step["place"] for step in move["steps"]]) for move in told["moves"]] == [
        (908, [AWAY, AWAY, "control"]),
        (6, ["control"]),
    ]
    assert told["unread"] == {}


def test_history_says_which_tables_it_could_not_read(drctl: Drctl, cloud: Cloud) -> None:
    journal.append(cloud.table(AWAY), journal.Entry(908, 1.0, "operator@laptop:1", Verb.LOCK, AWAY, "without control"))
    for place in ("control", HOME):
        cloud.client("dynamodb", place).delete_table(TableName=cloud.names.table(place))
    ran = drctl("history", "--config", cloud.config)
    assert ran.code == 0, ran
    assert "without control" in ran.out
    for place in ("control", HOME):
        assert f"the journal at {place} could not be read: it is not there" in ran.err
    told = json.loads(drctl("history", "--config", cloud.config, "--output", "json").out)
    assert sorted(told["unread"]) == ["control", HOME]


def test_history_shows_no_more_moves_than_asked_for_and_the_orders_since(drctl: Drctl, cloud: Cloud) -> None:
    old = journal.Entry(5, 1.0, "arn:ann", "pause", None, "an old one")
    for entry in (old, replace(old, epoch=6, at=3.0, reason="a new one")):
        journal.append(cloud.table(), entry)
    for epoch, at in ((5, 0.5), (6, 2.0)):
        journal.append(cloud.table(), journal.Entry(epoch, at, "runner", Verb.LOCK, HOME, f"lock of {epoch}"))
    out = drctl("history", "--limit", "1", "--config", cloud.config).out
    assert "a new one" in out
    assert "lock of 6" in out
    assert "an old one" not in out
    assert "lock of 5" not in out


def test_a_copy_that_is_not_there_is_told_from_one_that_could_not_be_read(drctl: Drctl, cloud: Cloud) -> None:
    def copies() -> list[str]:
        out = drctl("status", "--config", cloud.config).out
        [row] = [line for line in out.splitlines() if line.startswith("copy of the state")]
        return [word for word in row.removeprefix("copy of the state").strip().split("  ") if word]

    assert [word.strip() for word in copies()] == ["none", "epoch 6, virginia active"]
    cloud.client("dynamodb", HOME).delete_table(TableName=cloud.names.table(HOME))
    assert [word.strip() for word in copies()] == ["not known", "epoch 6, virginia active"]


def test_no_line_of_status_ends_in_blanks(drctl: Drctl, cloud: Cloud) -> None:
    lines = drctl("status", "--config", cloud.config).out.splitlines()
    assert "" in lines
    assert [line for line in lines if line != line.rstrip()] == []


def test_history_of_an_environment_that_is_not_there_is_a_fault(drctl: Drctl, bare: Cloud) -> None:
    assert drctl("history", "--config", bare.config).fails().startswith("it is not there")
