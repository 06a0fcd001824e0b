"""Every way in which three places can be parted from each other, with clocks that differ, in automatic mode.

What must hold: two sites never accept clients' writes at once; clients notice nothing at all where the primary's site
and another place see each other; and when the links are mended, there is one primary, and clients can write to it.
"""

from dataclasses import dataclass
from itertools import product

import pytest

from simulation.effort import thorough
from simulation.net import CONTROL, HOME, PAIRS, SITES, STANDBY, Link
from simulation.runner import Staff
from simulation.stories import BRISK, POLICY
from simulation.world import World

OFFSETS = (-5.0, 0.0, 5.0)
SUBSETS = tuple(product((True, False), repeat=len(PAIRS)))
MINUTES = 16
HEALED_MINUTES = 25
"""After that long a cool-down and every watchdog's lease are over."""


@dataclass(frozen=True)
class Parting:
    """Which links are up, in the order of PAIRS; the clocks of both sites; and what becomes of the others."""

    up: tuple[bool, ...]
    home: float = 0.0
    standby: float = 0.0
    control: bool = True
    down: Link = Link.DOWN
    follows: bool = True

    def befall(self, world: World) -> None:
        """Cut the links. The stream between the databases follows those between their sites, or goes on."""
        world.net.cut(*[pair for pair, up in zip(PAIRS, self.up, strict=True) if not up], to=self.down)
        if not self.control:
            world.power(CONTROL, on=False)
        if self.follows:
            world.stream = world.net.together(HOME, STANDBY)


def live_through(parting: Parting) -> bool:
    """Part the places and mend them; tell whether the database was moved while they were parted."""
    world = World(offset={HOME: parting.home, STANDBY: parting.standby}, manner=BRISK)
    Staff(world, POLICY).at_work()
    parted = world.now
    parting.befall(world)
    seen = [place for place in (STANDBY, CONTROL) if world.net.together(HOME, place)]
    world.advance(MINUTES * 60)
    assert world.facts.violations == [], parting
    if seen:
        assert world.facts.longest_outage(parted) == 0.0, parting
        assert world.facts.promotions == [], parting
    moved = bool(world.facts.promotions)
    world.mend()
    world.advance(HEALED_MINUTES * 60)
    state = world.truth()
    assert world.facts.violations == [], parting
    assert state is not None
    assert state.move is None, parting
    assert [site for site in SITES if world.open(site)] == [state.active], parting
    return moved


CLOCKS = tuple(product(OFFSETS, OFFSETS)) if thorough() else ((-5.0, 5.0), (0.0, 0.0), (5.0, -5.0))
EVERY = 1 if thorough() else 3


@pytest.mark.parametrize(("home", "standby"), CLOCKS)
def test_every_set_of_links(home: float, standby: float) -> None:
    moved = [up for up in SUBSETS if live_through(Parting(up, home, standby))]
    assert len(SUBSETS) == 64
    parted = [dict(zip(PAIRS, up, strict=True)) for up in moved]
    assert moved
    for links in parted:
        heard = links[HOME, CONTROL] or links[HOME, STANDBY]
        assert not heard, "moved away from a site that could be heard"
        assert links[CONTROL, STANDBY], "moved to a site that could not be reached"


@pytest.mark.parametrize(("home", "standby"), CLOCKS)
def test_without_the_control_region(home: float, standby: float) -> None:
    """The links to a place that is gone make no difference."""
    between = [index for index, pair in enumerate(PAIRS) if CONTROL not in pair]
    for both in product((True, False), repeat=2):
        up = [True] * len(PAIRS)
        for index, value in zip(between, both, strict=True):
            up[index] = value
        live_through(Parting(tuple(up), home, standby, control=False))


def test_links_on_which_answers_are_lost() -> None:
    """A call that is carried out and not answered: its effect is there, and nobody knows."""
    for up in SUBSETS[::EVERY]:
        live_through(Parting(up, 5.0, -5.0, down=Link.DEAF))


def test_a_stream_that_goes_on_over_a_way_of_its_own() -> None:
    for up in SUBSETS[::EVERY]:
        live_through(Parting(up, -5.0, 5.0, follows=False))
