"""What is answered to whom."""

from random import Random

import pytest

from dr_templates.lab.emulator.dns.answers import Answer, World, Zone, answer, seen
from dr_templates.lab.emulator.dns.choose import Record

HOST = "shop.c1.us-east-1.rds.amazonaws.com"
SOA = Record("lab.internal", "SOA", 900, ("ns.lab. host.lab. 1 7200 900 1209600 86400",))
RECORDS = (
    SOA,
    Record("postgres.lab.internal", "CNAME", 30, (f"{HOST}.",)),
    Record("lost.lab.internal", "CNAME", 30, ("none.c1.us-east-1.rds.amazonaws.com",)),
    Record("outside.lab.internal", "CNAME", 30, ("example.com",)),
    Record("ring.lab.internal", "CNAME", 30, ("ring.lab.internal",)),
    Record("twice.lab.internal", "CNAME", 20, ("postgres.lab.internal",)),
    Record("plain.deep.lab.internal", "A", 60, ("127.0.0.8", "127.0.0.9")),
    Record("near.lab.internal", "A", 60, ("127.0.0.8",), "near", unknown="GeoLocation"),
)
ZONE = Zone("Z1", "lab.internal", RECORDS, frozenset({"us-east-1"}))
RANDOM = Random(1)  # noqa: S311 - no secret
WORLD = World((ZONE,), {HOST: "127.1.2.3"})


def ask(name: str, kind: str = "A", world: World = WORLD) -> Answer:
    return answer(world, name, kind, lambda _record: True, RANDOM)


def values(said: Answer) -> list[tuple[str, int, tuple[str, ...]]]:
    return [(one.kind, one.ttl, one.values) for one in said.records]


def test_the_name_of_a_database_is_followed_to_its_address() -> None:
    said = ask("postgres.lab.internal")
    assert said.code == "NOERROR"
    assert values(said) == [("CNAME", 30, (f"{HOST}.",)), ("A", 5, ("127.1.2.3",))]


def test_a_name_is_followed_over_several() -> None:
    assert [one.kind for one in ask("twice.lab.internal").records] == ["CNAME", "CNAME", "A"]


def test_who_asks_for_the_name_behind_a_name_gets_that_alone() -> None:
    assert values(ask("postgres.lab.internal", "CNAME")) == [("CNAME", 30, (f"{HOST}.",))]


def test_there_are_no_addresses_of_version_six() -> None:
    assert ask(HOST, "AAAA") == Answer("NOERROR")
    assert ask("plain.deep.lab.internal", "AAAA") == Answer("NOERROR", authority=(SOA,))
    assert [one.kind for one in ask("postgres.lab.internal", "AAAA").records] == ["CNAME"]


def test_all_values_of_a_record_are_answered() -> None:
    assert values(ask("plain.deep.lab.internal")) == [("A", 60, ("127.0.0.8", "127.0.0.9"))]


@pytest.mark.parametrize("name", ["nobody.lab.internal", "none.c1.us-east-1.rds.amazonaws.com"])
def test_an_unknown_name_is_none(name: str) -> None:
    assert ask(name).code == "NXDOMAIN"
    assert not ask(name).records


def test_a_name_between_names_is_there_and_empty() -> None:
    assert ask("deep.lab.internal") == Answer("NOERROR", authority=(SOA,))


def test_a_name_that_stands_for_none_is_shown_and_is_none() -> None:
    said = ask("lost.lab.internal")
    assert said.code == "NXDOMAIN"
    assert [one.kind for one in said.records] == ["CNAME"]


@pytest.mark.parametrize("name", ["example.com", "internal", "otherlab.internal"])
def test_what_belongs_to_no_zone_is_refused(name: str) -> None:
    assert ask(name) == Answer("REFUSED")


def test_a_name_outside_is_shown_and_not_followed() -> None:
    assert values(ask("outside.lab.internal")) == [("CNAME", 30, ("example.com",))]
    assert ask("outside.lab.internal").code == "NOERROR"


@pytest.mark.parametrize("name", ["ring.lab.internal", "near.lab.internal"])
def test_a_ring_and_a_way_the_lab_does_not_know_fail(name: str) -> None:
    assert ask(name) == Answer("SERVFAIL")


def test_the_longest_zone_answers_and_the_private_one_of_two() -> None:
    def zone(name: str, value: str, *, private: bool = True) -> Zone:
        record = Record("a.b.internal", "A", 1, (value,))
        return Zone(value, name, (record,), frozenset({"us-east-1"}), private=private)

    both = World((zone("b.internal", "127.0.0.1"), zone("internal", "127.0.0.2")), {})
    assert values(ask("a.b.internal", world=both))[0][2] == ("127.0.0.1",)
    two = World((zone("b.internal", "127.0.0.3", private=False), zone("b.internal", "127.0.0.4")), {})
    assert values(ask("a.b.internal", world=two))[0][2] == ("127.0.0.4",)


def test_a_private_zone_is_seen_from_the_regions_of_its_vpcs() -> None:
    public = Zone("Z2", "public.internal", (), private=False)
    world = World((ZONE, public), {})
    assert seen(world, "us-east-1").zones == (ZONE, public)
    assert seen(world, "eu-west-1").zones == (public,)
    assert seen(world, None).zones == (ZONE, public)
