"""The gate as a step of a move shuts and opens it, and what becomes of the sessions inside."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.functional.aws.cloud import HOME, error, hold
from tests.functional.aws.steps import BEFORE, DENIES, kept, operations, put, step

from dr_templates.failover.loop import LostError
from dr_templates.failover.model import Action, Verb
from dr_templates.failover.state import succeed
from dr_templates.runtime.database import Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.functional.aws.cloud import Cloud
    from tests.functional.aws.probes import Database, Probe, Wish


def test_a_fence_shuts_both_ways_and_ends_sessions_between_them(cloud: Cloud, databases: dict[str, Database]) -> None:
    put(cloud, BEFORE)
    shut_while_ending: list[Any] = []
    home = databases[HOME]

    def probe(wish: Any) -> object:  # noqa: ANN401 - as the caller likes
        acls = cloud.client("ec2", HOME).describe_network_acls()["NetworkAcls"]
        shut_while_ending.append(
            [
                (entry["RuleNumber"], entry["Egress"])
                for acl in acls
                if {"Key": "Name", "Value": cloud.names.acl(HOME)} in acl["Tags"]
                for entry in acl["Entries"]
                if entry["RuleAction"] == "deny"
            ]
        )
        return home(wish)

    cloud.probes[cloud.names.probe(HOME)] = probe
    cloud.pair().perform(step(Verb.FENCE, BEFORE, HOME))
    assert hold(cloud, HOME) == DENIES
    assert home.ended == 1
    assert shut_while_ending == [[(106, False)], [(106, False)]]
    cloud.pair().perform(step(Verb.FENCE, kept(cloud), HOME))
    assert hold(cloud, HOME) == DENIES


def clinging(database: Database, hear: Callable[[Wish], None]) -> Probe:
    """Give the probe of a database that ends no session; it hears of every wish first."""

    def probe(wish: Wish) -> object:
        hear(wish)
        return {"ended": 0} if "end_sessions" in wish else database(wish)

    return probe


def test_sessions_that_do_not_end_are_asked_after_three_times_and_cut(
    cloud: Cloud, databases: dict[str, Database]
) -> None:
    put(cloud, BEFORE)
    home = databases[HOME]
    home.sessions = 2
    asked: list[Wish] = []
    cloud.probes[cloud.names.probe(HOME)] = clinging(home, asked.append)
    cloud.pair().perform(step(Verb.FENCE, BEFORE, HOME))
    assert [("end_sessions" in wish, wish.get("beat")) for wish in asked] == [(True, None), (False, False)] * 3
    assert hold(cloud, HOME) == DENIES


def test_sessions_that_take_a_moment_to_end_are_looked_after_again(
    cloud: Cloud, databases: dict[str, Database]
) -> None:
    put(cloud, BEFORE)
    home, since = databases[HOME], cloud.now

    def lingering(wish: Any) -> object:  # noqa: ANN401 - as the caller likes
        home.sessions = 0 if cloud.now > since else 1
        return {"ended": 1} if "end_sessions" in wish else home(wish)

    cloud.probes[cloud.names.probe(HOME)] = lingering
    cloud.pair().perform(step(Verb.FENCE, BEFORE, HOME))
    assert operations(cloud, "lambda") == ["Invoke"] * 4
    assert hold(cloud, HOME) == DENIES


def test_a_database_that_is_slow_to_end_sessions_is_not_waited_for(
    cloud: Cloud, databases: dict[str, Database]
) -> None:
    """Every second of it is one in which clients get no answer, and its way out is shut all the same."""
    put(cloud, BEFORE)

    def take_long(_: Wish) -> None:
        cloud.now += 8.0

    cloud.probes[cloud.names.probe(HOME)] = clinging(databases[HOME], take_long)
    cloud.pair().perform(step(Verb.FENCE, BEFORE, HOME))
    assert operations(cloud, "lambda") == ["Invoke"] * 2
    assert hold(cloud, HOME) == DENIES


@pytest.mark.parametrize("fault", [(Stage.REFUSED, "refused", None), None])
def test_a_database_that_does_not_answer_is_fenced_all_the_same(
    cloud: Cloud, databases: dict[str, Database], fault: tuple[Stage, str, str | None] | None
) -> None:
    put(cloud, BEFORE)
    databases[HOME].fault = fault
    cloud.refuse = lambda call: fault is None and call.service == "lambda"
    cloud.pair().perform(step(Verb.FENCE, BEFORE, HOME))
    assert hold(cloud, HOME) == DENIES
    assert cloud.paused == []


def test_an_opening_lifts_the_numbers_it_was_given_and_no_other(cloud: Cloud) -> None:
    put(cloud, BEFORE)
    cloud.pair().perform(step(Verb.FENCE, BEFORE, HOME))
    cloud.pair().perform(replace(step(Verb.FENCE, kept(cloud), HOME), denies=frozenset({107})))
    cloud.pair().perform(Action(Verb.UNFENCE, "a move that is over has left it shut", HOME, denies=DENIES))
    assert hold(cloud, HOME) == {107}
    cloud.answer["DeleteNetworkAclEntry"] = lambda _: error("InvalidNetworkAclEntry.NotFound")
    cloud.pair().perform(Action(Verb.UNFENCE, "again", HOME, denies=DENIES))
    assert hold(cloud, HOME) == {107}


@pytest.mark.parametrize("verb", [Verb.FENCE, Verb.UNFENCE])
def test_what_is_done_to_a_gate_without_a_lock_is_not_done_on_old_news(cloud: Cloud, verb: Verb) -> None:
    put(cloud, succeed(BEFORE))
    with pytest.raises(LostError):
        cloud.pair().perform(Action(verb, "left over", HOME, before=BEFORE, denies=DENIES))
    assert operations(cloud, "ec2") == []
