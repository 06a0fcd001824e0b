"""The three places on an AWS emulator, with probes and faults in the tests' hands, and every call on record."""

import http.server
import json
import socket
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from ipaddress import IPv4Network
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto.core import DEFAULT_ACCOUNT_ID
from moto.rds.models import rds_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.server import ThreadedMotoServer

from dr_templates.aws.clients import Clients
from dr_templates.aws.names import Names
from dr_templates.aws.pair import AwsPair
from dr_templates.aws.settings import Upkeep
from dr_templates.aws.table import Table
from dr_templates.runtime.database import Stage
from dr_templates.runtime.probe import Heartbeat, Receiver, Sight
from dr_templates.topology import CONTROL, Site, Topology

HOME, STANDBY = "dublin", "virginia"
TOPOLOGY = Topology(
    Site(HOME, "eu-west-1", IPv4Network("10.20.0.0/16"), ("euw1-az1", "euw1-az2")),
    Site(STANDBY, "us-east-1", IPv4Network("10.30.0.0/16"), ("use1-az1", "use1-az2")),
    "eu-central-1",
)
NOW = 1_764_000_000.0
UPKEEP = Upkeep(backup_days=14, backup_window="03:00-04:00", rotation_days=30)

Wish = Mapping[str, Any]
Probe = Callable[[Wish], object]
Boto = Any  # as many types as services, and answers of any form


@dataclass(frozen=True)
class Call:
    service: str
    region: str
    operation: str


class FailedFunctionError(Exception):
    """A probe function that ends in an error of its own."""


@dataclass
class Database:
    """What a probe finds at a site; it answers with the very type the probe function answers with."""

    site: str
    in_recovery: bool = False
    position: int = 0x3000148
    streaming: bool = True
    sessions: int = 0
    beat: Heartbeat | None = None
    fault: tuple[Stage, str, str | None] | None = None
    ended: int = 0
    now: float = NOW

    def __call__(self, wish: Wish) -> object:
        if wish.get("end_sessions") is True:
            self.ended += 1
            self.sessions = 0
            return {"ended": 1}
        if self.fault:
            stage, error, code = self.fault
            return Sight(self.site, stage, error=error, sqlstate=code).as_json()
        if wish.get("beat") is not False and not self.in_recovery:
            number = self.beat.beat + 1 if self.beat and self.beat.site == self.site else 1
            self.beat = Heartbeat(self.site, number, datetime.fromtimestamp(self.now, UTC), 0.0)
        lsn = f"{self.position >> 32:X}/{self.position & 0xFFFFFFFF:X}"
        common = Sight(
            self.site,
            Stage.ANSWERED,
            in_recovery=self.in_recovery,
            system_identifier="7300000000000000001",
            timeline=1,
            heartbeat=self.beat,
            client_sessions=self.sessions,
        )
        if self.in_recovery:
            receiver = Receiver("streaming", 0.1) if self.streaming else None
            return replace(common, received_lsn=lsn, replayed_lsn=lsn, receiver=receiver).as_json()
        return replace(common, written_lsn=lsn, flushed_lsn=lsn).as_json()


