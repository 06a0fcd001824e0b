"""A sealed move whose target does not come up is turned back by a person's word, and never to a second primary."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from dr_templates.failover import gate, orders
from dr_templates.failover.model import Verb, Want
from dr_templates.failover.state import State
from simulation.database import Role
from simulation.drive import drive
from simulation.effort import thorough
from simulation.holdings import Manner
from simulation.net import CONTROL, HOME, SITES, STANDBY
from simulation.pair import CrashError, SimulatedPair
from simulation.runner import Staff
from simulation.stories import POLICY
from simulation.turning import MISHAPS, Mishap, sealed

LEFT_ALONE_SECONDS = 900.0
AFTER_DOUBT_SECONDS = 4000.0


def _moments(mishap: Mishap) -> Iterator[tuple[int, Staff, Want]]:
    """Give every moment after the seal at which the first runner may die, until the target has taken a write."""
    after = 0
    while (begun := sealed(mishap, after)) is not None:
        yield after, *begun
        after += 1 if thorough() else 3


def _at_rest(staff: Staff) -> State:
    """Let everybody go about their work, mend what is broken, and give the document in the end."""
    world = staff.world
    staff.on_duty = True
    world.advance(LEFT_ALONE_SECONDS)
    assert world.facts.violations == []
    world.mend()
    world.advance(LEFT_ALONE_SECONDS)
    assert world.facts.violations == []
    state = world.truth()
    assert state is not None
    assert state.move is None
    assert [site for site in SITES if world.open(site)] == [state.active]
    return state


@pytest.mark.parametrize("mishap", MISHAPS, ids=lambda mishap: mishap.name)
def test_the_old_primary_serves_again(mishap: Mishap) -> None:
    count = 0
    for after, staff, want in _moments(mishap):
        count += 1
        steps = drive(SimulatedPair(staff.world, "second", POLICY), want)
        verbs = [step.action.verb for step in steps]
        assert Verb.RETURN in verbs, (after, steps[-1].action.reason)
        assert steps[-1].action.verb is Verb.REST, (after, steps[-1].action.reason)
        assert [site for site in SITES if staff.world.open(site)] == [HOME], after
        assert staff.world.facts.names[-1][1] == HOME
        state = _at_rest(staff)
        assert (state.active, state.last and state.last.moved) == (HOME, True), after
    assert count > 8


@pytest.mark.parametrize("mishap", MISHAPS, ids=lambda mishap: mishap.name)
def test_whoever_turns_it_back_may_die_anywhere(mishap: Mishap) -> None:
    for after in (1, 6, 14):
        fatal, died = 1, True
        while died:
            begun = sealed(mishap, after)
            assert begun is not None
            staff, want = begun
            died = False
            left = iter(range(fatal - 1))

            def held(moment: str, left: Iterator[int] = left) -> None:
                if next(left, None) is None:
                    raise CrashError(moment)

            try:
                drive(SimulatedPair(staff.world, "second", POLICY, held=held), want)
            except CrashError:
                died = True
            state = _at_rest(staff)
            assert state.active == HOME, (after, fatal)
            fatal += 1 if thorough() else 7


def test_a_target_that_was_turned_back_from_stays_shut_while_it_may_still_be_promoted() -> None:
    """RDS calls it a replica for a while yet: its readers wait, or its promotion would find an open gate."""
    begun = sealed(MISHAPS[0], 1)
    assert begun is not None
    staff, want = begun
    world = staff.world
    drive(SimulatedPair(world, "second", POLICY), want)
    staff.on_duty = True
    assert world.databases[STANDBY].replica
    world.advance(LEFT_ALONE_SECONDS)
    assert gate.shut(world.gates[STANDBY].look())
    world.advance(AFTER_DOUBT_SECONDS)
    assert not gate.denies(world.gates[STANDBY].look())


@pytest.mark.parametrize("linger", [150.0 + moment for moment in range(10)])
def test_a_promotion_that_comes_about_after_all_finds_its_gate_shut(linger: float) -> None:
    """Cut off, a watchdog sees a replica in one tick and a primary in the next, and lets nobody in between them."""
    begun = sealed(MISHAPS[2], 8, manner=Manner(linger=linger, reboot=1.0, finish=0.5))
    assert begun is not None
    staff, want = begun
    world = staff.world
    drive(SimulatedPair(world, "second", POLICY), want)
    assert world.databases[STANDBY].role is Role.REPLICA
    assert world.open(HOME)
    world.advance(120.0)
    assert world.databases[STANDBY].role is Role.PRIMARY
    assert _at_rest(staff).active == HOME


def test_without_a_primary_to_return_to_the_move_goes_on() -> None:
    begun = sealed(MISHAPS[0], 1)
    assert begun is not None
    staff, want = begun
    world = staff.world
    world.power(HOME, on=False)
    steps = drive(SimulatedPair(world, "second", POLICY), want)
    off = next(step.action for step in steps if step.action.verb is Verb.CALL_OFF)
    assert "home does not answer as primary: the move goes on to standby" in off.reason
    assert steps[-1].action.verb is Verb.HOLD
    assert [site for site in SITES if world.open(site)] == [STANDBY]
    assert _at_rest(staff).active == STANDBY


def test_a_target_that_nobody_vouches_for_is_not_left_to_itself() -> None:
    """Cut off before its watchdog had heard of the move, it might be promoted behind an open gate."""
    begun = sealed(MISHAPS[2], 3)
    assert begun is not None
    staff, want = begun
    world = staff.world
    for place in (HOME, CONTROL):
        world.tables[place].marks[STANDBY] = replace(world.tables[place].marks[STANDBY], due=False)
    world.later(600.0, world.mend)
    steps = drive(SimulatedPair(world, "second", POLICY), want)
    assert Verb.RETURN not in [step.action.verb for step in steps]
    assert _at_rest(staff).active == STANDBY


def test_a_target_that_can_be_neither_fenced_nor_counted_as_gone_takes_the_role_after_all() -> None:
    """Its watchdog is alive and cannot shut it: were the old primary opened, both might serve."""
    unreachable = {(STANDBY, "ec2"), (STANDBY, "probe")}
    begun = sealed(Mishap("unreachable", lambda world: world.net.broken.update(unreachable)), 1)
    assert begun is not None
    staff, want = begun
    world = staff.world
    world.later(500.0, world.net.broken.clear)
    steps = drive(SimulatedPair(world, "second", POLICY), want)
    off = next(step.action for step in steps if step.action.verb is Verb.CALL_OFF)
    assert "standby could be neither fenced nor counted as gone" in off.reason
    assert Verb.RETURN not in [step.action.verb for step in steps]
    assert _at_rest(staff).active == STANDBY


def test_what_may_not_be_turned_back_is_refused() -> None:
    begun = sealed(MISHAPS[0], 0)
    assert begun is not None
    state = begun[0].world.tables[CONTROL].state
    assert state is not None
    with pytest.raises(orders.RefusedError) as turning:
        orders.turn_back(state, "ann", "me", 1.0, 2.0)
    assert "is turning: only a sealed one is turned back" in turning.value.reason
    with pytest.raises(orders.RefusedError) as none:
        orders.turn_back(State(active=HOME), "ann", "me", 1.0, 2.0)
    assert none.value.reason == "no move is under way"


def test_a_primary_that_has_taken_a_write_is_not_turned_back_from() -> None:
    after = 0
    while sealed(MISHAPS[0], after) is not None:
        after += 1
    assert after > 20
