"""An environment on an AWS emulator as an operator meets it; probes and Step Functions are the tests' to answer for."""

from __future__ import annotations

import http.server
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.core import DEFAULT_ACCOUNT_ID

from dr_templates.aws import journal, table
from dr_templates.aws.names import Names
from dr_templates.config import load
from dr_templates.failover.codec import encode
from dr_templates.failover.model import Action, Mark, Pulse, Verb, Want
from dr_templates.failover.state import Ended, Kind, State
from dr_templates.runtime.database import Stage
from dr_templates.runtime.probe import Heartbeat, Receiver, Sight
from dr_templates.topology import CONTROL

HOME, AWAY = "virginia", "ireland"
KEYS: dict[str, Any] = {
    "KeySchema": [{"AttributeName": "Kind", "KeyType": "HASH"}, {"AttributeName": "Order", "KeyType": "RANGE"}],
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("Kind", "Order")],
    "BillingMode": "PAY_PER_REQUEST",
}
Boto = Any  # as many types as services, and answers of any form
OPERATOR = "arn:aws:sts::"


@dataclass
class Services:
    """Answers for Lambda and Step Functions, which the emulator cannot play: by what the test says."""

    probes: dict[str, Sight] = field(default_factory=dict)
    executions: dict[str, dict[str, Any]] = field(default_factory=dict)
    on_start: Callable[[Want], None] = field(default=lambda _: None)

    def answer(self, path: str, target: str, body: dict[str, Any]) -> tuple[int, object]:
        if path.startswith("/2015-03-31/functions/"):
            sight = self.probes.get(path.split("/")[3])
            return (200, sight.as_json()) if sight else (404, {"Type": "User", "message": "no such function"})
        match target.rpartition(".")[2]:
            case "StartExecution":
                return self._start(body)
            case "DescribeExecution":
                found = self.executions.get(body["executionArn"].rpartition(":")[2])
                return (200, found) if found else (400, {"__type": "ExecutionDoesNotExist", "message": "none"})
            case _:
                return 400, {"__type": "ValidationException", "message": target}

    def _start(self, body: dict[str, Any]) -> tuple[int, object]:
        if body["name"] in self.executions:
            return 400, {"__type": "ExecutionAlreadyExists", "message": "it is there"}
        self.execution(body["name"], "RUNNING")
        want = json.loads(body["input"])["want"]
        self.on_start(Want(Kind(want["kind"]), want["to"], want["epoch"], want["by"], want["cause"]))
        return 200, {"executionArn": f"arn:{body['name']}", "startDate": time.time()}

    def execution(self, name: str, status: str, last: Action | None = None, **more: str) -> None:
        output = {"output": json.dumps({"action": encode(last), "last": True, "seconds": 0})} if last else {}
        arn = f"arn:aws:states:eu-central-1:{DEFAULT_ACCOUNT_ID}:execution:m:{name}"
        common = {"executionArn": arn, "stateMachineArn": "arn", "name": name, "startDate": 1.0}
        self.executions[name] = {**common, "status": status, **output, **more}


