"""One site's watchdog against an emulator with all three places, of which each can be made unreachable."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.config import Config
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.server import ThreadedMotoServer

from dr_templates.aws import nacl, table
from dr_templates.aws.names import Names
from dr_templates.aws.station import Memory, Station, hasty
from dr_templates.aws.watch import Tick, watch
from dr_templates.failover.model import Mark
from dr_templates.failover.state import State
from dr_templates.topology import CONTROL, Site, Topology

CIDR = IPv4Network("10.0.0.0/16")
START = 1_800_000_000.0
KEYS: dict[str, Any] = {
    "KeySchema": [{"AttributeName": "Kind", "KeyType": "HASH"}, {"AttributeName": "Order", "KeyType": "RANGE"}],
    "AttributeDefinitions": [
        {"AttributeName": "Kind", "AttributeType": "S"},
        {"AttributeName": "Order", "AttributeType": "S"},
    ],
    "BillingMode": "PAY_PER_REQUEST",
}
LEASE = 60.0
Boto = Any  # as many types as services, and answers of any form
MAY = b"<Response><Errors><Error><Code>DryRunOperation</Code><Message>would have</Message></Error></Errors></Response>"


def dry_run(request: AWSRequest, **_: object) -> AWSResponse | None:
    """Answer a dry run as EC2 does to whoever has the right; the emulator would take it for the real thing."""
    if "DryRun=true" not in str(request.body):
        return None
    response = AWSResponse(request.url, 412, {"Content-Type": "text/xml"}, None)
    response._content = MAY
    return response


def nowhere() -> str:
    """Give an address where nobody listens."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{door.getsockname()[1]}"


@dataclass
class World:
    """The environment of one test: its names, its clock, and which regions and services do not answer."""

    endpoint: str
    names: Names
    dead: set[tuple[str, str]] = field(default_factory=set)
    now: float = START

    def make(self, service: str, region: str, config: Config) -> Boto:
        gone = (service, region) in self.dead or ("*", region) in self.dead
        where = nowhere() if gone else self.endpoint
        client = boto3.client(service, region_name=region, endpoint_url=where, config=config)
        client.meta.events.register("before-send.ec2.CreateNetworkAclEntry", dry_run)
        return client

    def client(self, service: str, region: str) -> Boto:
        return boto3.client(service, region_name=region, endpoint_url=self.endpoint)

    def table(self, place: str) -> table.Table:
        return table.Table(self.client("dynamodb", self.names.region(place)), self.names.table(place))

    def make_table(self, place: str) -> None:
        self.table(place).dynamodb.create_table(TableName=self.names.table(place), **KEYS)

    def make_gate(self, site: str) -> None:
        ec2 = self.client("ec2", self.names.region(site))
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        tags = [{"ResourceType": "network-acl", "Tags": [{"Key": "Name", "Value": self.names.acl(site)}]}]
        ec2.create_network_acl(VpcId=vpc, TagSpecifications=tags)

    def make_database(self, site: str, **more: Boto) -> None:
        self.client("rds", self.names.region(site)).create_db_instance(
            DBInstanceIdentifier=self.names.instance(site),
            DBInstanceClass="db.r6g.large",
            Engine="postgres",
            AllocatedStorage=20,
            MasterUsername="someone",
            MasterUserPassword="something-long",
            **more,
        )

    def make_replica(self, site: str, source: str) -> None:
        arn = f"arn:aws:rds:{self.names.region(source)}:{DEFAULT_ACCOUNT_ID}:db:{self.names.instance(source)}"
        self.client("rds", self.names.region(site)).create_db_instance_read_replica(
            DBInstanceIdentifier=self.names.instance(site), SourceDBInstanceIdentifier=arn
        )

    def station(self, site: str, lease: float = LEASE) -> Station:
        return Station(site, self.names, hasty(self.make), lease, lambda: self.now)

    def pause(self, seconds: float) -> None:
        self.now += seconds

    def watch(self, site: str, seconds: float, memory: Memory | None = None, lease: float = LEASE) -> list[Tick]:
        return list(watch(self.station(site, lease), memory or Memory(), self.pause, seconds))

    def gate(self, site: str) -> tuple[set[int], set[int]]:
        found = nacl.find(self.client("ec2", self.names.region(site)), self.names.acl(site)).gate
        return set(found.entering or ()), set(found.leaving or ())

    def shut(self, site: str, *numbers: int) -> None:
        ec2 = self.client("ec2", self.names.region(site))
        for number in numbers:
            for leaving in (False, True):
                nacl.close(ec2, nacl.find(ec2, self.names.acl(site)).id, number, leaving=leaving)

    def say(self, state: State, *places: str) -> None:
        for place in places or (CONTROL,):
            before = table.read_state(self.table(place)) or State(state.active)
            table.write_state(self.table(place), before, state)

    def mark(self, place: str, site: str) -> Mark | None:
        return table.read_mark(self.table(place), site)


@pytest.fixture(scope="session")
def emulator() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


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
