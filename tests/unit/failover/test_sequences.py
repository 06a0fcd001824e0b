"""Random sequences of faults, moves, crashes and orders: what must always hold does, and in the end all is well."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.chaos import BEFALLS, Chaos
from simulation.drive import drive
from simulation.effort import thorough
from simulation.net import SITES
from simulation.pair import SimulatedPair

sequences = st.lists(st.sampled_from(sorted(BEFALLS)), min_size=5, max_size=30)


def live(seed: int, befalls: list[str]) -> Chaos:
    chaos = Chaos(random.Random(seed))  # noqa: S311 - a die that can be thrown again
    for befall in befalls:
        chaos.step(befall)
        assert chaos.world.facts.violations == [], (seed, chaos.log)
    return chaos


@given(st.integers(0, 2**32), sequences)
@settings(max_examples=1000 if thorough() else 80)
def test_the_invariants_hold_after_every_step_and_all_is_well_in_the_end(seed: int, befalls: list[str]) -> None:
    chaos = live(seed, befalls)
    world = chaos.world
    chaos.mend()
    world.advance(1800.0)
    assert world.facts.violations == [], (seed, chaos.log)
    steps = drive(SimulatedPair(world, "a new runner", chaos.staff.policy), None)
    assert steps[-1].action.settled
    state = world.truth()
    assert state is not None
    assert state.move is None, (seed, chaos.log, state)
    assert [site for site in SITES if world.open(site)] == [state.active], (seed, chaos.log, state)
