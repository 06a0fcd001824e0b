"""``drctl failover`` to the site that a sealed move came from: what it says, what it writes, and when it is held."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.functional.cli.verbs.test_moving import interrupted, typed

from dr_templates.aws import nacl, table
from dr_templates.cli import desk, turning
from dr_templates.errors import DrError
from dr_templates.failover import gate, orders
from dr_templates.failover.loop import LostError
from dr_templates.failover.model import Mark, Verb, Want
from dr_templates.failover.state import Doubt, Ended, Kind, Move, Phase, State, succeed
from dr_templates.topology import CONTROL

if TYPE_CHECKING:
    from tests.functional.cli.verbs.conftest import Cloud

Drctl = Callable[..., Any]
HOME, AWAY = "virginia", "ireland"


def back(cloud: Cloud, *more: str) -> tuple[str | Path, ...]:
    return ("failover", "--to", HOME, "--config", cloud.config, *more)


@pytest.fixture
def sealed(cloud: Cloud) -> State:
    """Let epoch 7 have handed the role over to a replica that has not been promoted, and its runner be at work."""
    shut(cloud, HOME, 7)
    now = time.time()
    move = Move(
        epoch=7,
        kind=Kind.SWITCHOVER,
        source=HOME,
        target=AWAY,
        holder="arn:runner",
        until=now + 90,
        begun=now - 40,
        by="ann",
        approved="ann",
        phase=Phase.SEALED,
        turned=now - 30,
        answered=now - 10,
        asked=now - 20,
        named=True,
        first=7,
    )
    state = State(AWAY, serial=7, epoch=7, move=move)
    cloud.say(state)
    cloud.say(state, HOME)
    return state


def shut(cloud: Cloud, site: str, epoch: int) -> None:
    ec2 = cloud.client("ec2", site)
    for leaving in (False, True):
        nacl.close(ec2, nacl.find(ec2, cloud.names.acl(site)).id, gate.number(epoch), leaving=leaving)


def lose(cloud: Cloud, site: str, *, due: int) -> None:
    """Let nothing at a site answer any more, its last mark being old."""
    ec2 = cloud.client("ec2", site)
    ec2.delete_network_acl(NetworkAclId=nacl.find(ec2, cloud.names.acl(site)).id)
    cloud.silence(site)
    for place in (CONTROL, cloud.names.peer(site)):
        table.write_mark(cloud.table(place), site, Mark(time.time() - 1.0, armed=True, due=due))


@pytest.mark.usefixtures("sealed")
def test_the_order_is_written_and_carried_out_by_an_execution_of_its_own(drctl: Drctl, cloud: Cloud) -> None:
    found: list[State] = []

    def carry_out(want: Want) -> None:
        found.append(cloud.state)
        cloud.end(want, moved=True, result="virginia is primary; nothing was lost")

    cloud.services.on_start = carry_out
    ran = drctl(*back(cloud, "--yes"))
    assert ran.code == 0, ran
    assert list(cloud.services.executions) == ["epoch-8"]
    move = found[0].move
    assert move is not None
    assert (found[0].epoch, move.epoch, move.phase, move.source) == (8, 8, Phase.TURNING, HOME)
    assert move.holder == cloud.names.execution_arn("epoch-8")
    assert (move.approved or "").startswith("arn:aws:")
    for words in (
        "epoch 7 has handed over to ireland",
        "ireland (now replica) will be fenced, for readers too",
        "virginia (now primary) will be opened",
        "nothing, ireland is a replica still",
        "virginia is primary; nothing was lost",
    ):
        assert words in ran.err, words


@pytest.mark.usefixtures("sealed")
def test_a_target_that_may_have_let_clients_in_may_cost_what_they_wrote(drctl: Drctl, cloud: Cloud) -> None:
    cloud.services.on_start = lambda want: cloud.end(want, moved=True, result="done")
    cloud.silence(AWAY)
    assert "may be lost: what clients have written at ireland since the seal" in drctl(*back(cloud, "--yes")).err


@pytest.mark.usefixtures("sealed")
def test_a_move_that_went_on_after_all_is_not_what_was_asked_for(drctl: Drctl, cloud: Cloud) -> None:
    def carry_out(want: Want) -> None:
        cloud.end(want, moved=True, result="ireland is primary; nothing was lost")
        last = Ended(want.epoch, Kind.SWITCHOVER, HOME, AWAY, moved=True, at=time.time(), result="ireland is primary")
        cloud.say(replace(cloud.state, active=AWAY, last=last))

    cloud.services.on_start = carry_out
    ran = drctl(*back(cloud, "--yes", "--output", "json"))
    assert ran.fails(4).splitlines()[-1] == "ireland is primary"
    assert '"moved": false' in ran.out


@pytest.mark.parametrize(
    ("unlike", "words"),
    [
        ({"verified": 1.0}, "ireland has taken a write as primary"),
        ({"phase": Phase.TURNING, "until": 4e9}, "held by arn:runner"),
        ({"phase": Phase.OPEN, "until": 4e9}, "held by arn:runner"),
    ],
)
def test_what_is_no_sealed_move_is_not_turned_back(
    drctl: Drctl, cloud: Cloud, sealed: State, unlike: dict[str, Any], words: str
) -> None:
    assert sealed.move is not None
    before = replace(sealed, move=replace(sealed.move, **unlike))
    cloud.say(before)
    assert words in drctl(*back(cloud, "--yes")).fails(4)
    assert cloud.state == before
    assert cloud.services.executions == {}


def test_there_has_to_be_a_primary_to_return_to(drctl: Drctl, cloud: Cloud, sealed: State) -> None:
    cloud.silence(HOME)
    assert drctl(*back(cloud, "--yes")).fails(4) == "virginia does not answer as primary"
    assert cloud.state == sealed


def test_a_target_for_which_nobody_vouches_is_not_left_to_itself(drctl: Drctl, cloud: Cloud, sealed: State) -> None:
    lose(cloud, AWAY, due=0)
    held = drctl(*back(cloud, "--yes")).fails(4)
    assert held.startswith("the gate of ireland cannot be reached, and its watchdog has not said that it knew")
    assert cloud.state == sealed
    lose_no_more = Mark(time.time(), armed=True, due=7)
    table.write_mark(cloud.table(), AWAY, lose_no_more)
    cloud.services.on_start = lambda want: cloud.end(want, moved=True, result="done")
    assert drctl(*back(cloud, "--yes")).code == 0


def test_it_wants_the_name_typed(cloud: Cloud, sealed: State) -> None:
    code, shown = typed("yes", *back(cloud))
    assert (code, cloud.state, cloud.services.executions) == (4, sealed, {})
    assert "it will be turned back" in shown


@pytest.mark.usefixtures("sealed")
def test_an_order_whose_execution_cannot_be_started_stands(drctl: Drctl, cloud: Cloud) -> None:
    cloud.services.execution("epoch-8", "FAILED")
    ran = drctl(*back(cloud, "--yes"))
    assert ran.fails(1).splitlines()[-1].startswith("the order is written down, but its execution could not be started")
    assert "The next tick carries it out" in ran.err
    assert cloud.state.move is not None
    assert cloud.state.move.phase is Phase.TURNING


@pytest.mark.usefixtures("sealed")
def test_a_runner_that_writes_all_the_while_does_not_keep_the_order_out(drctl: Drctl, cloud: Cloud) -> None:
    """It renews its lock with each step, also while it only waits; a look and an answer take longer than that."""
    over = threading.Event()

    def renews() -> None:
        while not over.wait(0.05):
            before = cloud.state
            if before.move is None or before.move.holder != "arn:runner":
                return
            with contextlib.suppress(LostError):
                table.write_state(cloud.table(), before, succeed(before))

    cloud.services.on_start = lambda want: cloud.end(want, moved=True, result="done")
    runner = threading.Thread(target=renews)
    runner.start()
    try:
        ran = drctl(*back(cloud, "--yes"))
    finally:
        over.set()
        runner.join()
    assert ran.code == 0, ran


def test_an_order_is_for_the_move_that_was_seen(cloud: Cloud, sealed: State) -> None:
    """Whoever has turned it back already, or moved on, is not overruled by an answer to another question."""
    assert sealed.move is not None
    seen = sealed.move
    here = desk.take(cloud.config)
    cloud.say(replace(sealed, serial=9, epoch=9, move=replace(seen, epoch=9)))
    with pytest.raises(DrError) as held:
        turning.order(here, CONTROL, seen, alone=False, here=False)
    assert (held.value.what, held.value.code) == ("epoch 7 is over, or is another's by now", 4)
    assert cloud.state.epoch == 9


@pytest.mark.usefixtures("sealed")
def test_the_history_of_both_epochs_names_who_turned_it_back(drctl: Drctl, cloud: Cloud) -> None:
    cloud.step(7, Verb.SEAL, "it has all")
    cloud.services.on_start = lambda want: cloud.end(want, moved=True, result="virginia is primary again")
    assert drctl(*back(cloud, "--yes")).code == 0
    told = drctl("history", "--config", cloud.config).out
    assert ": epoch 7 is turned back to virginia, as epoch 8" in told
    assert "not ended" not in told
    assert told.count("turn-back by arn:aws:") == 2


def test_status_says_what_is_waited_for_and_what_was_turned_back(drctl: Drctl, cloud: Cloud, sealed: State) -> None:
    said = ("status", "--config", cloud.config)
    assert "for ireland to come up: nobody can write until then; drctl failover --to virginia" in drctl(*said).out
    assert sealed.move is not None
    now = time.time()
    turned = replace(sealed.move, phase=Phase.TURNING, begun=now - 2.0)
    cloud.say(replace(sealed, move=turned))
    assert "turned back to virginia: turning for 2 s" in drctl(*said).out.replace("3 s", "2 s")
    last = Ended(8, Kind.FAILOVER, AWAY, HOME, moved=True, at=now - 60.0, result="virginia is primary", back=True)
    cloud.say(State(HOME, serial=9, epoch=8, last=last, doubt=Doubt(AWAY)))
    out = drctl(*said).out
    assert "epoch 8, failover to virginia turned back" in out
    assert "ireland, for readers too: a move to it was turned back" in out


@pytest.mark.usefixtures("sealed")
def test_here_turns_it_back_from_this_machine(cloud: Cloud) -> None:
    code, said = interrupted("return", *back(cloud, "--here", "--yes"))
    assert code == 130, said
    assert cloud.services.executions == {}
    state = cloud.state
    assert state.move is not None
    assert (state.active, state.move.source, state.move.target, state.move.back) == (HOME, AWAY, HOME, True)
    found = nacl.find(cloud.client("ec2", AWAY), cloud.names.acl(AWAY)).gate
    assert gate.shut_by(found, gate.number(8))


def test_without_the_control_region_the_copy_of_the_site_that_serves_again_is_the_truth(
    cloud: Cloud, sealed: State
) -> None:
    code, said = interrupted("return", *back(cloud, "--here", "--control-is-gone", "--yes"))
    assert code == 130, said
    assert cloud.state == sealed
    copy = table.read_state(cloud.table(HOME))
    assert copy is not None
    assert (copy.active, copy.epoch) == (HOME, 7 + orders.AHEAD + 1)
    assert copy.alone != ""


def test_without_the_control_region_one_that_is_turned_back_already_is_gone_on_with(
    drctl: Drctl, cloud: Cloud, sealed: State
) -> None:
    assert sealed.move is not None
    cloud.say(replace(sealed, move=replace(sealed.move, phase=Phase.TURNING)), HOME)
    cloud.say(replace(sealed, move=replace(sealed.move, phase=Phase.TURNING)), AWAY)
    alone = ("--here", "--control-is-gone", "--yes", "--config", cloud.config)
    ran = drctl("failover", "--to", AWAY, *alone)
    assert ran.fails(4).splitlines()[-1] == "epoch 7 is under way to virginia: it can only be gone on with"
    code, said = interrupted("return", "failover", "--to", HOME, *alone)
    assert code == 130, said
    copy = table.read_state(cloud.table(HOME))
    assert copy is not None
    assert copy.active == HOME


@pytest.mark.parametrize("more", [(), ("--here",)])
def test_one_that_is_turned_back_is_not_carried_on_by_a_word_for_the_other_site(
    drctl: Drctl, cloud: Cloud, sealed: State, more: tuple[str, ...]
) -> None:
    assert sealed.move is not None
    turned = replace(sealed, move=replace(sealed.move, phase=Phase.TURNING, until=1.0))
    cloud.say(turned)
    ran = drctl("failover", "--to", AWAY, "--yes", "--config", cloud.config, *more)
    assert ran.fails(4).splitlines()[-1].startswith("epoch 7 is under way to virginia")
    assert cloud.state == turned


@pytest.mark.usefixtures("sealed")
def test_a_target_that_serves_is_named_as_what_it_is(drctl: Drctl, cloud: Cloud) -> None:
    cloud.services.on_start = lambda want: cloud.end(want, moved=True, result="done")
    cloud.database(AWAY, in_recovery=False)
    said = drctl(*back(cloud, "--yes")).err
    assert "will be lost: what clients have written at ireland, which is primary and serves 4 sessions" in said
