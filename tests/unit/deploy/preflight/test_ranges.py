from ipaddress import IPv4Network

import pytest
from tests.unit.deploy.preflight.world import AWAY, HOME, REFUSED, Answers, the_one, wrong

from dr_templates.aws.account.networks import Network, Peering
from dr_templates.aws.asking import Heard
from dr_templates.config import Config
from dr_templates.deploy.preflight.finding import Verdict
from dr_templates.deploy.preflight.wanted import Wanted


def vpc(name: str, cidr: str, tag: str = "") -> Network:
    return Network(name, (IPv4Network(cidr),), tag)


OURS = vpc("vpc-home", "10.20.0.0/16", "orders-prod-virginia")
THEIRS = vpc("vpc-away", "10.30.0.0/16", "orders-prod-ireland")
CLIENTS = vpc("vpc-clients", "10.30.64.0/24")


def at_home(*peered: Network, networks: tuple[Network, ...] = (OURS,)) -> Answers:
    peerings = tuple(Peering(f"pcx-{one.id}", (OURS, one)) for one in peered)
    return {
        ("networks", HOME): Heard(networks),
        ("peerings", HOME): Heard(peerings),
        ("networks", AWAY): Heard((THEIRS,)),
    }


def test_the_sites_must_lie_apart(config: Config) -> None:
    section = config.sites["ireland"].model_copy(update={"cidr": IPv4Network("10.20.128.0/17")})
    overlapping = config.model_copy(update={"sites": {**config.sites, "ireland": section}})
    found = wrong("ranges", Wanted(overlapping, ()), {})
    the_one(found, Verdict.BLOCKER, "virginia", "10.20.0.0/16 and 10.20.128.0/17 of ireland overlap", "cidr")


def test_our_own_vpc_and_a_peer_apart_from_both_sites_are_nothing_wrong(peered: Wanted) -> None:
    assert wrong("ranges", peered, at_home(vpc("vpc-x", "10.99.0.0/16"))) == []


def test_the_other_sites_own_vpc_as_peer_is_nothing_wrong(peered: Wanted) -> None:
    assert wrong("ranges", peered, at_home(Network("vpc-away", (IPv4Network("10.30.0.0/16"),)))) == []


def test_a_peer_in_the_other_sites_range_stops_peering_the_sites(peered: Wanted) -> None:
    found = wrong("ranges", peered, at_home(CLIENTS))
    the_one(found, Verdict.BLOCKER, "virginia", "vpc-clients", "10.30.64.0/24", "10.30.0.0/16 of ireland")


def test_a_peer_that_lives_beside_the_other_site_is_none_of_ours(peered: Wanted) -> None:
    found = wrong("ranges", peered, {**at_home(CLIENTS), ("networks", AWAY): Heard((THEIRS, CLIENTS))})
    assert [(one.verdict, one.place) for one in found] == [
        (Verdict.BLOCKER, "virginia"),
        (Verdict.WARNING, "ireland"),
    ]


def test_a_second_range_of_our_own_vpc_is_no_peers(peered: Wanted) -> None:
    wide = Network("vpc-home", (*OURS.ranges, *CLIENTS.ranges), OURS.name)
    peering = Peering("pcx-1", (wide, vpc("vpc-x", "10.99.0.0/16")))
    answers: Answers = {**at_home(networks=(wide,)), ("peerings", HOME): Heard((peering,))}
    assert wrong("ranges", peered, answers) == []


def test_without_peering_of_the_sites_such_a_peer_is_a_warning(example: Wanted) -> None:
    the_one(wrong("ranges", example, at_home(CLIENTS)), Verdict.WARNING, "virginia", "vpc-clients")


def test_a_peering_of_strangers_in_the_other_sites_range_is_no_matter(peered: Wanted) -> None:
    strangers = Peering("pcx-1", (vpc("vpc-a", "10.98.0.0/16"), CLIENTS))
    answers: Answers = {**at_home(), ("peerings", HOME): Heard((strangers,))}
    assert wrong("ranges", peered, answers) == []


def test_whose_the_peer_is_cannot_be_told_while_the_other_region_is_silent(peered: Wanted) -> None:
    answers: Answers = {**at_home(CLIENTS), ("networks", AWAY): REFUSED}
    the_one(wrong("ranges", peered, answers), Verdict.WARNING, "ireland", "x:Look", "describe-vpcs")


@pytest.mark.parametrize("tag", ["", "orders-test-virginia"])
def test_another_vpc_of_our_range_is_a_warning(tag: str, example: Wanted) -> None:
    other = vpc("vpc-other", "10.20.255.0/24", tag)
    found = wrong("ranges", example, at_home(networks=(OURS, other)))
    the_one(found, Verdict.WARNING, "virginia", "vpc-other", "10.20.255.0/24", "never be peered", "sites.virginia.cidr")


def test_what_another_vpc_here_is_peered_with_counts_as_well(example: Wanted) -> None:
    stranger = Peering("pcx-1", (vpc("vpc-a", "10.98.0.0/16"), vpc("vpc-far", "10.20.7.0/24")))
    answers: Answers = {**at_home(), ("peerings", HOME): Heard((stranger,))}
    the_one(wrong("ranges", example, answers), Verdict.WARNING, "virginia", "vpc-far")


def test_a_second_range_of_a_vpc_counts(example: Wanted) -> None:
    wide = Network("vpc-wide", (IPv4Network("10.99.0.0/16"), IPv4Network("10.20.3.0/24")))
    the_one(wrong("ranges", example, at_home(networks=(wide,))), Verdict.WARNING, "virginia", "10.20.3.0/24")
