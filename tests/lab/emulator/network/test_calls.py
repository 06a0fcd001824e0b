"""Calls to AWS from one place to another, cut and late."""

import time

import pytest
from botocore.exceptions import ConnectionClosedError
from tests.lab.emulator.network.conftest import AWAY, HOME, RATE, Network, client

LOST = 2.0 / RATE


def topics() -> list[str]:
    return [one["TopicArn"].rpartition(":")[2] for one in client("sns").list_topics()["Topics"]]


def test_a_call_that_is_cut_ends_without_an_answer_and_has_done_nothing(network: Network) -> None:
    network.cut((AWAY, HOME, "api"))
    began = time.monotonic()
    with pytest.raises(ConnectionClosedError):
        network.caller("sns", AWAY).create_topic(Name="lost")
    assert time.monotonic() - began >= LOST
    assert "lost" not in topics()


def test_a_call_whose_answer_is_cut_was_carried_out(network: Network) -> None:
    network.cut((HOME, AWAY, "api"))
    with pytest.raises(ConnectionClosedError):
        network.caller("sns", AWAY).create_topic(Name="unheard")
    assert "unheard" in topics()


def test_other_places_and_those_outside_are_not_concerned(network: Network) -> None:
    network.cut((AWAY, "*", "*"), ("*", AWAY, "*"))
    assert network.caller("sns", HOME).list_topics()
    assert client("sns", AWAY).list_topics()


def test_a_region_that_is_cut_from_itself_is_dark_inside(network: Network) -> None:
    network.cut((AWAY, AWAY, "api"))
    assert network.caller("sns", AWAY, HOME).list_topics()
    with pytest.raises(ConnectionClosedError):
        network.caller("sns", AWAY, AWAY).list_topics()


def test_outside_can_be_cut_by_its_name(network: Network) -> None:
    network.cut(("outside", HOME, "api"))
    with pytest.raises(ConnectionClosedError):
        client("sns").list_topics()
    assert client("sns", AWAY).list_topics()


def test_a_global_service_is_in_one_region_for_callers_of_all(network: Network) -> None:
    network.cut((AWAY, HOME, "api"))
    with pytest.raises(ConnectionClosedError):
        network.caller("route53", AWAY, AWAY).list_hosted_zones()


def test_a_call_is_late_by_both_ways_and_answered_all_the_same(network: Network) -> None:
    network.slow((HOME, AWAY, "api", 2), (AWAY, HOME, "api", 2))
    began = time.monotonic()
    assert network.caller("sns", AWAY).list_topics()
    assert time.monotonic() - began >= 4 / RATE


def test_once_the_network_is_whole_again_calls_pass(network: Network) -> None:
    caller = network.caller("sns", AWAY)
    network.cut((AWAY, HOME, "*"))
    with pytest.raises(ConnectionClosedError):
        caller.list_topics()
    network.heal()
    assert caller.list_topics()


def test_a_new_order_takes_the_place_of_the_last_and_nonsense_changes_nothing(network: Network) -> None:
    network.cut((AWAY, HOME, "api"))
    network.slow((HOME, AWAY, "replication", 3))
    said = network.told()
    assert (said["cuts"], len(said["delays"])) == ([], 1)
    with pytest.raises(Exception, match="400"):
        network.told("POST", {"cuts": [{"from": "nowhere", "to": HOME, "what": "api"}]})
    assert network.told() == said
