"""What an order means for a packet, and which orders make no sense."""

import pytest

from dr_templates.lab.emulator.network.model import OUTSIDE, Network, passes, read, told

HOME, AWAY, CONTROL = "us-east-1", "eu-west-1", "eu-central-1"


def ordered(source: str, target: str, what: str = "*") -> Network:
    return read({"cuts": [{"from": source, "to": target, "what": what}]})


def test_without_orders_everything_passes_at_once() -> None:
    assert passes(Network(), HOME, AWAY, "api") == 0


def test_a_cut_is_directed_and_of_one_kind() -> None:
    network = ordered(HOME, AWAY, "replication")
    assert passes(network, HOME, AWAY, "replication") is None
    assert passes(network, AWAY, HOME, "replication") == 0
    assert passes(network, HOME, AWAY, "clients") == 0
    assert passes(network, HOME, CONTROL, "replication") == 0


def test_any_place_is_any_region_that_one_too_but_not_outside() -> None:
    network = ordered("*", HOME)
    assert [passes(network, place, HOME, "api") for place in (AWAY, HOME, OUTSIDE)] == [None, None, 0]
    assert passes(ordered(OUTSIDE, HOME), OUTSIDE, HOME, "api") is None


def test_names_are_still_resolved_in_a_place_that_is_dark_unless_that_is_cut() -> None:
    assert passes(ordered(HOME, "*"), HOME, HOME, "dns") == 0
    assert passes(ordered(HOME, "*", "dns"), HOME, HOME, "dns") is None


def test_the_longest_delay_counts_and_a_cut_before_all() -> None:
    delays = [
        {"from": "*", "to": AWAY, "what": "*", "seconds": 2},
        {"from": HOME, "to": "*", "what": "api", "seconds": 0.5},
        {"from": CONTROL, "to": AWAY, "what": "api", "seconds": 9},
    ]
    assert passes(read({"delays": delays}), HOME, AWAY, "api") == 2
    assert passes(read({"delays": delays}), HOME, CONTROL, "api") == 0.5
    assert (
        passes(read({"delays": delays, "cuts": [{"from": HOME, "to": AWAY, "what": "api"}]}), HOME, AWAY, "api") is None
    )


def test_an_order_is_told_as_it_was_given() -> None:
    order = {
        "cuts": [{"from": HOME, "to": "*", "what": "api"}],
        "delays": [{"from": OUTSIDE, "to": AWAY, "what": "*", "seconds": 1.5}],
    }
    assert told(read(order)) == order


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ([], "an order is an object"),
        ({"cut": []}, "cuts, delays are all there is"),
        ({"cuts": {}}, "cuts is a list"),
        ({"cuts": ["all"]}, "cuts is a list of objects"),
        ({"cuts": [{"from": HOME, "to": AWAY}]}, "what must be given"),
        ({"cuts": [{"from": HOME, "to": AWAY, "what": "api", "seconds": 1}]}, r"\['seconds'\] was given"),
        ({"cuts": [{"from": HOME, "to": "home", "what": "api"}]}, "to is a region"),
        ({"cuts": [{"from": 1, "to": HOME, "what": "api"}]}, "from is a region"),
        ({"cuts": [{"from": HOME, "to": AWAY, "what": "mail"}]}, "'mail' was given"),
        ({"delays": [{"from": HOME, "to": AWAY, "what": "api"}]}, "seconds must be given"),
        ({"delays": [{"from": HOME, "to": AWAY, "what": "api", "seconds": -1}]}, "zero or more"),
        ({"delays": [{"from": HOME, "to": AWAY, "what": "api", "seconds": True}]}, "zero or more"),
        ({"delays": [{"from": HOME, "to": AWAY, "what": "api", "seconds": float("inf")}]}, "zero or more"),
    ],
)
def test_nonsense_is_refused_with_words(order: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read(order)