@dataclass(frozen=True)
class Cloud:
    """One environment, its configuration file, and hands to change what an operator finds."""

    names: Names
    config: Path
    services: Services

    def client(self, service: str, place: str) -> Boto:
        return boto3.client(service, region_name=self.names.region(place))

    def table(self, place: str = CONTROL) -> table.Table:
        return table.Table(self.client("dynamodb", place), self.names.table(place))

    @property
    def state(self) -> State:
        state = table.read_state(self.table())
        assert state is not None
        return state

    def say(self, state: State, place: str = CONTROL) -> None:
        body = {"S": json.dumps(encode(state))}
        key = {"Kind": {"S": "state"}, "Order": {"S": "current"}}
        item: Boto = {**key, "Body": body, "Serial": {"N": str(state.serial)}}
        self.client("dynamodb", place).put_item(TableName=self.names.table(place), Item=item)

    def mark(self, site: str, age: float = 3.0, *, armed: bool = True) -> None:
        for place in (CONTROL, self.names.peer(site)):
            table.write_mark(self.table(place), site, Mark(time.time() - age, armed))

    def database(self, site: str, *, in_recovery: bool, position: int = 0x3000148, beat_age: float = 7.0) -> None:
        lsn = f"0/{position:X}"
        written = datetime.fromtimestamp(time.time() - beat_age, UTC)
        self.services.probes[self.names.probe(site)] = Sight(
            site,
            Stage.ANSWERED,
            in_recovery=in_recovery,
            system_identifier="7300000000000000001",
            timeline=1,
            heartbeat=Heartbeat(HOME, 5, written, beat_age),
            client_sessions=0 if in_recovery else 4,
            receiver=Receiver("streaming", 0.1) if in_recovery else None,
            **({"received_lsn": lsn, "replayed_lsn": lsn} if in_recovery else {"written_lsn": lsn, "flushed_lsn": lsn}),
        )

    def silence(self, site: str) -> None:
        self.services.probes[self.names.probe(site)] = Sight(site, Stage.UNREACHABLE, error="no answer in time")

    def stall(self, site: str) -> None:
        """Let a replica's WAL receiver be gone."""
        sight = self.services.probes[self.names.probe(site)]
        self.services.probes[self.names.probe(site)] = Sight(**{**vars(sight), "receiver": None})

    def desert(self, site: str) -> None:
        """Let a database have no client."""
        sight = self.services.probes[self.names.probe(site)]
        self.services.probes[self.names.probe(site)] = Sight(**{**vars(sight), "client_sessions": 0})

    def step(self, epoch: int, verb: Verb, reason: str, **more: Boto) -> None:
        journal.append(self.table(), journal.Entry(epoch, time.time(), "runner", verb, HOME, reason, **more))

    def end(self, want: Want, *, moved: bool, result: str, left: tuple[str, ...] = ()) -> None:
        """Leave what a move leaves that has run: its steps, its outcome, its execution's end."""
        self.step(want.epoch, Verb.LOCK, f"{want.kind} to {want.to}")
        self.step(want.epoch, Verb.FENCE, "is to serve nobody", trouble="" if moved else "EC2 was busy")
        self.step(want.epoch, Verb.RECORD, result, result=result)
        state = self.state
        active = want.to if moved else state.active
        last = Ended(want.epoch, want.kind, state.active, want.to, moved, time.time(), result, left)
        self.say(State(active, serial=state.serial + 9, epoch=want.epoch, last=last))
        verb = Verb.REST if moved else Verb.HOLD
        self.services.execution(f"epoch-{want.epoch}", "SUCCEEDED", Action(verb, result))


@pytest.fixture
def services() -> Iterator[tuple[Services, str]]:
    told = Services()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            target = self.headers.get("X-Amz-Target", "")
            code, answer = told.answer(self.path, target, json.loads(sent or b"{}"))
            body = json.dumps(answer).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield told, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def bare(
    emulator: str,
    services: tuple[Services, str],
    example: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Cloud:
    """Give an environment of which nothing is deployed."""
    told, url = services
    for name, value in {
        "AWS_ENDPOINT_URL": emulator,
        "AWS_ENDPOINT_URL_LAMBDA": url,
        "AWS_ENDPOINT_URL_SFN": url,
        "AWS_ACCESS_KEY_ID": "lab",
        "AWS_SECRET_ACCESS_KEY": "lab",
    }.items():
        monkeypatch.setenv(name, value)
    config = tmp_path / "environment.yaml"
    text = example.read_text().replace("suffix: prod", f"suffix: t{uuid.uuid4().hex[:7]}")
    config.write_text(text.replace("111122223333", DEFAULT_ACCOUNT_ID))
    read = load(config)
    return Cloud(Names(read.name, read.suffix, read.account, read.topology), config, told)


@pytest.fixture
def cloud(bare: Cloud) -> Cloud:
    """Give an environment that stands: home serves, the other site follows, nothing is wrong."""
    for place in bare.names.topology.places:
        bare.client("dynamodb", place).create_table(TableName=bare.names.table(place), **KEYS)
    for site in bare.names.sites:
        ec2 = bare.client("ec2", site)
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        tags = [{"ResourceType": "network-acl", "Tags": [{"Key": "Name", "Value": bare.names.acl(site)}]}]
        ec2.create_network_acl(VpcId=vpc, TagSpecifications=tags)
        bare.mark(site)
    bare.client("rds", HOME).create_db_instance(
        DBInstanceIdentifier=bare.names.instance(HOME),
        DBInstanceClass="db.r6g.large",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="someone",
        MasterUserPassword="something-long",
        BackupRetentionPeriod=7,
    )
    bare.client("rds", AWAY).create_db_instance_read_replica(
        DBInstanceIdentifier=bare.names.instance(AWAY),
        SourceDBInstanceIdentifier=f"arn:aws:rds:us-east-1:{DEFAULT_ACCOUNT_ID}:db:{bare.names.instance(HOME)}",
    )
    bare.database(HOME, in_recovery=False)
    bare.database(AWAY, in_recovery=True, position=0x3000100)
    bare.say(State(HOME, serial=3, epoch=6))
    bare.say(State(HOME, serial=3, epoch=6), AWAY)
    table.write_pulse(bare.table(), Pulse(HOME, time.time(), 0x3000148, fed=time.time()))
    return bare
