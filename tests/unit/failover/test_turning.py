"""A sealed move whose target does not come up is turned back by a person's word, and never to a second primary."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from dr_templates.failover import gate, orders
from dr_templates.failover.model import Verb, Want
from dr_templates.failover.state import Kind, State
from simulation.database import Role
from simulation.drive import drive
from simulation.effort import thorough
from simulation.holdings import Manner
from simulation.net import CONTROL, HOME, SITES, STANDBY
from simulation.pair import CrashError, SimulatedPair
from simulation.runner import Staff
from simulation.stories import POLICY
from simulation.turning import MISHAPS, Mishap, sealed
from simulation.world import World

LEFT_ALONE_SECONDS = 900.0
AFTER_DOUBT_SECONDS = 4800.0


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


def test_a_target_whose_watchdog_died_alone_is_not_gone_while_rds_tells_of_it() -> None:
    """Lambda and EC2's API fail in its region, and its database was promoted and serves: it could not be shut."""

    def befall(world: World) -> None:
        world.watching[STANDBY] = False
        world.net.broken.update({(STANDBY, "probe"), (STANDBY, "ec2")})

    begun = sealed(Mishap("lambda and ec2", befall), 12)
    assert begun is not None
    staff, want = begun
    world = staff.world
    assert world.open(STANDBY)
    world.later(900.0, world.mend)
    steps = drive(SimulatedPair(world, "second", POLICY), want)
    assert Verb.RETURN not in [step.action.verb for step in steps]
    assert _at_rest(staff).active == STANDBY


def test_a_step_that_fails_notes_all_the_same_when_the_target_answered() -> None:
    """A watchdog that has been dead for longer than its site has been silent vouches for nothing."""

    def befall(world: World) -> None:
        world.watching[STANDBY] = False
        world.net.broken.add((STANDBY, "ec2"))

    begun = sealed(Mishap("ec2", befall), 8)
    assert begun is not None
    staff, want = begun
    world = staff.world
    world.later(100.0, lambda: world.net.broken.update({(STANDBY, "probe"), (STANDBY, "rds")}))
    world.later(900.0, world.mend)
    steps = drive(SimulatedPair(world, "second", POLICY), want)
    assert Verb.RETURN not in [step.action.verb for step in steps]
    assert _at_rest(staff).active == STANDBY


@pytest.mark.parametrize("linger", [900.0 + moment for moment in range(0, 10, 3)])
def test_another_move_that_is_called_off_does_not_end_the_doubt(linger: float) -> None:
    begun = sealed(MISHAPS[0], 8, manner=Manner(linger=linger, reboot=1.0, finish=0.5))
    assert begun is not None
    staff, want = begun
    world = staff.world
    drive(SimulatedPair(world, "second", POLICY), want)
    staff.on_duty = True
    world.advance(60.0)
    assert staff.order(orders.resume)
    world.stall = "replay"
    staff.ask(Kind.SWITCHOVER, STANDBY)
    world.advance(120.0)
    world.stall = ""
    assert _at_rest(staff).active == HOME
    assert world.databases[STANDBY].role is Role.PRIMARY


@pytest.mark.parametrize("linger", [4400.0 + moment for moment in range(0, 12, 3)])
def test_a_region_that_was_away_for_longer_than_an_hour_is_doubted_when_it_is_back(linger: float) -> None:
    begun = sealed(MISHAPS[2], 8, manner=Manner(linger=linger, reboot=1.0, finish=0.5))
    assert begun is not None
    staff, want = begun
    world = staff.world
    drive(SimulatedPair(world, "second", POLICY), want)
    staff.on_duty = True
    world.advance(4000.0)
    assert _at_rest(staff).active == HOME
    assert world.databases[STANDBY].role is Role.PRIMARY


@pytest.mark.parametrize("off", [16, 17, 18])
def test_a_mark_that_knew_of_another_move_vouches_for_nothing(off: int) -> None:
    """One is called off and the next begins within two ticks of the watchdog, which has kept neither."""
    world = World(manner=Manner(linger=150.0 + off % 7, reboot=1.0, finish=0.5))
    staff = Staff(world, POLICY).at_work()
    staff.on_duty = False
    world.advance(off)
    world.stall = "replay"
    first = world.truth()
    assert first is not None
    drive(SimulatedPair(world, "first", POLICY), Want(Kind.SWITCHOVER, STANDBY, first.epoch + 1, "ann"))
    world.stall = ""
    world.advance(1.0)

    def held(moment: str) -> None:
        if moment == "promote is done":
            raise CrashError(moment)

    with pytest.raises(CrashError):
        drive(SimulatedPair(world, "next", POLICY, held=held), Want(Kind.SWITCHOVER, STANDBY, first.epoch + 2, "ann"))
    world.net.isolate(STANDBY)
    world.stream = False
    world.advance(100.0)
    state = world.tables[CONTROL].state
    assert state is not None
    turned = orders.turn_back(state, "ann", "second", world.now, world.now + POLICY.hold)
    assert world.write_state(CONTROL, state, turned)
    world.later(900.0, world.mend)
    drive(SimulatedPair(world, "second", POLICY), Want(Kind.FAILOVER, HOME, turned.epoch, "ann"))
    _at_rest(staff)


def test_a_source_on_which_rds_is_at_work_is_returned_to_all_the_same() -> None:
    begun = sealed(MISHAPS[1], 8)
    assert begun is not None
    staff, want = begun
    world = staff.world
    world.databases[HOME].status = "storage-optimization"
    world.watching[HOME] = False
    steps = drive(SimulatedPair(world, "second", POLICY), want)
    assert steps[-1].action.verb is Verb.REST
    assert world.open(HOME)


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
        world.tables[place].marks[STANDBY] = replace(world.tables[place].marks[STANDBY], due=0)
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
