"""One site's watchdog against an emulator with all three places, of which each can be made unreachable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import boto3
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.config import Config
from moto.core.models import DEFAULT_ACCOUNT_ID
from tests.functional.aws.cloud import Boto
from tests.functional.aws.standing import make_acl, make_instance, make_table, unheard_port

from dr_templates.aws import nacl, table
from dr_templates.aws.names import Names
from dr_templates.aws.station import Memory, Station, hasty
from dr_templates.aws.watch import Tick, watch
from dr_templates.failover import gate
from dr_templates.failover.model import Mark
from dr_templates.failover.state import Kind, Move, Phase, State
from dr_templates.topology import CONTROL

START = 1_800_000_000.0
LEASE = 60.0
CONTROL_REGION, EAST_REGION, WEST_REGION = "eu-central-1", "us-east-1", "eu-west-1"
SHUT = ({gate.OWN}, {gate.OWN})
OPEN: tuple[set[int], set[int]] = (set(), set())
MAY = b"<Response><Errors><Error><Code>DryRunOperation</Code><Message>would have</Message></Error></Errors></Response>"


def dry_run(request: AWSRequest, **_: object) -> AWSResponse | None:
    """Answer a dry run as EC2 does to whoever has the right; the emulator would take it for the real thing."""
    if "DryRun=true" not in str(request.body):
        return None
    response = AWSResponse(request.url, 412, {"Content-Type": "text/xml"}, None)
    response._content = MAY
    return response


@dataclass(frozen=True)
class Asked:
    """One request of a watchdog to AWS."""

    operation: str
    region: str
    of: Mapping[str, Boto]


@dataclass
class World:
    """The environment of one test: its names, its clock, and which regions and services do not answer.

    ``asked`` has every request of a watchdog; ``hear`` is told of each before it goes out, by the thread that asks, and
    ``answer`` replaces what AWS says to an operation, unless it gives None.
    """

    endpoint: str
    names: Names
    dead: set[tuple[str, str]] = field(default_factory=set)
    now: float = START
    asked: list[Asked] = field(default_factory=list)
    hear: Callable[[Asked], None] = field(default=lambda _: None)
    answer: dict[str, Callable[[str], Boto]] = field(default_factory=dict)

    def make(self, service: str, region: str, config: Config) -> Boto:
        gone = (service, region) in self.dead or ("*", region) in self.dead
        where = f"http://127.0.0.1:{unheard_port()}" if gone else self.endpoint
        client = boto3.client(service, region_name=region, endpoint_url=where, config=config)
        client.meta.events.register("before-send.ec2.CreateNetworkAclEntry", dry_run)

        def hear(event_name: str, params: Mapping[str, Boto], **_: object) -> None:
            request = Asked(event_name.rsplit(".", 1)[-1], region, params)
            self.asked.append(request)
            self.hear(request)

        def answer(event_name: str, **_: object) -> Boto:
            told = self.answer.get(event_name.rsplit(".", 1)[-1])
            return told(region) if told else None

        client.meta.events.register("provide-client-params", hear)
        client.meta.events.register("before-call", answer)
        return client

    def client(self, service: str, region: str) -> Boto:
        return boto3.client(service, region_name=region, endpoint_url=self.endpoint)

    def table(self, place: str) -> table.Table:
        return table.Table(self.client("dynamodb", self.names.region(place)), self.names.table(place))

    def make_table(self, place: str) -> None:
        make_table(self.client("dynamodb", self.names.region(place)), self.names.table(place))

    def make_gate(self, site: str) -> None:
        make_acl(self.client("ec2", self.names.region(site)), self.names.acl(site))

    def make_database(self, site: str, **more: Boto) -> None:
        make_instance(self.client("rds", self.names.region(site)), self.names.instance(site), **more)

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


def cut(world: World, *regions: str) -> None:
    """Leave the tables of these regions without an answer, and no others."""
    world.dead = {("dynamodb", region) for region in regions}


def cut_off(world: World, site: str) -> None:
    """Leave a site neither of the two other places."""
    cut(world, *(world.names.region(place) for place in world.names.topology.places if place != site))


def moving(phase: Phase, kind: Kind = Kind.FAILOVER) -> State:
    """Give a document with a move from home in it, as far along as that."""
    move = Move(
        epoch=4,
        kind=kind,
        source="east",
        target="west",
        holder="somebody",
        until=START + 1000,
        begun=START,
        by="somebody",
        first=4,
        phase=phase,
    )
    return State("east" if phase is Phase.OPEN else "west", serial=2, epoch=4, move=move)