@dataclass
class Cloud:
    """One environment. ``refuse`` says which calls end in no connection, ``answer`` replaces what AWS says."""

    emulator: str
    probes_url: str
    closed_port: int
    names: Names
    probes: dict[str, Probe]
    refuse: Callable[[Call], bool] = field(default=lambda _: False)
    answer: dict[str, Callable[[str], Any]] = field(default_factory=dict)
    promotion: Callable[[], None] = field(default=lambda: None)
    calls: list[Call] = field(default_factory=list)
    now: float = NOW
    paused: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.paused.append(seconds)
        self.now += seconds

    def clients(self) -> Clients:
        return Clients(self._make)

    def client(self, service: str, place: str) -> Boto:
        """Give a client for the test's own use, which is neither refused nor recorded."""
        return raw(service, self.names.region(place), self.emulator)

    def pair(self, runner: str = "one", **more: Boto) -> AwsPair:
        return AwsPair(self.names, self.clients(), self.clock, self.pause, runner, UPKEEP, **more)

    def table(self, place: str) -> Table:
        return Table(self.client("dynamodb", place), self.names.table(place))

    def _make(self, service: str, region: str, config: Config) -> Boto:
        url = self.probes_url if service == "lambda" else self.emulator
        client = raw(service, region, url, config)

        def at(event_name: str) -> Call:
            return Call(service, region, event_name.rsplit(".", 1)[-1])

        client.meta.events.register("before-call", lambda event_name, params, **_: self._before(at(event_name), params))
        client.meta.events.register("before-send", lambda event_name, request, **_: self._send(at(event_name), request))
        client.meta.events.register("after-call", lambda event_name, **_: self._after(at(event_name)))
        return client

    def _before(self, call: Call, request: Boto) -> Boto:
        self.calls.append(call)
        if call.operation in self.answer:
            return self.answer[call.operation](call.region)
        if call.operation == "StopReplicationToReplica" and not self.refuse(call):
            return self._detach(call.region)
        if call.operation == "RotateSecret" and not self.refuse(call):
            return self._rotate(call.region, json.loads(request["body"]))
        return None

    def _after(self, call: Call) -> None:
        if call.operation == "PromoteReadReplica":
            promoted(call.region, self.names)
            self.promotion()

    def _detach(self, region: str) -> Boto:
        """Do what the emulator cannot: make a copy of a secret one of its own."""
        kept = secretsmanager_backends[DEFAULT_ACCOUNT_ID][region].secrets
        for key in [key for key, secret in kept.items() if secret.name == self.names.secret]:
            del kept[key]
        raw("secretsmanager", region, self.emulator).create_secret(Name=self.names.secret, SecretString="{}")
        return done()

    def _rotate(self, region: str, wish: Wish) -> Boto:
        """Do what the emulator does only with a function it can run: attach the rotation, change no password."""
        if wish["RotateImmediately"] is not False:
            return error("InvalidRequestException", "the function is not here")
        secret: Boto = secretsmanager_backends[DEFAULT_ACCOUNT_ID][region].secrets[self.names.secret]
        if "PrimaryRegion" in secret.to_dict():
            return error("InvalidRequestException", "a copy cannot be rotated")
        secret.rotation_requested = secret.rotation_enabled = True
        secret.rotation_lambda_arn = wish["RotationLambdaARN"]
        return done()

    def _send(self, call: Call, request: Boto) -> None:
        """Lead what is refused to a port where nobody listens."""
        if self.refuse(call):
            request.url = f"http://127.0.0.1:{self.closed_port}/"


def raw(service: str, region: str, url: str, config: Config | None = None) -> Boto:
    make: Callable[..., Any] = boto3.client
    keys = {"aws_access_key_id": "lab", "aws_secret_access_key": "lab"}
    return make(service, region_name=region, endpoint_url=url, config=config, **keys)


def hold(cloud: "Cloud", site: str) -> frozenset[int]:
    """Give the numbers of the denies that stand at a site, in both directions."""
    filters = [{"Name": "tag:Name", "Values": [cloud.names.acl(site)]}]
    [acl] = cloud.client("ec2", site).describe_network_acls(Filters=filters)["NetworkAcls"]
    denies = [entry for entry in acl["Entries"] if entry["RuleAction"] == "deny"]
    ways = [{entry["RuleNumber"] for entry in denies if entry["Egress"] is egress} for egress in (False, True)]
    return frozenset(ways[0] & ways[1])


def error(code: str, message: str = "told by the test") -> tuple[Any, dict[str, Any]]:
    """Give what botocore makes of an error of AWS."""
    return SimpleNamespace(status_code=400), {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {}}


def done(**fields: Boto) -> tuple[Any, dict[str, Any]]:
    return SimpleNamespace(status_code=200), {**fields, "ResponseMetadata": {"HTTPStatusCode": 200}}


def promoted(region: str, names: Names) -> None:
    """Do what RDS does at the end of a promotion and the emulator does not: forget the source."""
    (site,) = (site for site in names.sites if names.region(site) == region)
    instance = rds_backends[DEFAULT_ACCOUNT_ID][region].databases[names.instance(site)]
    instance.source_db_instance_identifier = None
    instance.is_replica = False


