"""One turn of the watchdog: in which order it asks, what it notices, and what it leaves behind."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest
from tests.functional.aws.cloud import error, raw
from tests.functional.watchdog.world import LEASE, OPEN, SHUT, START, cut_off

from dr_templates.aws import table
from dr_templates.aws.station import Memory, hasty
from dr_templates.aws.watch import tick
from dr_templates.failover.model import Verb
from dr_templates.failover.state import State
from dr_templates.topology import CONTROL

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.config import Config
    from tests.functional.aws.cloud import Boto
    from tests.functional.watchdog.world import Asked, World


def subject(world: World, asked: Asked) -> str:
    """Name what a request is about: what is read or left in which place, or the operation."""
    if "TableName" not in asked.of:
        return asked.operation
    (place,) = (place for place in world.names.topology.places if world.names.table(place) == asked.of["TableName"])
    key = asked.of.get("Key") or asked.of["Item"]
    return f"{key['Kind']['S']} at {place}"


LATER = {
    "DescribeNetworkAcls": f"mark at {CONTROL}",
    f"mark at {CONTROL}": f"state at {CONTROL}",
    "mark at west": f"state at {CONTROL}",
}
"""What a turn asks, and what it may not ask before that is answered."""


@pytest.mark.parametrize("slow", LATER)
def test_the_gate_is_read_before_a_mark_is_left_and_the_state_after_it(world: World, slow: str) -> None:
    """Whoever misses the mark can count on the site not having opened its gate on what it read earlier."""
    later, overtaken = threading.Event(), []

    def hear(asked: Asked) -> None:
        if subject(world, asked) == LATER[slow]:
            later.set()
        if subject(world, asked) == slow:
            overtaken.append(later.wait(0.3))

    station, memory = world.station("east"), Memory()
    tick(station, memory)
    world.hear = hear
    tick(station, memory)
    assert overtaken == [False]
    assert later.is_set()


def test_a_mark_counts_from_when_it_was_sent(world: World) -> None:
    """One that was long on its way must not stretch the lease: whoever reads it goes by the time it carries."""

    def slow(_: str) -> None:
        world.now += 1.5

    world.answer["PutItem"] = slow
    memory = Memory()
    [turn] = world.watch("east", 0, memory)
    assert world.now > START
    assert turn.post.acked == memory.acked == START
    assert table.read_acked(world.table("east"), "east") == START
    mark = world.mark(CONTROL, "east")
    assert mark is not None
    assert mark.at == START


def test_a_right_to_shut_that_is_taken_away_is_noticed_by_the_next_invocation(world: World) -> None:
    """Nobody may count on a site to shut itself that no longer can, however long its sandbox lives."""
    memory = Memory()
    told = []
    for refusal in (None, error("UnauthorizedOperation"), None):
        world.answer["CreateNetworkAclEntry"] = lambda _, refusal=refusal: refusal
        world.watch("east", 0, memory)
        mark = world.mark(CONTROL, "east")
        assert mark is not None
        told.append(mark.armed)
        world.now += 60
    assert told == [True, False, True]


def test_a_place_that_has_been_deleted_counts_as_one_that_has_heard_of_it(world: World) -> None:
    """Nobody can count a site as gone by a table that is not there, so taking the others down shuts nobody."""
    memory = Memory()
    world.watch("east", 0, memory)
    for place in (CONTROL, "west"):
        world.table(place).dynamodb.delete_table(TableName=world.names.table(place))
    world.now += 2 * LEASE
    [turn] = world.watch("east", 0, memory)
    assert turn.action.verb is Verb.KEEP
    assert world.gate("east") == OPEN


def test_whoever_is_inside_is_put_out_when_it_shuts_and_nobody_waits_for_it(world: World) -> None:
    """A client whose packets are merely dropped would wait for its own time-out before it went elsewhere."""
    world.say(State("west", serial=9, epoch=4))
    world.watch("east", 0)
    [call] = [asked.of for asked in world.asked if asked.operation == "Invoke"]
    assert call["FunctionName"] == world.names.probe("east")
    assert call["InvocationType"] == "Event"
    assert json.loads(call["Payload"]) == {"end_sessions": True}
    assert world.gate("east") == SHUT


def test_a_copy_is_written_when_there_is_news_and_not_again(world: World) -> None:
    memory = Memory()
    world.watch("east", 10, memory)
    world.say(State("east", serial=2))
    world.watch("east", 10, memory)
    written = [subject(world, asked) for asked in world.asked if asked.operation == "PutItem"]
    assert written.count("state at east") == 2
    assert table.read_state(world.table("east")) == State("east", serial=2)


@pytest.mark.parametrize(("remembered", "kept"), [(START - LEASE, START - 1), (START - 1, START - LEASE)])
def test_whichever_sandbox_was_heard_last_counts(world: World, remembered: float, kept: float) -> None:
    """Another one may have been at work meanwhile, or the table may have missed what this one remembers."""
    table.write_acked(world.table("east"), "east", kept)
    cut_off(world, "east")
    [turn] = world.watch("east", 0, Memory(acked=remembered))
    assert turn.post.acked == START - 1
    assert world.gate("east") == OPEN


def test_a_gate_that_cannot_be_looked_at_any_more_is_shut_all_the_same(world: World) -> None:
    memory = Memory()
    world.watch("east", 0, memory)
    cut_off(world, "east")
    world.answer["DescribeNetworkAcls"] = lambda _: error("RequestLimitExceeded")
    world.now += LEASE
    [turn] = world.watch("east", 0, memory)
    assert turn.action.verb is Verb.FENCE
    assert world.gate("east") == SHUT


def test_a_gate_that_was_never_found_is_told_of_where_it_should_be_shut(world: World) -> None:
    world.say(State("west", serial=9, epoch=4))
    world.answer["DescribeNetworkAcls"] = lambda _: error("UnauthorizedOperation")
    [turn] = world.watch("east", 0)
    assert "the gate has never been found, so it cannot be moved" in turn.trouble
    assert world.gate("east") == OPEN


def test_one_direction_that_cannot_be_shut_leaves_the_other_one_shut(world: World) -> None:
    """Half a fence keeps new clients out, and the next turn tries the other half again."""
    world.say(State("west", serial=9, epoch=4))
    world.answer["CreateNetworkAclEntry"] = refused_once()
    turns = world.watch("east", 5)
    assert [turn.action.verb for turn in turns] == [Verb.FENCE, Verb.FENCE]
    assert world.gate("east") == SHUT


def test_trouble_that_is_over_is_not_told_again(world: World) -> None:
    world.dead = {("ec2", "us-east-1")}
    station, memory = world.station("east"), Memory()
    assert [words.partition(":")[0] for words in tick(station, memory).trouble] == ["gate"]
    world.dead = set()
    assert tick(world.station("east"), memory).trouble == ()


def test_no_client_of_a_watchdog_waits_for_longer_than_a_turn_can() -> None:
    waits: list[tuple[str, float, int]] = []

    def make(service: str, region: str, config: Config) -> Boto:
        client = raw(service, region, "http://127.0.0.1:1", config)
        settings = client.meta.config
        waits.append((service, settings.read_timeout, settings.retries["total_max_attempts"]))
        return client

    clients = hasty(make)
    clients.dynamodb("eu-west-1")
    clients.lambda_("eu-west-1")
    assert waits == [("dynamodb", 2, 1), ("lambda", 2, 1)]


def refused_once() -> Callable[[str], Boto]:
    """Let the dry run through, and refuse one of the two denies that follow it."""
    asked = iter((None, error("RequestLimitExceeded")))
    return lambda _: next(asked, None)
