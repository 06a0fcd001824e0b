"""The environment that every test here has to itself: bare, standing, or led to by the function that Lambda runs."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from tests.functional.watchdog.world import World

import watchdog_handler
from dr_templates.aws.names import Names
from dr_templates.aws.station import Memory
from dr_templates.failover.state import State
from dr_templates.topology import Site, Topology

CIDR = IPv4Network("10.0.0.0/16")


@pytest.fixture
def bare(emulator: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> World:
    """Give an environment of its own in which nothing is deployed."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "lab")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "lab")
    monkeypatch.setenv("AWS_ENDPOINT_URL", emulator)
    home, standby = (Site(name, region, CIDR, ()) for name, region in (("east", "us-east-1"), ("west", "eu-west-1")))
    suffix = f"t{abs(hash(request.node.nodeid)) % 10**8}"
    return World(emulator, Names("orders", suffix, DEFAULT_ACCOUNT_ID, Topology(home, standby, "eu-central-1")))


@pytest.fixture
def world(bare: World) -> World:
    """Give an environment that stands, home serving."""
    for place in bare.names.topology.places:
        bare.make_table(place)
    for site in bare.names.sites:
        bare.make_gate(site)
    bare.make_database("east", BackupRetentionPeriod=7)
    bare.make_replica("west", "east")
    bare.say(State("east", serial=1))
    return bare


@pytest.fixture
def handled(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Tell the function of home's watchdog what it is told in Lambda, and let it take one turn with no memory."""
    told = {
        "NAME": world.names.name,
        "SUFFIX": world.names.suffix,
        "ACCOUNT": world.names.account,
        "SITE": "east",
        "HOME_SITE": "east",
        "HOME_REGION": "us-east-1",
        "STANDBY_SITE": "west",
        "STANDBY_REGION": "eu-west-1",
        "CONTROL_REGION": "eu-central-1",
        "LEASE_SECONDS": "60",
    }
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(watchdog_handler, "WATCH_SECONDS", 0.0)
    monkeypatch.setattr(watchdog_handler, "MEMORY", Memory())
    return world
