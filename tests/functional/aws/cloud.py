"""One environment's three places on an AWS emulator, with faults in the tests' hands, and every call on record."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from types import SimpleNamespace
from typing import Any

import boto3
from botocore.config import Config
from moto.core import DEFAULT_ACCOUNT_ID
from moto.rds.models import rds_backends
from moto.secretsmanager.models import secretsmanager_backends
from tests.functional.aws.probes import NOW, Probe, Wish

from dr_templates.aws.clients import Clients
from dr_templates.aws.names import Names
from dr_templates.aws.pair import AwsPair
from dr_templates.aws.settings import Upkeep
from dr_templates.aws.table import Table
from dr_templates.failover.state import State
from dr_templates.topology import Site, Topology

HOME, STANDBY = "dublin", "virginia"
TOPOLOGY = Topology(
    Site(HOME, "eu-west-1", IPv4Network("10.20.0.0/16"), ("euw1-az1", "euw1-az2")),
    Site(STANDBY, "us-east-1", IPv4Network("10.30.0.0/16"), ("use1-az1", "use1-az2")),
    "eu-central-1",
)
UPKEEP = Upkeep(backup_days=14, backup_window="03:00-04:00", rotation_days=30)
STATE = State(active=HOME, serial=4, epoch=1)

Boto = Any  # as many types as services, and answers of any form  # as many types as services, and answers of any form


@dataclass(frozen=True)
class Call:
    service: str
    region: str
    operation: str


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
    requests: list[tuple[str, Wish]] = field(default_factory=list)
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

    def told(self, operation: str) -> list[Wish]:
        """Give what was asked for by every request of an operation, in botocore's words."""
        return [wish for name, wish in self.requests if name == operation]

    def table(self, place: str) -> Table:
        return Table(self.client("dynamodb", place), self.names.table(place))

    def _make(self, service: str, region: str, config: Config) -> Boto:
        url = self.probes_url if service == "lambda" else self.emulator
        client = raw(service, region, url, config)

        def at(event_name: str) -> Call:
            return Call(service, region, event_name.rsplit(".", 1)[-1])

        client.meta.events.register(
            "provide-client-params", lambda event_name, params, **_: self._note(at(event_name), params)
        )
        client.meta.events.register("before-call", lambda event_name, params, **_: self._before(at(event_name), params))
        client.meta.events.register("before-send", lambda event_name, request, **_: self._send(at(event_name), request))
        client.meta.events.register("after-call", lambda event_name, **_: self._after(at(event_name)))
        return client

    def _note(self, call: Call, wish: Wish) -> None:
        self.requests.append((call.operation, wish))

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
