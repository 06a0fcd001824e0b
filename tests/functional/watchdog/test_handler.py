"""The function as Lambda runs it: told by its environment, and saying in its log what it did."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
from tests.functional.watchdog.world import SHUT

import watchdog_handler
from dr_templates.aws import table
from dr_templates.failover import gate
from dr_templates.failover.state import State
from dr_templates.topology import CONTROL

if TYPE_CHECKING:
    from tests.functional.watchdog.world import World


def test_the_handler_is_told_everything_by_its_environment_and_logs_what_it_did(
    handled: World, capsys: pytest.CaptureFixture[str]
) -> None:
    handled.say(State("west", serial=9, epoch=4))
    watchdog_handler.handler({}, None)
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (said["verb"], said["denies"]) == ("fence", [gate.OWN])
    assert handled.gate("east") == SHUT


def test_the_handler_logs_nothing_while_all_is_well(handled: World, capsys: pytest.CaptureFixture[str]) -> None:
    watchdog_handler.handler({}, None)
    assert handled.mark(CONTROL, "east") is not None
    assert capsys.readouterr().out == ""


def test_the_handler_logs_what_it_was_not_told_and_how_long_ago_it_was_heard(
    handled: World, capsys: pytest.CaptureFixture[str]
) -> None:
    table.write_acked(handled.table("east"), "east", time.time() - 12)
    for place in (CONTROL, "west"):
        item = {"Kind": {"S": "state"}, "Order": {"S": "current"}, "Body": {"S": "?"}}
        handled.table(place).dynamodb.put_item(TableName=handled.names.table(place), Item=item)
    watchdog_handler.handler({}, None)
    [line] = capsys.readouterr().out.splitlines()
    said = json.loads(line)
    assert said["verb"] == "keep"
    assert 0 <= said["unheard_seconds"] < 10, "the mark of this very turn was taken"
    assert [words.partition(":")[0] for words in said["trouble"]] == [CONTROL, "west"]
