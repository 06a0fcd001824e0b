"""What a watchdog knows of a move to its site: it says so in its mark, and shuts a replica that may be promoted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.functional.watchdog.world import LEASE, SHUT, cut_off, moving

from dr_templates.aws import table
from dr_templates.aws.station import Memory
from dr_templates.failover.model import Verb
from dr_templates.failover.state import Kind, Phase
from dr_templates.topology import CONTROL

if TYPE_CHECKING:
    from tests.functional.watchdog.world import World


def due(world: World, site: str) -> tuple[int, int]:
    found = world.mark(CONTROL, site), world.mark(world.names.peer(site), site)
    assert found[0] is not None
    assert found[1] is not None
    return found[0].due, found[1].due


def test_it_says_so_in_the_very_tick_in_which_it_hears_of_it(world: World) -> None:
    """A planned move waits for this mark before it shuts anything."""
    memory = Memory()
    world.watch("west", 0, memory)
    assert due(world, "west") == (0, 0)
    world.say(moving(Phase.OPEN, Kind.SWITCHOVER))
    world.now += 5
    world.hear = lambda _: setattr(world, "now", world.now + 0.01)
    world.watch("west", 0, memory)
    assert due(world, "west") == (4, 4)
    world.watch("east", 0)
    assert due(world, "east") == (0, 0)


def test_it_vouches_only_for_what_it_has_kept(world: World) -> None:
    """Another sandbox knows what the site's own table holds, and nothing else."""
    world.say(moving(Phase.OPEN, Kind.SWITCHOVER))
    world.dead = {("dynamodb", world.names.region("west"))}
    world.hear = lambda _: setattr(world, "now", world.now + 0.01)
    world.watch("west", 5)
    assert due(world, "west") == (0, 0)


@pytest.mark.parametrize("phase", [Phase.OPEN, Phase.SEALED])
def test_a_replica_that_may_be_promoted_shuts_itself_when_cut_off(world: World, phase: Phase) -> None:
    """Nobody could shut it once the promotion has come about, and the old primary may serve again by then."""
    memory = Memory()
    world.say(moving(phase, Kind.SWITCHOVER))
    world.watch("west", 0, memory)
    cut_off(world, "west")
    world.now += LEASE
    [turn] = world.watch("west", 0, Memory())
    assert (turn.action.verb, turn.post.replica) == (Verb.FENCE, True)
    assert world.gate("west") == SHUT


def test_a_move_that_is_over_leaves_a_replica_open(world: World) -> None:
    memory = Memory()
    world.say(moving(Phase.CALLED_OFF, Kind.SWITCHOVER))
    world.watch("west", 0, memory)
    cut_off(world, "west")
    world.now += LEASE
    [turn] = world.watch("west", 0, memory)
    assert turn.action.verb is Verb.KEEP
    assert table.read_state(world.table("west")) == moving(Phase.CALLED_OFF, Kind.SWITCHOVER)
