"""Whether a watchdog takes its database for a replica, and what it does about it when cut off."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from tests.functional.aws.cloud import done, error
from tests.functional.watchdog.world import LEASE, OPEN, SHUT, cut_off

from dr_templates.aws.station import Memory
from dr_templates.failover.state import State

if TYPE_CHECKING:
    from tests.functional.aws.cloud import Boto
    from tests.functional.watchdog.world import World


def instance(status: str, *, source: bool) -> Boto:
    named = {"ReadReplicaSourceDBInstanceIdentifier": "arn:aws:rds:us-east-1:1:db:x"} if source else {}
    return done(DBInstances=[{"DBInstanceStatus": status, **named}])


def probe(world: World, *, in_recovery: bool) -> None:
    """Have the probe answer that it has seen a database."""
    told = json.dumps({"stage": "answered", "in_recovery": in_recovery}).encode()
    world.answer["Invoke"] = lambda _: done(StatusCode=200, Payload=io.BytesIO(told))


@pytest.mark.parametrize(
    ("rds", "in_recovery", "fenced"),
    [
        (instance("modifying", source=True), False, True),
        (instance("rebooting", source=True), False, True),
        (instance("modifying", source=True), True, False),
        (error("Throttling"), True, False),
        (error("Throttling"), False, True),
    ],
)
def test_a_replica_is_what_rds_calls_one_save_while_it_is_at_work_on_it(
    world: World, rds: Boto, in_recovery: bool, fenced: bool
) -> None:
    """Freshly promoted, and then cut off: its source is still named, but it takes writes and has to shut itself."""
    memory = Memory()
    world.watch("west", 0, memory)
    world.answer["DescribeDBInstances"] = lambda _: rds
    probe(world, in_recovery=in_recovery)
    cut_off(world, "west")
    world.now += LEASE
    [turn] = world.watch("west", 0, memory)
    assert turn.post.replica is not fenced
    assert world.gate("west") == (SHUT if fenced else OPEN)


def test_a_replica_that_rds_vouches_for_is_not_bothered(world: World) -> None:
    world.watch("west", 10)
    assert "Invoke" not in {asked.operation for asked in world.asked}


def test_a_primary_is_known_as_one_by_rds_alone_whatever_rds_is_at(world: World) -> None:
    """Its site has been replaced, and it comes up again: nobody waits for it to answer before it is shut."""
    world.say(State("west", serial=9, epoch=4))
    world.answer["DescribeDBInstances"] = lambda _: instance("modifying", source=False)
    world.dead = {("lambda", "us-east-1")}
    world.watch("east", 0)
    assert world.gate("east") == SHUT


def test_a_database_that_cannot_be_asked_is_not_known_to_be_a_replica(world: World) -> None:
    memory = Memory()
    world.watch("west", 0, memory)
    world.dead = {("rds", "eu-west-1"), ("lambda", "eu-west-1")}
    [turn] = world.watch("west", 0, memory)
    assert turn.post.replica is None
