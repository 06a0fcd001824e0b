"""From wherever a pair has got to, once the world is well again it comes to rest: no move left, one primary, open."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dr_templates.failover import orders
from dr_templates.failover.model import SETTLED, Want
from dr_templates.failover.state import Kind
from simulation.chaos import BEFALLS, Chaos
from simulation.drive import drive
from simulation.effort import thorough
from simulation.net import CONTROL, HOME, SITES, STANDBY
from simulation.pair import CrashError, SimulatedPair
from simulation.runner import Staff
from simulation.stories import POLICY, STORIES, Story, begun
from simulation.world import World

LEFT_ALONE_SECONDS = 700.0
"""A lock and a watchdog's lease run out in it, and a database recovers."""


def dies_at(moment: int) -> Callable[[str], None]:
    left = iter(range(1, moment))

    def held(name: str) -> None:
        if next(left, None) is None:
            raise CrashError(name)

    return held


def _comes_to_rest(world: World, staff: Staff) -> None:
    staff.on_duty = False
    world.advance(LEFT_ALONE_SECONDS)
    steps = drive(SimulatedPair(world, "whoever comes next", staff.policy), None, limit=400)
    world.advance(LEFT_ALONE_SECONDS)
    state = world.truth()
    assert steps[-1].action.verb in SETTLED
    assert state is not None
    assert state.move is None
    assert [site for site in SITES if world.open(site)] == [state.active]
    assert world.facts.violations == []


@given(st.integers(0, 2**32), st.lists(st.sampled_from(sorted(BEFALLS)), min_size=1, max_size=12))
@settings(max_examples=2000 if thorough() else 60)
def test_from_wherever_chaos_leads(seed: int, befalls: list[str]) -> None:
    """One runner alone, and no schedule: nothing hides a runner that never comes to an end."""
    chaos = Chaos(random.Random(seed))  # noqa: S311 - a die that can be thrown again
    for befall in befalls:
        chaos.step(befall)
    chaos.mend()
    _comes_to_rest(chaos.world, chaos.staff)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_from_every_moment_of_a_move_in_a_world_that_gets_well(story: Story) -> None:
    """What had been broken is mended while nobody runs the move: it goes on, or goes back, and ends."""
    moment, count = 1, 0
    while True:
        staff, want = begun(story)
        try:
            drive(SimulatedPair(staff.world, "first", story.policy, held=dies_at(moment)), want)
        except CrashError:
            count += 1
        else:
            break
        staff.world.mend()
        _comes_to_rest(staff.world, staff)
        moment += 1 if thorough() else 3
    assert count > 20


def test_without_the_control_region_a_person_moves_it_and_control_learns_of_it() -> None:
    """Break glass: the standby's copy is the truth, and control takes it over when it is back."""
    world = World()
    staff = Staff(world, POLICY).at_work()
    world.power(CONTROL, on=False)
    world.power(HOME, on=False)
    world.advance(120.0)
    assert world.facts.promotions == []
    copy = world.tables[STANDBY].state
    assert copy is not None
    given_up = orders.break_glass(copy, "ann", world.now + POLICY.hold)
    assert world.write_state(STANDBY, copy, given_up)
    pair = SimulatedPair(world, "ann", POLICY, place=STANDBY, table=STANDBY, control_gone=True)
    steps = drive(pair, Want(Kind.FAILOVER, STANDBY, given_up.epoch + 1, "ann"))
    assert [site for site in SITES if world.open(site)] == [STANDBY], steps[-1].action.reason
    world.mend()
    world.advance(900.0)
    state = world.tables[CONTROL].state
    assert state is not None
    assert (state.active, state.alone) == (STANDBY, "")
    assert [site for site in SITES if world.open(site)] == [STANDBY]
    assert world.facts.violations == []
    assert staff.policy == POLICY
