"""What a move says it may cost is never less than it does cost, however the primary was lost."""

from dataclasses import replace

import pytest

from dr_templates.failover import orders
from dr_templates.failover.model import Mode, Policy
from dr_templates.failover.state import Kind
from simulation.database import Health
from simulation.drive import until
from simulation.net import CONTROL, HOME, STANDBY
from simulation.runner import Staff
from simulation.world import World

POLICY = Policy(mode=Mode.AUTOMATIC, rpo=60.0)


def _behind(world: World) -> None:
    """Let the replica fall minutes behind."""
    world.stall = "receive"
    world.advance(200.0)


def _moved(world: World) -> bool:
    return bool(world.facts.promotions)


@pytest.mark.parametrize("health", [Health.HUNG, Health.DOWN])
@pytest.mark.parametrize("watched", [True, False], ids=["watched", "watchdog silent"])
@pytest.mark.parametrize("since", [3.0, 25.0, 90.0, 700.0])
def test_a_person_is_told_at_least_what_is_lost(health: Health, since: float, *, watched: bool) -> None:
    """Also where the watchdog's last mark is from long before the last write."""
    world = World()
    staff = Staff(world, replace(POLICY, patience=3600.0)).at_work()
    world.watching[HOME] = watched
    _behind(world)
    world.ail(HOME, health)
    world.advance(since)
    staff.ask(Kind.FAILOVER, STANDBY)
    world.advance(900.0)
    (promotion,) = world.facts.promotions
    assert promotion.lost_seconds > 150.0
    assert world.facts.violations == []


@pytest.mark.parametrize("dark", [True, False])
def test_over_the_limit_a_person_is_waited_for(*, dark: bool) -> None:
    """The replica was behind when its primary was lost: nothing moves by itself, and then it moves as it was told."""
    world = World()
    staff = Staff(world, POLICY).at_work()
    _behind(world)
    if dark:
        world.power(HOME, on=False)
    else:
        world.ail(HOME, Health.DOWN)
    world.advance(1500.0)
    assert not _moved(world)
    state = world.tables[CONTROL].state
    assert state is not None
    assert state.move is not None
    assert state.move.approved is None
    assert staff.steps[-1][1].reason.startswith("up to")
    assert staff.order(lambda state: orders.approve(state, "ann"))
    until(world, lambda: _moved(world), seconds=300.0)
    assert world.facts.violations == []
    assert world.facts.promotions[0].lost_seconds > POLICY.rpo


def test_a_primary_that_only_the_probe_takes_for_dead_serves_until_it_is_fenced() -> None:
    """Too slow for the probe, cut off from its replica, and at work all the while that it is suspected."""
    world = World()
    Staff(world, Policy(mode=Mode.AUTOMATIC, rpo=900.0)).at_work()
    world.ail(HOME, Health.SLOW)
    world.stream = False
    world.advance(900.0)
    (promotion,) = world.facts.promotions
    assert promotion.lost_seconds > 100.0
    assert world.facts.violations == []
