"""A real primary and its streaming replica, an AWS emulator, and a place where CloudFormation's answers arrive."""

import http.server
import json
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.secretsmanager.models import FakeSecret, secretsmanager_backends
from mypy_boto3_secretsmanager import SecretsManagerClient

import rotation_handler
from dr_templates.lab import postgres
from dr_templates.lab.certificates import Authority, issue, make_authority
from dr_templates.lab.postgres import Master, Node, Room
from dr_templates.lab.software import find, installed
from dr_templates.runtime.database import Target
from dr_templates.runtime.prepare import prepare

HOME, AWAY = "127.20.0.10", "127.30.0.10"
MASTER = Master("orders_admin", "Master-Password-1", "orders")
REGION, PROBE = "eu-west-1", "dr_probe_orders-test"

Clients = Callable[[str], Any]
PointAt = Callable[[Node], None]
WaitUntil = Callable[[Callable[[], bool]], None]


@dataclass(frozen=True)
class Lab:
    """Makes nodes, and targets that reach them."""

    room: Room
    authority: Authority

    def primary(self, name: str, **settings: str) -> Node:
        return postgres.create_primary(self.node(name, HOME, settings), MASTER)

    def replica(self, name: str, source: Node, **settings: str) -> Node:
        return postgres.create_replica(self.node(name, AWAY, settings), source)

    def node(self, name: str, host: str, settings: dict[str, str], *, certified: str | None = None) -> Node:
        pem = issue(self.authority, certified or host)
        return Node(self.room, name, host, postgres.free_port(host), pem, settings, trusted=(PROBE,))

    def as_master(self, node: Node, password: str = MASTER.password) -> Target:
        return Target(node.host, node.port, MASTER.database, MASTER.user, password, ca=self.authority.pem)

    def as_probe(self, node: Node) -> Target:
        return replace(self.as_master(node, "stands for an IAM token"), user=PROBE)

    def prepare(self, node: Node) -> None:
        prepare(self.as_master(node), lambda: self.as_probe(node))


@dataclass(frozen=True)
class Pair:
    primary: Node
    replica: Node


@pytest.fixture(scope="session")
def authority() -> Authority:
    return make_authority()


@pytest.fixture(scope="session")
def standing_lab(authority: Authority) -> Iterator[Lab]:
    """For nodes that more than one test uses."""
    with postgres.open_room(find(os.environ)) as room:
        yield Lab(room, authority)


@pytest.fixture
def lab(authority: Authority) -> Iterator[Lab]:
    """For nodes that end with the test."""
    with postgres.open_room(find(os.environ)) as room:
        yield Lab(room, authority)


@pytest.fixture(scope="session")
def pair(standing_lab: Lab) -> Pair:
    """Make a prepared primary and a replica that follows it; no test may stop, change or promote them."""
    primary = standing_lab.primary("home")
    standing_lab.prepare(primary)
    replica = standing_lab.replica("away", primary)
    until(lambda: postgres.sql(replica, "SELECT status FROM pg_stat_wal_receiver") == [["streaming"]])
    return Pair(primary, replica)


@pytest.fixture(
    scope="session", params=[pytest.param(path, id=path.parent.name) for path in installed(os.environ["PATH"])]
)
def versioned(request: pytest.FixtureRequest, authority: Authority) -> Iterator[tuple[Lab, Node]]:
    with postgres.open_room(request.param) as room:
        lab = Lab(room, authority)
        primary = lab.primary("versioned")
        lab.prepare(primary)
        yield lab, primary


@pytest.fixture(scope="session")
def wait_until() -> WaitUntil:
    return until


def until(true: Callable[[], bool], seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not become true in time"
        time.sleep(0.05)


@pytest.fixture
def aws(emulator: str, monkeypatch: pytest.MonkeyPatch) -> Clients:
    """Point the functions at the emulator; the value makes clients for the tests' own use."""
    for name, value in {
        "AWS_ENDPOINT_URL": emulator,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "lab",
        "AWS_SECRET_ACCESS_KEY": "lab",
    }.items():
        monkeypatch.setenv(name, value)
    return lambda service: boto3.client(service, region_name=REGION)


@pytest.fixture
def database_environment(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PointAt:
    ca = tmp_path / "ca.pem"
    ca.write_text(lab.authority.pem)

    def point_at(node: Node) -> None:
        for name, value in {
            "DATABASE_HOST": node.host,
            "DATABASE_PORT": str(node.port),
            "DATABASE_NAME": MASTER.database,
            "DATABASE_USER": PROBE,
            "DATABASE_CA_FILE": str(ca),
            "ENVIRONMENT": "orders-test",
            "SITE": node.name,
        }.items():
            monkeypatch.setenv(name, value)

    return point_at


@dataclass(frozen=True)
class CloudFormation:
    """Receives answers at ``url``."""

    url: str
    answers: list[dict[str, Any]]
    headers: list[dict[str, str]]

    def event(self, kind: str, **properties: str) -> dict[str, Any]:
        return {
            "RequestType": kind,
            "ResponseURL": self.url,
            "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/test/1",
            "RequestId": "request-1",
            "LogicalResourceId": "Thing",
            "ResourceProperties": properties,
        }


@pytest.fixture
def cloudformation() -> Iterator[CloudFormation]:
    answers: list[dict[str, Any]] = []
    headers: list[dict[str, str]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            answers.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            headers.append(dict(self.headers))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield CloudFormation(f"http://127.0.0.1:{server.server_port}/answer?signature=1", answers, headers)
        server.shutdown()


class Context:
    """Lambda's context, with a minute left."""

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@pytest.fixture
def context() -> Context:
    return Context()


class Secret:
    """A secret with rotation on, holding the master user's password and another region's host."""

    def __init__(self, client: SecretsManagerClient) -> None:
        self.client = client
        self.arn = client.create_secret(Name=f"master-{uuid.uuid4()}")["ARN"]
        client.rotate_secret(SecretId=self.arn, RotationRules={"AutomaticallyAfterDays": 30})
        value = {"username": "orders_admin", "password": MASTER.password, "host": "the-other-region.example"}
        client.put_secret_value(SecretId=self.arn, SecretString=json.dumps(value))

    def begin(self) -> str:
        """Stage an empty pending version, as RotateSecret does, and return its token."""
        token = str(uuid.uuid4())
        self.stored.versions[token] = {"createdate": 0, "version_id": token, "version_stages": ["AWSPENDING"]}
        return token

    def pend(self, token: str, text: str) -> None:
        place = {"SecretId": self.arn, "ClientRequestToken": token, "VersionStages": ["AWSPENDING"]}
        self.client.put_secret_value(SecretString=text, **place)

    @property
    def stored(self) -> FakeSecret:
        return secretsmanager_backends[DEFAULT_ACCOUNT_ID]["eu-west-1"].secrets[self.arn]

    def value(self, stage: str) -> dict[str, str]:
        return json.loads(self.client.get_secret_value(SecretId=self.arn, VersionStage=stage)["SecretString"])

    def step(self, step: str, token: str) -> None:
        rotation_handler.handler({"Step": step, "SecretId": self.arn, "ClientRequestToken": token}, None)


@pytest.fixture
def secret(aws: Clients) -> Secret:
    return Secret(aws("secretsmanager"))
