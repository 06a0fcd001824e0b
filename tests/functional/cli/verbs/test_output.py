"""``--output json``: whatever becomes of a command, a program finds one JSON value on stdout."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dr_templates.failover.model import Verb
from dr_templates.failover.state import Pause, State

if TYPE_CHECKING:
    from tests.functional.cli.conftest import Ran
    from tests.functional.cli.verbs.conftest import Cloud

Drctl = Callable[..., Any]
PROGRAM = Path(sys.executable).parent / "drctl"
HOME, AWAY = "virginia", "ireland"
JSON = ("--output", "json")


def refused(ran: Ran) -> dict[str, Any]:
    """Give the error that stands on stdout alone; it has the exit code, and stderr has its words."""
    told: dict[str, Any] = json.loads(ran.out)
    assert list(told) == ["error"]
    error: dict[str, Any] = told["error"]
    assert sorted(error) == ["code", "hint", "what", "where"]
    assert error["code"] == ran.code
    assert error["what"] in ran.err
    return error


@pytest.mark.parametrize(("verb", "what"), [("approve", "no move is under way"), ("resume", "nothing is paused")])
def test_an_order_that_is_held_is_told_as_json(drctl: Drctl, cloud: Cloud, verb: str, what: str) -> None:
    error = refused(drctl(verb, "--config", cloud.config, *JSON))
    assert error["code"] == 4
    assert error["what"].startswith(what)
    assert cloud.names.table("control") in error["where"]
    assert "drctl status" in error["hint"]


def test_a_move_that_is_held_before_it_starts_is_told_as_json(drctl: Drctl, cloud: Cloud) -> None:
    cloud.say(State(HOME, serial=4, epoch=6, pause=Pause("ann", "upgrade", time.time() + 600)))
    error = refused(drctl("switchover", "--to", AWAY, "--yes", "--config", cloud.config, *JSON))
    assert error["code"] == 4
    assert "paused by ann: upgrade" in error["what"]


def test_a_move_that_nobody_agrees_to_is_told_as_json(drctl: Drctl, cloud: Cloud) -> None:
    error = refused(drctl("failover", "--to", AWAY, "--config", cloud.config, *JSON))
    assert (error["code"], error["where"]) == (2, "option --yes")


def test_an_environment_that_is_not_there_is_told_as_json_by_every_verb_that_reads(drctl: Drctl, bare: Cloud) -> None:
    for verb in ("status", "history"):
        assert refused(drctl(verb, "--config", bare.config, *JSON))["code"] == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("parameters", "--site", "virginia", "--config", "none.yaml", *JSON),
        ("lint", "none.yaml", *JSON),
        ("status", "--config", "none.yaml", "--watch", "--output=json"),
    ],
)
def test_the_other_commands_keep_the_rule(program: Drctl, arguments: tuple[str, ...]) -> None:
    ran = program(*arguments)
    refused(ran)
    assert ran.out.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("failover", *JSON), "Missing option '--to'"),
        (("dance", *JSON), "No such command 'dance'"),
        (("pause", *JSON, "--reason", "x", "--for", "5s"), "Invalid value for '--for'"),
    ],
)
def test_wrong_usage_is_told_as_json_with_where_help_is(drctl: Drctl, arguments: tuple[str, ...], what: str) -> None:
    error = refused(drctl(*arguments))
    assert error["code"] == 2
    assert error["what"].startswith(what)
    assert error["hint"].endswith("--help")


@pytest.mark.parametrize(
    "arguments", [("failover",), ("failover", *JSON, "--output", "text"), ("lint", "--output", "xml")]
)
def test_without_json_stdout_stays_empty(drctl: Drctl, arguments: tuple[str, ...]) -> None:
    ran = drctl(*arguments)
    assert (ran.code, ran.out) == (2, "")


def test_a_result_that_is_not_what_was_hoped_for_stands_alone(drctl: Drctl, tmp_path: Path) -> None:
    ran = drctl("generate", "--check", "--to", tmp_path, *JSON)
    assert "primary.yaml" in json.loads(ran.out)["stale"]
    ran.fails(3)
    template = tmp_path / "open.yaml"
    template.write_text("Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n    Properties:\n      Nonsense: 1\n")
    ran = drctl("lint", template, *JSON)
    assert json.loads(ran.out)[0]["findings"]
    ran.fails(1)


def test_ctrl_c_is_told_as_json(cloud: Cloud) -> None:
    cloud.services.on_start = lambda want: cloud.step(want.epoch, Verb.LOCK, "begun")
    command = [PROGRAM, "switchover", "--to", AWAY, "--yes", "--config", cloud.config, *JSON]
    code = "import os, signal, sys\nsignal.signal(signal.SIGINT, signal.SIG_DFL)\nos.execv(sys.argv[1], sys.argv[1:])"
    with subprocess.Popen(
        [sys.executable, "-c", code, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stderr is not None
        assert running.stdout is not None
        assert any("begun" in line for line in running.stderr)
        running.send_signal(signal.SIGINT)
        assert running.wait(20) == 130
        assert json.loads(running.stdout.read())["error"]["code"] == 130


@pytest.mark.parametrize("end", [">&-", ">/dev/full"])
def test_an_error_that_stdout_does_not_take_is_told_on_stderr_alone(tmp_path: Path, end: str) -> None:
    command = ["bash", "-c", f'"$@" {end}', "bash", PROGRAM, "status", "--config", "none.yaml", *JSON]
    env = {key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 3, done.stderr
