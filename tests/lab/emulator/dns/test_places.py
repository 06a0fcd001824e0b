"""Who asks decides which zones are seen, and whether there is an answer at all."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from tests.lab.emulator.dns.conftest import drop, put, zone_of
from tests.lab.emulator.types.conftest import AWAY, HOME, client

from dr_templates.lab.emulator import Emulator
from dr_templates.lab.names import Resolver, UnresolvedError
from dr_templates.lab.orders import ask, order

NAME = "one.placed.internal"


@contextlib.contextmanager
def cut(quick: Emulator, *rules: dict[str, str]) -> Iterator[None]:
    order(quick, "network", {"cuts": list(rules)})
    try:
        yield
    finally:
        order(quick, "network", {"cuts": []})


@pytest.fixture
def placed(quick: Emulator, told: dict[str, Any]) -> Iterator[dict[str, Resolver]]:
    """Give a resolver for clients of each region, and for any other; the zone belongs to a VPC at home alone."""
    vpcs = {
        region: client("ec2", region).create_vpc(CidrBlock="10.3.0.0/16")["Vpc"]["VpcId"] for region in (HOME, AWAY)
    }
    zone = zone_of(vpcs[HOME], "placed.internal")
    put(zone, {"Name": NAME, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "127.0.0.7"}]})
    addresses = ask(quick, "network")["addresses"]
    sources = {HOME: addresses[HOME], AWAY: addresses[AWAY], "other": None}
    yield {place: Resolver(told["host"], told["port"], source, timeout=0.2) for place, source in sources.items()}
    drop(zone, NAME)
    client("route53").delete_hosted_zone(Id=zone)
    for region, vpc in vpcs.items():
        client("ec2", region).delete_vpc(VpcId=vpc)


def test_a_zone_is_seen_from_the_regions_of_its_vpcs_alone(placed: dict[str, Resolver]) -> None:
    assert placed[HOME].resolve(NAME) == "127.0.0.7"
    assert placed["other"].resolve(NAME) == "127.0.0.7"
    with pytest.raises(UnresolvedError, match="REFUSED"):
        placed[AWAY].resolve(NAME)


def test_a_dark_region_still_gets_answers(quick: Emulator, placed: dict[str, Resolver]) -> None:
    with cut(quick, {"from": HOME, "to": "*", "what": "*"}, {"from": "*", "to": HOME, "what": "*"}):
        assert placed[HOME].look(NAME) == (None, "127.0.0.7")


def test_questions_are_lost_only_where_names_are_cut(quick: Emulator, placed: dict[str, Resolver]) -> None:
    with cut(quick, {"from": HOME, "to": HOME, "what": "dns"}):
        with pytest.raises(UnresolvedError, match="no answer"):
            placed[HOME].look(NAME)
        assert placed["other"].look(NAME) == (None, "127.0.0.7")
    assert placed[HOME].look(NAME) == (None, "127.0.0.7")