@pytest.fixture(scope="session")
def emulator() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


@pytest.fixture
def names() -> Names:
    return Names("orders", f"t{uuid.uuid4().hex[:8]}", DEFAULT_ACCOUNT_ID, TOPOLOGY)


@pytest.fixture
def databases() -> dict[str, Database]:
    """Give a healthy pair."""
    beat = Heartbeat(HOME, 7, datetime.fromtimestamp(NOW - 5, UTC), 5.0)
    return {
        HOME: Database(HOME, beat=beat, sessions=3),
        STANDBY: Database(STANDBY, in_recovery=True, beat=beat),
    }


@pytest.fixture
def probes_url(names: Names, databases: dict[str, Database]) -> Iterator[tuple[str, dict[str, Probe]]]:
    """Serve Lambda's Invoke for the probes; a test may put others in their place."""
    probes: dict[str, Probe] = {names.probe(site): database for site, database in databases.items()}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            function = self.path.split("/")[3]
            wish = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            try:
                told = probes[function](wish)
            except FailedFunctionError as failure:
                self.send_header("X-Amz-Function-Error", "Unhandled")
                told = {"errorMessage": str(failure), "errorType": "UnavailableError"}
            body = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield f"http://127.0.0.1:{server.server_port}", probes
        server.shutdown()


@pytest.fixture
def cloud(emulator: str, names: Names, probes_url: tuple[str, dict[str, Probe]], closed_port: int) -> Cloud:
    """Give an environment as the templates make it: tables, instance and replica, gates, secret, topic, machine."""
    url, probes = probes_url
    made = Cloud(emulator, url, closed_port, names, probes)
    for place in (HOME, STANDBY, CONTROL):
        make_table(made.client("dynamodb", place), names.table(place))
    for site in names.sites:
        make_gate(made.client("ec2", site), names.acl(site))
    make_databases(made)
    made.client("secretsmanager", HOME).create_secret(
        Name=names.secret, SecretString="{}", AddReplicaRegions=[{"Region": names.region(STANDBY)}]
    )
    topic = names.topic_arn.split(":")[-1]
    made.client("sns", CONTROL).create_topic(Name=topic)
    made.client("stepfunctions", CONTROL).create_state_machine(
        name=names.machine_arn.split(":")[-1],
        definition=json.dumps({"StartAt": "Stay", "States": {"Stay": {"Type": "Wait", "Seconds": 600, "End": True}}}),
        roleArn=f"arn:aws:iam::{names.account}:role/moves",
    )
    return made


def make_table(dynamodb: Boto, name: str) -> None:
    keys = ("Kind", "HASH"), ("Order", "RANGE")
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in keys],
        BillingMode="PAY_PER_REQUEST",
    )


def make_gate(ec2: Boto, name: str) -> str:
    vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    tags = [{"ResourceType": "network-acl", "Tags": [{"Key": "Name", "Value": name}]}]
    acl: str = ec2.create_network_acl(VpcId=vpc, TagSpecifications=tags)["NetworkAcl"]["NetworkAclId"]
    for egress, ports in ((False, (5432, 5432)), (True, (1024, 65535))):
        ec2.create_network_acl_entry(
            NetworkAclId=acl,
            RuleNumber=200,
            Protocol="6",
            RuleAction="allow",
            Egress=egress,
            CidrBlock="10.20.0.0/16",
            PortRange={"From": ports[0], "To": ports[1]},
        )
    return acl


def make_databases(made: Cloud) -> None:
    names = made.names
    source = made.client("rds", HOME).create_db_instance(
        DBInstanceIdentifier=names.instance(HOME),
        DBInstanceClass="db.r6g.large",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="orders_admin",
        MasterUserPassword="Master-Password-1",
        BackupRetentionPeriod=14,
    )["DBInstance"]
    made.client("rds", STANDBY).create_db_instance_read_replica(
        DBInstanceIdentifier=names.instance(STANDBY),
        SourceDBInstanceIdentifier=source["DBInstanceArn"],
        SourceRegion=names.region(HOME),
    )
