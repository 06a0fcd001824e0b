"""A planned move whose replica does not keep up is called off, and writes go on where they went before."""

import pytest

from dr_templates.failover import orders
from dr_templates.failover.model import Verb, Want
from dr_templates.failover.state import Kind, Phase
from simulation.drive import drive
from simulation.holdings import Manner
from simulation.net import CONTROL, HOME, SITES, STANDBY
from simulation.pair import SimulatedPair
from simulation.runner import Staff
from simulation.stories import POLICY
from simulation.world import World

WANT = Want(Kind.SWITCHOVER, STANDBY, 1, "ann")
LOOK_SECONDS = 5.0
"""One look more than the patience: a fence's own seconds and the pauses between its steps."""


def _move(world: World) -> list[str]:
    staff = Staff(world, POLICY).at_work()
    staff.on_duty = False
    world.advance(50.0)
    return _wanted(world)


def _wanted(world: World) -> list[str]:
    steps = drive(SimulatedPair(world, "ann's machine", POLICY), WANT)
    return [step.action.verb for step in steps] + [steps[-1].action.reason]


@pytest.mark.parametrize("stall", ["receive", "replay"])
def test_it_opens_again_within_the_drain(stall: str) -> None:
    world = World()
    staff = Staff(world, POLICY).at_work()
    staff.on_duty = False
    world.stall = stall
    world.advance(50.0)
    before = world.now
    *verbs, reason = _wanted(world)
    assert world.facts.longest_outage(before) <= POLICY.drain + LOOK_SECONDS
    assert [site for site in SITES if world.open(site)] == [HOME]
    assert verbs[-1] is Verb.HOLD
    assert "bytes of what home has written" in reason
    assert Verb.SEAL not in verbs
    state = world.truth()
    assert state is not None
    assert state.last is not None
    assert (state.last.moved, state.last.result) == (False, reason)
    assert world.facts.promotions == []
    assert reason in world.facts.notices


def test_a_replica_that_falls_silent_during_the_drain_is_a_reason_too() -> None:
    world = World()
    world.later(131.5, lambda: setattr(world, "stream", False))
    world.manner = Manner(lag=10.0)
    *verbs, reason = _move(world)
    assert verbs[-1] in (Verb.HOLD, Verb.REST)
    assert [site for site in SITES if world.open(site)] == [world.truth().active]  # type: ignore[union-attr]  # checked at run time
    assert reason


def test_a_lag_of_some_seconds_is_waited_for() -> None:
    world = World(manner=Manner(lag=8.0))
    *verbs, reason = _move(world)
    assert reason == "standby is primary; nothing was lost"
    assert Verb.CALL_OFF not in verbs
    assert world.facts.violations == []


def test_a_fence_that_should_cut_the_stream_ends_in_a_call_off_and_not_in_a_loss() -> None:
    """AWS does not say whether a NACL parts a replica from its source (fact A22); the move is safe either way."""
    world = World(manner=Manner(cuts_stream=True, lag=2.0))
    *_, reason = _move(world)
    assert "bytes of what home has written" in reason
    assert [site for site in SITES if world.open(site)] == [HOME]
    assert world.facts.violations == []


@pytest.mark.parametrize("cut", [(CONTROL, STANDBY), (CONTROL, HOME)])
def test_a_site_that_falls_out_of_reach_during_the_drain_calls_it_off(cut: tuple[str, str]) -> None:
    world = World()
    staff = Staff(world, POLICY).at_work()
    world.stall = "replay"
    staff.ask(Kind.SWITCHOVER, STANDBY)
    world.advance(20.0)
    world.net.cut(cut)
    world.advance(400.0)
    state = world.truth()
    assert state is not None
    assert state.last is not None
    assert state.last.moved is False
    world.mend()
    world.advance(300.0)
    assert [site for site in SITES if world.open(site)] == [HOME]
    assert world.facts.violations == []


def test_a_pause_during_the_drain_calls_it_off_at_once() -> None:
    world = World()
    staff = Staff(world, POLICY).at_work()
    world.stall = "replay"
    staff.ask(Kind.SWITCHOVER, STANDBY)
    world.advance(10.0)
    paused = world.now
    assert staff.order(lambda state: orders.pause(state, "ann", "wait", world.now + 3600.0))
    world.advance(30.0)
    state = world.truth()
    assert state is not None
    assert state.move is None or state.move.phase is not Phase.OPEN
    assert world.open(HOME)
    assert world.facts.longest_outage(paused) < 10.0
