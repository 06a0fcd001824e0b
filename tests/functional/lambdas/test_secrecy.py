"""Passwords stay out of everything a function says: printed, logged, raised or answered."""

from __future__ import annotations

import json
import logging
import traceback
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

import probe_handler
from dr_templates.lab import postgres
from dr_templates.runtime.errors import WorkError

if TYPE_CHECKING:
    from tests.functional.lambdas.conftest import Clients, CloudFormation, Context, Lab, Pair, PointAt, Secret

    from dr_templates.lab.postgres import Node

MASTER = "Master-Password-1"
LIBRARIES = ("boto3", "botocore", "urllib3", "werkzeug", "asyncio")
"""Not ours: told to log as little as Lambda lets them, since botocore shows whole answers when it debugs."""


@dataclass
class Ear:
    """Hears what is said on both streams, in the log at its finest, and in errors."""

    streams: pytest.CaptureFixture[str]
    log: pytest.LogCaptureFixture
    raised: str = ""

    def provoke(self, secret: Secret, step: str, token: str) -> None:
        """Run a step that fails, and keep what Lambda would log of it."""
        with pytest.raises(WorkError) as caught:
            secret.step(step, token)
        self.raised += "".join(traceback.format_exception(caught.value))

    def listen(self) -> tuple[str, str]:
        """Give what was printed, and all that was said in whatever way."""
        said = self.streams.readouterr()
        assert [record for record in self.log.records if not record.name.startswith(LIBRARIES)] == []
        return said.out, said.out + said.err + self.log.text + self.raised


@pytest.fixture
def ear(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Ear:
    for library in LIBRARIES:
        caplog.set_level(logging.WARNING, logger=library)
    caplog.set_level(logging.DEBUG)  # last, for it is also the level of what catches the records
    return Ear(capfd, caplog)


@pytest.fixture(scope="module")
def rotated(standing_lab: Lab) -> Node:
    return standing_lab.primary("secretive")


def test_a_rotation_and_its_failures_say_no_password(
    rotated: Node, pair: Pair, secret: Secret, database_environment: PointAt, ear: Ear
) -> None:
    database_environment(rotated)
    first = secret.begin()
    for step in ("createSecret", "setSecret", "testSecret", "finishSecret", "finishSecret"):
        secret.step(step, first)

    second = secret.begin()
    ear.provoke(secret, "setSecret", second)
    secret.step("createSecret", second)
    ear.provoke(secret, "testSecret", second)
    postgres.sql(rotated, "ALTER ROLE orders_admin SET default_transaction_read_only = on")
    ear.provoke(secret, "setSecret", second)
    postgres.sql(rotated, "ALTER ROLE orders_admin PASSWORD 'set-by-hand'")
    ear.provoke(secret, "setSecret", second)
    postgres.close_door(rotated)
    ear.provoke(secret, "setSecret", second)
    postgres.open_door(rotated)
    ear.provoke(secret, "guessSecret", second)
    database_environment(pair.replica)
    ear.provoke(secret, "setSecret", second)
    third = secret.begin()
    secret.pend(third, '{"username": "orders_admin", "password": "half-Written')
    ear.provoke(secret, "createSecret", third)

    printed, said = ear.listen()
    values = [version["secret_string"] for version in secret.stored.versions.values() if "secret_string" in version]
    passwords = {json.loads(value)["password"] for value in values if "half-Written" not in value}
    assert len(passwords) == 3
    assert printed == ""
    assert said.count("Traceback") >= 8
    for password in passwords | {MASTER, "half-Written"}:
        assert password not in said


@pytest.fixture(
    params=[
        json.dumps({"username": "orders_admin", "password": MASTER}),
        json.dumps({"username": "orders_admin", "password": "Wrong-Password-2"}),
        "Plain-Password-3",
    ],
    ids=["right", "wrong", "no login"],
)
def works(request: pytest.FixtureRequest, aws: Clients, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Set up a master secret, and say whether it opens the database."""
    arn = aws("secretsmanager").create_secret(Name=f"told-{uuid.uuid4()}", SecretString=request.param)["ARN"]
    monkeypatch.setenv("SECRET_ARN", arn)
    return MASTER in request.param


def test_preparing_says_no_password_and_prints_nothing(
    rotated: Node,
    database_environment: PointAt,
    cloudformation: CloudFormation,
    context: Context,
    ear: Ear,
    *,
    works: bool,
) -> None:
    postgres.sql(rotated, f"ALTER ROLE orders_admin PASSWORD '{MASTER}'; ALTER ROLE orders_admin RESET ALL")
    database_environment(rotated)
    for kind in ("Create", "Update", "Delete"):
        probe_handler.prepare(cloudformation.event(kind), context)
    outcome = "SUCCESS" if works else "FAILED"
    assert [sent["Status"] for sent in cloudformation.answers] == [outcome, outcome, "SUCCESS"]
    printed, said = ear.listen()
    assert printed == ""
    for password in (MASTER, "Wrong-Password-2", "Plain-Password-3", "X-Amz-Signature"):
        assert password not in said + json.dumps(cloudformation.answers)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("there", [True, False])
def test_a_probe_prints_its_metrics_and_nothing_else(
    pair: Pair, rotated: Node, database_environment: PointAt, context: Context, ear: Ear, *, there: bool
) -> None:
    database_environment(pair.primary if there else rotated)
    if not there:
        postgres.close_door(rotated)
    seen = probe_handler.handler({"secret": "in the event"}, context)
    postgres.open_door(rotated)
    printed, said = ear.listen()
    assert printed.count("\n") == 1
    assert json.loads(printed)["_aws"]["CloudWatchMetrics"]
    assert json.loads(printed)["Reachable"] == int(there)
    for hidden in ("X-Amz-Signature", "X-Amz-Credential", "in the event"):
        assert hidden not in said + json.dumps(seen)
