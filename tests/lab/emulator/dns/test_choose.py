"""Which record is answered with: the truth tables of facts B9 and B10."""

from collections import Counter
from collections.abc import Callable
from random import Random

import pytest

from dr_templates.lab.emulator.dns.choose import Record, choose

RANDOM = Random(7)  # noqa: S311 - no secret


def weighted(identifier: str, weight: int, *, check: bool = True) -> Record:
    return Record(
        "db.lab", "CNAME", 30, (f"{identifier}.lab",), identifier, weight, check=identifier if check else None
    )


def failing_over(identifier: str, *, check: bool = True) -> Record:
    return Record(
        "db.lab",
        "CNAME",
        30,
        (f"{identifier}.lab",),
        identifier,
        failover=identifier,
        check=identifier if check else None,
    )


def only(*names: str) -> Callable[[Record], bool]:
    """Health by the name of the check; a record without one is healthy."""
    return lambda record: record.check is None or record.check in names


def drawn(records: list[Record], healthy: Callable[[Record], bool], times: int = 2000) -> Counter[str]:
    return Counter(choose(records, healthy, RANDOM).identifier for _ in range(times))


PAIR = [weighted("home", 100), weighted("away", 0)]


@pytest.mark.parametrize(
    ("healthy", "chosen"),
    [(("home", "away"), "home"), (("home",), "home"), (("away",), "away"), ((), "home")],
)
def test_weight_zero_counts_only_while_the_other_alone_is_unhealthy(healthy: tuple[str, ...], chosen: str) -> None:
    assert set(drawn(PAIR, only(*healthy), 50)) == {chosen}


def test_weight_zero_waits_until_every_other_is_unhealthy() -> None:
    three = [weighted("a", 3), weighted("b", 1), weighted("spare", 0)]
    assert set(drawn(three, only("b", "spare"))) == {"b"}
    assert set(drawn(three, only("spare"))) == {"spare"}
    assert set(drawn(three, only())) == {"a", "b"}


def test_without_checks_weight_zero_is_never_answered() -> None:
    bare = [weighted("home", 1, check=False), weighted("away", 0, check=False)]
    assert set(drawn(bare, only())) == {"home"}


@pytest.mark.parametrize("check", [True, False])
def test_all_of_weight_zero_are_answered_alike(*, check: bool) -> None:
    seen = drawn([weighted("a", 0, check=check), weighted("b", 0, check=check)], only("a", "b"))
    assert abs(seen["a"] - seen["b"]) < 200


def test_of_all_of_weight_zero_the_healthy_ones_are_answered() -> None:
    assert set(drawn([weighted("a", 0), weighted("b", 0)], only("b"))) == {"b"}


def test_several_are_answered_by_their_weights() -> None:
    seen = drawn([weighted("a", 30), weighted("b", 10)], only("a", "b"), 8000)
    assert 2.7 < seen["a"] / seen["b"] < 3.3


def test_several_that_are_unhealthy_together_are_answered_by_their_weights() -> None:
    seen = drawn([weighted("a", 30), weighted("b", 10), weighted("c", 0)], only(), 8000)
    assert 2.7 < seen["a"] / seen["b"] < 3.3
    assert not seen["c"]


@pytest.mark.parametrize(
    ("healthy", "chosen"),
    [
        (("PRIMARY", "SECONDARY"), "PRIMARY"),
        (("PRIMARY",), "PRIMARY"),
        (("SECONDARY",), "SECONDARY"),
        ((), "PRIMARY"),
    ],
)
def test_the_secondary_is_answered_while_the_primary_alone_is_unhealthy(healthy: tuple[str, ...], chosen: str) -> None:
    both = [failing_over("SECONDARY"), failing_over("PRIMARY")]
    assert choose(both, only(*healthy), RANDOM).identifier == chosen


def test_a_secondary_without_a_check_is_always_there() -> None:
    both = [failing_over("PRIMARY"), failing_over("SECONDARY", check=False)]
    assert choose(both, only(), RANDOM).identifier == "SECONDARY"


def test_a_record_alone_is_answered_even_when_it_is_unhealthy() -> None:
    alone = Record("db.lab", "A", 30, ("127.0.0.1",), check="gone")
    assert choose([alone], only(), RANDOM) is alone
