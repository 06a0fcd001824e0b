"""Whose document a watchdog goes by: the latest one about, and which of them opens a gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.functional.watchdog.world import CONTROL_REGION, LEASE, OPEN, SHUT, WEST_REGION, cut, cut_off

from dr_templates.aws import table
from dr_templates.aws.station import Memory
from dr_templates.failover import gate
from dr_templates.failover.model import Verb
from dr_templates.failover.state import State
from dr_templates.topology import CONTROL

if TYPE_CHECKING:
    from tests.functional.watchdog.world import World


def test_control_that_has_just_come_back_may_not_know_of_a_move_made_without_it(world: World) -> None:
    world.shut("east", gate.OWN)
    turns = world.watch("east", 100)
    opened = next(turn for turn in turns if turn.action.verb is Verb.UNFENCE)
    assert opened.post.at - turns[0].post.at >= 75


def test_its_own_copy_alone_opens_nothing(world: World) -> None:
    """It was shut, has slept through a move, and now another place takes its mark but tells it nothing."""
    world.watch("east", 0)
    world.shut("east", gate.OWN)
    for place in (CONTROL, "west"):
        if table.read_state(world.table(place)):
            item = {"Kind": {"S": "state"}, "Order": {"S": "current"}}
            world.table(place).dynamodb.put_item(TableName=world.names.table(place), Item=item)
    [turn] = world.watch("east", 0)
    assert turn.post.acked == world.now
    assert turn.action.verb is Verb.KEEP
    assert world.gate("east") == SHUT


def test_a_copy_at_the_other_site_opens_nothing_either(world: World) -> None:
    """It may be from before the move whose deny it would lift; only the control region's word, or a person's, opens."""
    world.say(State("east", serial=1), "west")
    world.shut("east", gate.OWN)
    cut(world, CONTROL_REGION)
    [turn] = world.watch("east", 0)
    assert turn.post.acked == world.now
    assert turn.action.verb is Verb.KEEP
    assert world.gate("east") == SHUT


def test_a_site_that_a_person_sent_on_alone_serves_though_it_reaches_nobody(world: World) -> None:
    world.watch("east", 0)
    world.shut("east", gate.OWN)
    world.say(State("east", serial=8, epoch=5, alone="a person"), "east")
    cut(world, CONTROL_REGION, WEST_REGION)
    world.now += 3 * LEASE
    [turn] = world.watch("east", 0)
    assert turn.action.verb is Verb.UNFENCE
    assert world.gate("east") == OPEN


def test_the_later_document_counts_wherever_it_is(world: World) -> None:
    """Someone has moved with the control region gone; control is back and does not know of it."""
    world.say(State("west", serial=9, epoch=5), "west")
    world.watch("east", 0)
    assert world.gate("east") == SHUT
    kept = table.read_state(world.table("east"))
    assert kept is not None
    assert (kept.active, kept.epoch) == ("west", 5)


def test_a_later_copy_of_its_own_is_not_overwritten_with_older_news(world: World) -> None:
    later = State("east", serial=7, epoch=2)
    world.say(later, "east")
    world.watch("east", 0)
    assert table.read_state(world.table("east")) == later


@pytest.mark.parametrize(("active", "before"), [("east", SHUT), ("west", OPEN)])
def test_a_site_that_hears_nothing_is_not_told_who_is_active_by_its_own_copy(
    world: World, active: str, before: tuple[set[int], set[int]]
) -> None:
    """It may have slept through a move there, or back: for as long as the lease lasts, everything stays as it is."""
    memory = Memory()
    world.watch("east", 0, memory)
    world.say(State(active, serial=5, epoch=3), "east")
    world.shut("east", *before[0])
    cut_off(world, "east")
    world.now += 10
    [turn] = world.watch("east", 0, memory)
    assert turn.post.state is None
    assert turn.action.verb is Verb.KEEP
    assert world.gate("east") == before


def test_control_has_to_be_back_without_a_gap_before_its_word_opens(world: World) -> None:
    """Each time it comes back it may not know yet of a move made without it."""
    memory = Memory()
    world.watch("east", 50, memory)
    world.dead = {("dynamodb", "eu-central-1")}
    world.watch("east", 5, memory)
    world.dead = set()
    back = world.now
    world.shut("east", gate.OWN)
    turns = world.watch("east", 90, memory)
    opened = next(turn for turn in turns if turn.action.verb is Verb.UNFENCE)
    assert opened.post.at - back >= 75


def test_an_older_document_of_control_opens_nothing_while_a_later_one_is_about(world: World) -> None:
    """Control has answered all along, and has not taken over yet what a person did at the other site without it."""
    memory = Memory()
    world.watch("east", 80, memory)
    world.say(State("east", serial=5, epoch=6), "west")
    world.shut("east", gate.OWN)
    turns = world.watch("east", 100, memory)
    assert {turn.post.sure for turn in turns} == {False}
    assert world.gate("east") == SHUT
    world.say(State("east", serial=6, epoch=6))
    world.watch("east", 100, memory)
    assert world.gate("east") == OPEN


def test_a_person_who_sent_a_site_on_alone_is_overruled_by_a_later_document(world: World) -> None:
    """Somebody has moved since; their copy shows it, and a copy opens nothing."""
    memory = Memory()
    world.watch("east", 0, memory)
    world.shut("east", gate.OWN)
    world.say(State("east", serial=8, epoch=5, alone="a person"), "east")
    world.say(State("east", serial=9, epoch=6), "west")
    world.dead = {("dynamodb", "eu-central-1")}
    [turn] = world.watch("east", 0, memory)
    assert turn.post.sure is False
    assert world.gate("east") == SHUT
