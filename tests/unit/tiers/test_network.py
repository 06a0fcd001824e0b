"""The network's finer points: addresses, the gate in front of the database, and peering."""

import re
from ipaddress import ip_network
from typing import Any

import pytest

from dr_templates.failover import gate

Templates = dict[str, dict[str, Any]]


OURS = range(min(gate.EPOCHS), gate.OWN + 1)
"""Numbers that the denies of a fence may have: a move's and the watchdog's."""


def entries(network: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {n: b["Properties"] for n, b in network["Resources"].items() if b["Type"] == "AWS::EC2::NetworkAclEntry"}


@pytest.mark.parametrize(
    ("cidr", "taken"),
    [
        ("10.20.0.0/16", True),
        ("172.31.0.0/16", True),
        ("192.168.0.0/20", True),
        ("172.32.0.0/16", False),
        ("192.169.0.0/16", False),
        ("10.256.0.0/16", False),
        ("10.20.0.0/21", False),
        ("10.20.0.0/8", False),
        ("8.8.0.0/16", False),
        ("10.20.0.0", False),
    ],
)
def test_only_private_ranges_of_a_size_that_fits_are_taken(templates: Templates, cidr: str, taken: bool) -> None:
    pattern = templates["foundation"]["Parameters"]["VpcCidr"]["AllowedPattern"]
    assert (re.search(pattern, cidr) is not None) is taken


@pytest.mark.parametrize("cidr", ["10.20.0.0/16", "10.20.16.0/20"])
def test_six_subnets_fit_the_largest_and_the_smallest_range(templates: Templates, cidr: str) -> None:
    subnets = [b["Properties"] for b in templates["network"]["Resources"].values() if b["Type"] == "AWS::EC2::Subnet"]
    for subnet in subnets:
        index, cut = subnet["CidrBlock"]["Fn::Select"]
        _, count, bits = cut["Fn::Cidr"]
        blocks = list(ip_network(cidr).subnets(new_prefix=32 - bits))
        assert index < count <= len(blocks)


@pytest.mark.parametrize("outgoing", [False, True])
def test_a_fence_fits_between_our_functions_and_the_clients(templates: Templates, outgoing: bool) -> None:
    """Whatever it denies, the probe asks and is answered, and no client is; so the fence can be proved."""
    found = entries(templates["network"]).items()
    numbers = {n: e["RuleNumber"] for n, e in found if (e["Egress"] in {True, "true"}) is outgoing}
    functions = {number for name, number in numbers.items() if "Function" in name}
    assert len(functions) == 3
    assert max(functions) < min(OURS)
    assert max(OURS) < min(set(numbers.values()) - functions)


def test_our_functions_are_answered_from_where_they_ask(templates: Templates) -> None:
    found = entries(templates["network"])
    for zone in "ABC":
        asked, answered = (found[f"DatabaseAclFunction{kind}{zone}"] for kind in ("s", "Answers"))
        assert asked["CidrBlock"] == answered["CidrBlock"] == {"Fn::GetAtt": [f"FunctionSubnet{zone}", "CidrBlock"]}


def test_only_postgresql_comes_in_and_only_answers_go_out(templates: Templates) -> None:
    for name, entry in entries(templates["network"]).items():
        if "TooBig" in name:
            assert (entry["Protocol"], entry["Icmp"]) == (1, {"Type": 3, "Code": 4})
            continue
        outgoing = entry["Egress"] in {True, "true"}
        assert entry["PortRange"] == ({"From": 1024, "To": 65535} if outgoing else {"From": 5432, "To": 5432})
        assert entry["Protocol"] == 6


@pytest.mark.parametrize("place", ["", "Peer"])
def test_a_packet_too_big_for_the_path_is_said_to_be_so(templates: Templates, place: str) -> None:
    both = [entries(templates["network"])[f"DatabaseAcl{place}TooBig{direction}"] for direction in ("In", "Out")]
    assert [entry["Egress"] in {True, "true"} for entry in both] == [False, True]


def test_the_third_zone_is_optional_as_a_whole(templates: Templates) -> None:
    third = {n for n, b in templates["network"]["Resources"].items() if b.get("Condition") == "HasZoneC"}
    assert third == {
        "DatabaseSubnetC",
        "DatabaseSubnetCRoutes",
        "DatabaseSubnetCAcl",
        "DatabaseAclFunctionsC",
        "DatabaseAclFunctionAnswersC",
        "FunctionSubnetC",
        "FunctionSubnetCRoutes",
    }


def test_peering_goes_to_another_region_with_routes_and_names_on_both_sides(templates: Templates) -> None:
    request, accept = (templates[f"peering-{side}"]["Resources"] for side in ("request", "accept"))
    assert request["PeeringConnection"]["Properties"]["PeerRegion"] == {"Ref": "PeerRegion"}
    for side, connection, role in (
        (request, {"Ref": "PeeringConnection"}, "Requester"),
        (accept, {"Ref": "PeerPeeringConnectionId"}, "Accepter"),
    ):
        for kind in ("Database", "Function"):
            route = side[f"{kind}PeerRoute"]["Properties"]
            assert route["VpcPeeringConnectionId"] == connection
            assert route["DestinationCidrBlock"] == {"Ref": "PeerVpcCidr"}
        assert side["PeeringDns"]["Properties"]["Side"] == role
        for rule, group in (("PeerClientsIn", "Database"), ("ClientsToPeer", "Client")):
            assert side[rule]["Properties"]["CidrIp"] == {"Ref": "PeerVpcCidr"}
            assert side[rule]["Properties"]["GroupId"] == {"Ref": f"{group}SecurityGroupId"}


@pytest.mark.parametrize("root", ["primary", "standby"])
def test_peering_is_off_unless_asked_for(templates: Templates, root: str) -> None:
    template = templates[root]
    assert template["Parameters"]["Peering"]["Default"] == "no"
    optional = [body for body in template["Resources"].values() if body.get("Condition") == "WantsPeering"]
    assert len(optional) == 1
