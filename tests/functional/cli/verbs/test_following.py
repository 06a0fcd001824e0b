"""Following a move in which nothing happens for a while: what it waits for is told, also without a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from dr_templates.aws import nacl
from dr_templates.cli import desk, following
from dr_templates.failover import gate
from dr_templates.failover.model import Verb, Want
from dr_templates.failover.state import Kind, Move, State

if TYPE_CHECKING:
    from tests.functional.cli.verbs.conftest import Cloud

HOME, AWAY = "virginia", "ireland"
WANT = Want(Kind.FAILOVER, AWAY, 7, "ann")


@dataclass
class Clock:
    """Time that passes only while somebody waits; at the given second, counted from the start, something happens."""

    happens: dict[float, Callable[[], None]]
    began: float = field(default_factory=time.time)
    passed: float = 0.0

    def __call__(self) -> float:
        return self.began + self.passed

    def pause(self, seconds: float) -> None:
        self.passed += seconds
        for at in [at for at in self.happens if at <= self.passed]:
            self.happens.pop(at)()


def follow(cloud: Cloud, happens: dict[float, Callable[[], None]]) -> None:
    clock = Clock(happens)
    cloud.services.execution("epoch-7", "RUNNING")
    following.follow(replace(desk.take(cloud.config), clock=clock, pause=clock.pause), 7, AWAY, "text")


def under_way(cloud: Cloud, **changes: object) -> None:
    """Let epoch 7 be under way: silent primary, a runner at work, nobody has said yes."""
    cloud.silence(HOME)
    cloud.stall(AWAY)
    now = time.time()
    move = Move(7, Kind.FAILOVER, HOME, AWAY, "arn:runner", now + 900, now, "the controller", "dead", told=True)
    cloud.say(State(HOME, serial=5, epoch=7, move=replace(move, fenced=now, **changes)))  # type: ignore[arg-type]  # checked at run time


def done(cloud: Cloud) -> Callable[[], None]:
    return lambda: cloud.end(WANT, moved=True, result="moved")


def test_a_move_that_waits_for_a_person_says_so(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    under_way(cloud)
    ec2 = cloud.client("ec2", HOME)
    acl = nacl.find(ec2, cloud.names.acl(HOME)).id
    for leaving in (False, True):
        nacl.close(ec2, acl, gate.number(7), leaving=leaving)
    follow(cloud, {following.QUIET_SECONDS + 5: done(cloud)})
    told = capsys.readouterr()
    assert "epoch 7 is open for" in told.err
    assert "drctl approve, or --deny" in told.err
    assert told.err.count("epoch 7 is open for") == 1
    assert "record" in told.out


def test_a_move_whose_runner_has_died_says_who_goes_on(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    under_way(cloud, until=time.time() - 5)
    follow(cloud, {following.QUIET_SECONDS + 5: done(cloud)})
    assert "arn:runner has not been heard of for" in capsys.readouterr().err


def test_a_move_that_another_one_keeps_from_beginning_says_which(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    under_way(cloud, epoch=6, target=AWAY)
    follow(cloud, {following.QUIET_SECONDS + 5: done(cloud)})
    assert "epoch 7 waits: epoch 6 moves to ireland, held by arn:runner" in capsys.readouterr().err


def test_it_is_told_again_while_nothing_happens_and_not_while_steps_are_taken(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = {at: (lambda: cloud.step(7, Verb.FENCE, "again")) for at in (20.0, 40.0, 60.0)}
    follow(cloud, {**steps, 60.0 + 2 * following.QUIET_SECONDS + 10: done(cloud)})
    assert capsys.readouterr().err.count("epoch 7 has not begun") == 2
