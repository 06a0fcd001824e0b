"""``drctl switchover`` and ``failover``: checked, asked, started, followed to the end."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dr_templates.aws import nacl, table
from dr_templates.failover import gate, orders
from dr_templates.failover.model import Action, Verb
from dr_templates.failover.state import Ended, Kind, Move, Pause, Phase, State

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


def lost(cloud: Cloud) -> None:
    """Let the primary be gone, and its replica hear nothing."""
    cloud.silence(HOME)
    cloud.stall(AWAY)


def switchover(cloud: Cloud, *more: str) -> tuple[str | Path, ...]:
    return ("switchover", "--to", AWAY, "--config", cloud.config, *more)


def failover(cloud: Cloud, *more: str) -> tuple[str | Path, ...]:
    return ("failover", "--to", AWAY, "--config", cloud.config, *more)


def test_a_planned_move_is_started_and_followed_to_its_end(drctl: Drctl, cloud: Cloud) -> None:
    cloud.services.on_start = lambda want: cloud.end(want, moved=True, result="moved to ireland, nothing is missing")
    ran = drctl(*switchover(cloud, "--yes"))
    assert ran.code == 0, ran
    assert list(cloud.services.executions) == ["epoch-7"]
    assert ran.out.index("lock virginia: switchover to ireland") < ran.out.index("record")
    assert "moved to ireland" in ran.err


def test_steps_are_shown_as_they_are_taken(cloud: Cloud) -> None:
    goes_on = threading.Event()

    def carry_out(want: Any) -> None:  # noqa: ANN401 - as the caller likes
        def work() -> None:
            cloud.step(want.epoch, Verb.LOCK, "the first step")
            goes_on.wait(30)
            cloud.end(want, moved=True, result="done")

        threading.Thread(target=work).start()

    cloud.services.on_start = carry_out
    command = [sys.executable, "-c", INTERRUPTIBLE, PROGRAM, *switchover(cloud, "--yes")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
    ) as running:
        assert running.stdout is not None
        assert "the first step" in running.stdout.readline()
        assert running.poll() is None
        goes_on.set()
        assert "done" in running.stdout.read()
        assert running.wait(20) == 0


def test_a_move_that_is_called_off_exits_4_with_the_reason(drctl: Drctl, cloud: Cloud) -> None:
    cloud.services.on_start = lambda want: cloud.end(want, moved=False, result="after 60 s ireland lacks 72 bytes")
    ran = drctl(*switchover(cloud, "--yes", "--output", "json"))
    assert ran.fails(4).splitlines()[-1] == "after 60 s ireland lacks 72 bytes"
    told = json.loads(ran.out)
    assert (told["moved"], told["epoch"], len(told["steps"])) == (False, 7, 3)
    assert "[not done: EC2 was busy]" in ran.err


def test_what_a_move_leaves_undone_is_told_whether_it_moved_or_not(drctl: Drctl, cloud: Cloud) -> None:
    for moved in (False, True):
        left = ("the gate of virginia could not be opened from here",)
        cloud.services.on_start = lambda want, moved=moved, left=left: cloud.end(
            want, moved=moved, result="done", left=left
        )
        ran = drctl(*switchover(cloud, "--yes"))
        assert ran.code == (0 if moved else 4)
        assert f"left to be done: {left[0]}" in ran.err


def test_what_a_move_from_here_leaves_undone_is_told(drctl: Drctl, cloud: Cloud) -> None:
    now, left = time.time(), ("backups of ireland are not set",)
    cloud.client("rds", AWAY).promote_read_replica(DBInstanceIdentifier=cloud.names.instance(AWAY))
    cloud.database(AWAY, in_recovery=False)
    move = Move(7, Kind.FAILOVER, HOME, AWAY, "arn:dead", now - 5, now - 900, "ann", phase=Phase.DONE, turned=now - 400)
    last = Ended(7, Kind.FAILOVER, HOME, AWAY, moved=True, at=now - 400, result="ireland is primary", left=left)
    cloud.say(State(AWAY, serial=9, epoch=7, move=move, last=last))
    ran = drctl(*failover(cloud, "--here", "--yes", "--output", "json"))
    assert ran.code == 0, ran
    assert json.loads(ran.out)["left"] == list(left)
    assert f"left to be done: {left[0]}" in ran.err


def test_a_move_from_here_that_is_held_on_its_way_gives_one_result(drctl: Drctl, cloud: Cloud) -> None:
    now = time.time()
    cloud.silence(AWAY)
    move = Move(7, Kind.FAILOVER, HOME, AWAY, "arn:dead", now - 5, now - 900, "ann", phase=Phase.DONE, turned=now - 400)
    cloud.say(State(HOME, serial=9, epoch=7, move=move))
    ran = drctl(*failover(cloud, "--here", "--yes", "--output", "json"))
    told = json.loads(ran.out)
    assert (told["moved"], told["result"]) == (False, "ireland is unknown, not a replica (no answer in time)")
    assert ran.fails(4).splitlines()[-1] == told["result"]


def test_an_execution_that_failed_exits_1(drctl: Drctl, cloud: Cloud) -> None:
    cloud.services.on_start = lambda want: cloud.services.execution(
        f"epoch-{want.epoch}", "FAILED", error="States.Runtime", cause="no such path"
    )
    assert drctl(*switchover(cloud, "--yes")).fails(1) == "the execution has ended FAILED: States.Runtime: no such path"


def test_an_execution_that_was_held_exits_4(drctl: Drctl, cloud: Cloud) -> None:
    held = Action(Verb.HOLD, "ireland does not stream any more")
    cloud.services.on_start = lambda want: cloud.services.execution(f"epoch-{want.epoch}", "SUCCEEDED", held)
    assert drctl(*switchover(cloud, "--yes")).fails(4) == held.reason


def test_a_move_that_would_be_held_is_not_even_started(drctl: Drctl, cloud: Cloud) -> None:
    cloud.stall(AWAY)
    assert drctl(*switchover(cloud, "--yes")).fails(4) == "ireland does not stream from virginia"
    cloud.say(State(HOME, serial=4, epoch=6, pause=Pause("ann", "upgrade", time.time() + 600)))
    assert "paused by ann: upgrade" in drctl(*failover(cloud, "--yes")).fails(4)
    assert cloud.services.executions == {}


def test_a_move_to_where_it_is_has_nothing_to_do(drctl: Drctl, cloud: Cloud) -> None:
    ran = drctl("switchover", "--to", HOME, "--config", cloud.config, "--yes")
    assert (ran.code, cloud.services.executions) == (0, {})
    assert "nothing to do" in ran.err


def test_a_site_that_is_none_is_wrong_usage(drctl: Drctl, cloud: Cloud) -> None:
    ran = drctl("failover", "--to", "mars", "--config", cloud.config, "--yes")
    assert ran.fails(2) == "there is no site mars"
    assert "virginia, ireland" in ran.err


def test_a_second_move_is_refused_and_told_who_holds_the_first(drctl: Drctl, cloud: Cloud) -> None:
    now = time.time()
    move = Move(7, Kind.SWITCHOVER, HOME, AWAY, "arn:runner", now + 90, now - 30, "bob")
    cloud.say(State(HOME, serial=5, epoch=7, move=move))
    assert "held by arn:runner" in drctl(*switchover(cloud, "--yes")).fails(4)
    assert cloud.services.executions == {}


def test_an_execution_somebody_else_has_just_started_is_told(drctl: Drctl, cloud: Cloud) -> None:
    cloud.services.execution("epoch-7", "RUNNING")
    assert drctl(*switchover(cloud, "--yes")).fails(4).splitlines()[-1].startswith("epoch-7 runs already")


def test_an_epoch_that_was_used_up_is_counted_on(drctl: Drctl, cloud: Cloud) -> None:
    cloud.services.execution("epoch-7", "FAILED")
    cloud.services.on_start = lambda want: cloud.end(want, moved=True, result="done")
    assert drctl(*switchover(cloud, "--yes")).code == 0
    assert list(cloud.services.executions) == ["epoch-7", "epoch-8"]


def test_without_a_terminal_and_without_yes_nothing_is_begun(program: Drctl, cloud: Cloud) -> None:
    for arguments in (switchover(cloud), failover(cloud)):
        assert program(*arguments).fails(2).splitlines()[-1].startswith("this asks before it begins")
    assert cloud.services.executions == {}


def test_control_is_gone_needs_here(drctl: Drctl, cloud: Cloud) -> None:
    ran = drctl(*failover(cloud, "--control-is-gone", "--yes"))
    assert ran.code == 2
    assert "--here" in ran.err


def typed(answer: str, *arguments: str | Path) -> tuple[int, str]:
    """Run the program on a terminal on which somebody types an answer; give its exit code and what it said there."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([PROGRAM, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=os.environ) as running:
        os.close(theirs)
        os.write(ours, f"{answer}\n".encode())
        shown = ""
        while True:
            try:
                shown += os.read(ours, 65536).decode()
            except OSError:  # Linux's way to say that the other end is closed
                break
        os.close(ours)
        return running.wait(60), shown


