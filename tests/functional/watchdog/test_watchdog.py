"""The watchdog: shuts a site that reaches nobody, never one that reaches somebody, and opens only what it may."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.functional.watchdog.world import (
    CONTROL_REGION,
    EAST_REGION,
    LEASE,
    OPEN,
    SHUT,
    START,
    WEST_REGION,
    cut,
    moving,
)

from dr_templates.aws import table
from dr_templates.aws.station import BOUND_SECONDS, Memory
from dr_templates.failover import gate
from dr_templates.failover.model import Verb
from dr_templates.failover.state import Phase, State
from dr_templates.topology import CONTROL

if TYPE_CHECKING:
    from tests.functional.watchdog.world import World


def test_it_marks_both_other_places_and_says_that_it_could_shut_the_gate(world: World) -> None:
    memory = Memory()
    world.watch("east", 0, memory)
    for place in (CONTROL, "west"):
        mark = world.mark(place, "east")
        assert mark is not None
        assert (mark.at, mark.armed, mark.shut) == (START, True, 0)
    assert table.read_acked(world.table("east"), "east") == START
    assert table.read_state(world.table("east")) == State("east", serial=1)
    assert memory.trouble == []


def test_a_site_without_its_gate_says_that_it_could_not(bare: World) -> None:
    for place in bare.names.topology.places:
        bare.make_table(place)
    [turn] = bare.watch("east", 0)
    mark = bare.mark(CONTROL, "east")
    assert mark is not None
    assert mark.armed is False
    assert "gate: 0 network ACLs are named" in turn.trouble[0]


@pytest.mark.parametrize("lease", [30.0, 60.0])
def test_a_site_that_reaches_nobody_shuts_itself_within_the_lease(world: World, lease: float) -> None:
    memory = Memory()
    world.watch("east", 0, memory, lease)
    cut(world, CONTROL_REGION, WEST_REGION)
    before = world.now
    while world.gate("east") == OPEN:
        assert world.now - before <= lease
        world.now += 5
        world.watch("east", 0, memory, lease)
    assert world.gate("east") == SHUT
    assert world.now - before > lease / 4, "a single lost call must not shut a site"


def test_it_shuts_itself_also_when_a_new_sandbox_begins_with_nothing_but_its_table(world: World) -> None:
    world.watch("east", 0)
    cut(world, CONTROL_REGION, WEST_REGION)
    world.now += LEASE
    [turn] = world.watch("east", 0, Memory())
    assert turn.action.verb is Verb.FENCE
    assert world.gate("east") == SHUT


def test_without_its_own_table_the_lease_runs_from_the_first_look(world: World) -> None:
    cut(world, CONTROL_REGION, WEST_REGION, EAST_REGION)
    turns = world.watch("east", 52)
    assert turns[0].action.verb is Verb.KEEP
    assert world.gate("east") == SHUT
    assert world.now - START <= LEASE


@pytest.mark.parametrize("lost", [CONTROL_REGION, WEST_REGION])
def test_reaching_one_place_is_enough_for_as_long_as_it_lasts(world: World, lost: str) -> None:
    memory = Memory()
    cut(world, lost)
    for _ in range(4):
        turns = world.watch("east", 52, memory)
        assert {turn.action.verb for turn in turns} == {Verb.KEEP}
    assert world.gate("east") == OPEN


def test_not_even_its_own_table_is_needed_to_keep_serving(world: World) -> None:
    cut(world, EAST_REGION)
    turns = world.watch("east", 104)
    assert {turn.action.verb for turn in turns} == {Verb.KEEP}
    assert world.gate("east") == OPEN
    assert world.mark(CONTROL, "east") is not None


def test_a_first_deployment_never_shuts_itself(bare: World) -> None:
    bare.make_table("east")
    bare.make_gate("east")
    bare.make_database("east")
    for memory in (Memory(), Memory()):
        assert {turn.action.verb for turn in bare.watch("east", 104, memory)} == {Verb.KEEP}
    assert bare.gate("east") == OPEN


def test_a_site_that_never_reached_anybody_does_not_shut_itself(world: World) -> None:
    cut(world, CONTROL_REGION, WEST_REGION)
    assert {turn.action.verb for turn in world.watch("east", 104)} == {Verb.KEEP}
    assert world.gate("east") == OPEN


def test_a_replica_that_reaches_nobody_stays_open(world: World) -> None:
    memory = Memory()
    world.watch("west", 0, memory)
    cut(world, CONTROL_REGION, EAST_REGION)
    world.now += 2 * LEASE
    [turn] = world.watch("west", 0, memory)
    assert turn.action.verb is not Verb.FENCE
    assert world.gate("west") == OPEN


def test_back_again_and_still_active_it_opens_what_it_had_shut(world: World) -> None:
    memory = Memory()
    world.watch("east", 80, memory)
    world.shut("east", gate.OWN)
    [turn] = world.watch("east", 0, memory)
    assert turn.action.verb is Verb.UNFENCE
    assert world.gate("east") == OPEN


@pytest.mark.parametrize("phase", [Phase.OPEN, Phase.SEALED])
def test_it_stays_shut_while_a_move_takes_the_role_away(world: World, phase: Phase) -> None:
    world.say(moving(phase))
    world.shut("east", gate.OWN)
    world.watch("east", 10)
    assert gate.OWN in world.gate("east")[0] & world.gate("east")[1]


def test_back_again_and_replaced_it_shuts_itself_before_it_serves_anybody(world: World) -> None:
    world.say(State("west", serial=9, epoch=4))
    [turn] = world.watch("east", 0)
    assert turn.action.verb is Verb.FENCE
    assert world.gate("east") == SHUT


def test_it_shuts_for_a_move_that_cannot_reach_it_and_its_next_mark_says_so(world: World) -> None:
    world.say(moving(Phase.OPEN))
    world.watch("east", 5)
    assert world.gate("east") == ({gate.number(4)}, {gate.number(4)})
    mark = world.mark("west", "east")
    assert mark is not None
    assert mark.shut == 4


def test_half_a_fence_is_made_whole(world: World) -> None:
    world.watch("east", 0)
    world.say(replace(State("west", serial=9), epoch=4))
    world.shut("east", gate.OWN)
    ec2 = world.client("ec2", EAST_REGION)
    acl = ec2.describe_network_acls(Filters=[{"Name": "tag:Name", "Values": [world.names.acl("east")]}])
    identifier = acl["NetworkAcls"][0]["NetworkAclId"]
    ec2.delete_network_acl_entry(NetworkAclId=identifier, RuleNumber=gate.OWN, Egress=True)
    world.watch("east", 0)
    assert world.gate("east") == SHUT


def test_with_everything_dead_a_turn_ends_in_time_and_says_what_it_could_not_ask(world: World) -> None:
    world.dead = {("*", region) for region in (CONTROL_REGION, EAST_REGION, WEST_REGION)}
    started = time.monotonic()
    [turn] = world.watch("east", 0)
    assert time.monotonic() - started < 5 * BOUND_SECONDS
    assert turn.action.verb is Verb.KEEP
    assert {said.partition(":")[0] for said in turn.trouble} >= {"gate", CONTROL, "west", "east", "replica"}


def test_turns_are_five_seconds_apart_and_end_within_the_minute(world: World) -> None:
    turns = world.watch("west", 52)
    assert [turn.post.at - START for turn in turns] == [5.0 * number for number in range(11)]