def test_a_failover_says_what_it_costs_and_wants_the_name_typed(cloud: Cloud) -> None:
    lost(cloud)
    cloud.services.on_start = lambda want: cloud.end(want, moved=True, result="done")
    code, shown = typed("yes", *failover(cloud))
    assert (code, cloud.services.executions) == (4, {})
    for words in ("virginia (us-east-1, now unknown) will be fenced", "may be lost:", "of commits", "heartbeat"):
        assert words in shown, words
    code, shown = typed(cloud.names.environment, *failover(cloud))
    assert (code, list(cloud.services.executions)) == (0, ["epoch-7"]), shown


def test_who_is_asked_is_told_while_one_waits_for_it(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    regions = "looking at virginia (us-east-1), ireland (eu-west-1)"
    assert f"{regions}, control (eu-central-1): a minute at most" in typed("", *failover(cloud))[1]
    alone = typed("", *failover(cloud, "--here", "--control-is-gone"))[1]
    assert f"{regions}: a minute at most" in alone


WELL = "both sites are well: drctl switchover --to ireland loses nothing"


def test_a_failover_between_sites_that_are_well_names_the_move_that_loses_nothing(drctl: Drctl, cloud: Cloud) -> None:
    assert WELL in drctl(*failover(cloud)).err
    assert WELL not in drctl(*failover(cloud, "--here", "--control-is-gone")).err
    lost(cloud)
    ran = drctl(*failover(cloud))
    assert "may be lost:" in ran.err
    assert WELL not in ran.err


def test_a_switchover_takes_a_yes_and_nothing_else(cloud: Cloud) -> None:
    cloud.services.on_start = lambda want: cloud.end(want, moved=True, result="done")
    assert typed("", *switchover(cloud))[0] == 4
    assert cloud.services.executions == {}
    assert typed("y", *switchover(cloud))[0] == 0


def interrupted(at: str, *arguments: str | Path) -> tuple[int, str]:
    """Run the program until it has shown ``at``, press Ctrl-C, and give its exit code and its talk."""
    command = [sys.executable, "-c", INTERRUPTIBLE, PROGRAM, *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        for line in running.stdout:
            if at in line:
                running.send_signal(signal.SIGINT)
                break
        else:
            raise AssertionError(running.stderr.read())
        try:
            return running.wait(60), running.stderr.read()
        finally:
            running.kill()


def test_ctrl_c_while_following_leaves_the_move_going(cloud: Cloud) -> None:
    cloud.services.on_start = lambda want: cloud.step(want.epoch, Verb.LOCK, "begun")
    code, said = interrupted("begun", *switchover(cloud, "--yes"))
    assert code == 130
    assert "epoch 7 goes on without you" in said
    assert "Traceback" not in said


def test_here_runs_the_move_from_this_machine_and_ctrl_c_leaves_a_lock_that_expires(cloud: Cloud) -> None:
    lost(cloud)
    code, said = interrupted("promote", *failover(cloud, "--here", "--yes"))
    assert code == 130
    assert "its lock lasts" in said
    assert cloud.services.executions == {}
    move = cloud.state.move
    assert move is not None
    assert (move.phase, move.target, cloud.state.active) == (Phase.SEALED, AWAY, AWAY)
    assert move.holder.startswith("operator@")
    shut = nacl.find(cloud.client("ec2", HOME), cloud.names.acl(HOME)).gate
    assert gate.shut_by(shut, gate.number(7))


def test_without_the_control_region_the_copy_at_the_target_is_the_truth(cloud: Cloud) -> None:
    lost(cloud)
    before = cloud.state
    code, said = interrupted("promote", *failover(cloud, "--here", "--control-is-gone", "--yes"))
    assert code == 130
    assert "by your word alone" in said
    assert cloud.state == before
    copy = table.read_state(cloud.table(AWAY))
    assert copy is not None
    assert (copy.active, copy.epoch) == (AWAY, 6 + orders.AHEAD + 1)
    assert copy.alone.startswith("operator@") or copy.alone.startswith("arn:")


def test_without_the_control_region_a_move_that_waits_for_a_yes_has_it_by_the_same_word(cloud: Cloud) -> None:
    lost(cloud)
    now = time.time()
    move = Move(7, Kind.FAILOVER, HOME, AWAY, "arn:runner", now + 90, now - 30, "the controller", "dead", told=True)
    cloud.say(State(HOME, serial=5, epoch=7, move=move), AWAY)
    code, _ = interrupted("promote", *failover(cloud, "--here", "--control-is-gone", "--yes"))
    assert code == 130
    copy = table.read_state(cloud.table(AWAY))
    assert copy is not None
    assert copy.move is not None
    assert (copy.active, copy.move.epoch, copy.move.phase) == (AWAY, 7 + orders.AHEAD, Phase.SEALED)
    assert (copy.move.approved or "").startswith("arn:aws:")


def test_without_a_copy_nobody_knows_who_is_active(drctl: Drctl, cloud: Cloud) -> None:
    lost(cloud)
    key = {"Kind": {"S": "state"}, "Order": {"S": "current"}}
    cloud.client("dynamodb", AWAY).delete_item(TableName=cloud.names.table(AWAY), Key=key)
    ran = drctl(*failover(cloud, "--here", "--control-is-gone", "--yes"))
    assert ran.fails(4) == "ireland has no copy of the state that could be read"
