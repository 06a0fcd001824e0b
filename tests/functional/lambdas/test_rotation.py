"""The four rotation steps between an emulated Secrets Manager and a real database."""

from __future__ import annotations

import copy
import json
import uuid
from base64 import b64decode
from typing import TYPE_CHECKING, Any

import pytest

from dr_templates.lab import postgres
from dr_templates.runtime.database import Target, UnavailableError, session
from dr_templates.runtime.errors import WorkError
from dr_templates.runtime.passwords import UNUSABLE
from dr_templates.runtime.rotation import Rotation, create
from dr_templates.runtime.scram import verifier

if TYPE_CHECKING:
    from tests.functional.lambdas.conftest import Lab, Pair, PointAt, Secret

    from dr_templates.lab.postgres import Node


STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
OLD = "Master-Password-1"


@pytest.fixture(scope="module")
def rotated_node(standing_lab: Lab) -> Node:
    return standing_lab.primary("rotated")


@pytest.fixture
def node(rotated_node: Node, database_environment: PointAt) -> Node:
    """Give the module's database with the old password and nothing else set."""
    postgres.sql(rotated_node, f"ALTER ROLE orders_admin PASSWORD '{OLD}'; ALTER ROLE orders_admin RESET ALL")
    database_environment(rotated_node)
    return rotated_node


def opens(lab: Lab, node: Node, password: str) -> bool:
    try:
        with session(lab.as_master(node, password)):
            return True
    except UnavailableError as fault:
        if fault.login_refused:
            return False
        raise


def test_a_whole_rotation(lab: Lab, node: Node, secret: Secret) -> None:
    token = secret.begin()
    for step in STEPS:
        secret.step(step, token)
    new = secret.value("AWSCURRENT")
    assert new["password"] != OLD
    assert len(new["password"]) == 32
    assert (new["username"], new["host"]) == ("orders_admin", "the-other-region.example")
    assert secret.value("AWSPREVIOUS")["password"] == OLD
    assert opens(lab, node, new["password"])
    assert not opens(lab, node, OLD)


def test_the_log_never_shows_the_password(node: Node, secret: Secret) -> None:
    token = secret.begin()
    for step in STEPS:
        secret.step(step, token)
    log = node.log.read_text()
    assert "ALTER ROLE CURRENT_USER PASSWORD 'SCRAM-SHA-256$" in log
    assert secret.value("AWSCURRENT")["password"] not in log


@pytest.mark.parametrize("interrupted", STEPS)
def test_interrupted_and_run_again_it_ends_the_same(lab: Lab, node: Node, secret: Secret, interrupted: str) -> None:
    token = secret.begin()
    for step in STEPS[: STEPS.index(interrupted) + 1]:
        secret.step(step, token)
    for step in STEPS:
        secret.step(step, token)
    assert opens(lab, node, secret.value("AWSCURRENT")["password"])
    assert not opens(lab, node, OLD)
    assert "AWSCURRENT" in secret.stored.versions[token]["version_stages"]


def test_a_verifier_is_the_one_the_server_itself_would_make(node: Node) -> None:
    postgres.sql(node, "ALTER ROLE orders_admin PASSWORD 'correct horse'")
    [[made]] = postgres.sql(node, "SELECT rolpassword FROM pg_authid WHERE rolname = 'orders_admin'")
    salt = b64decode(made.split("$")[1].split(":")[1])
    assert verifier("correct horse", salt) == made


def test_two_rotations_one_after_the_other(lab: Lab, node: Node, secret: Secret) -> None:
    seen = set()
    for _ in range(2):
        token = secret.begin()
        for step in STEPS:
            secret.step(step, token)
        seen.add(secret.value("AWSCURRENT")["password"])
    assert len(seen) == 2
    assert opens(lab, node, secret.value("AWSCURRENT")["password"])


def test_a_database_that_kept_the_previous_password_is_caught_up(lab: Lab, node: Node, secret: Secret) -> None:
    token = secret.begin()
    for step in STEPS:
        secret.step(step, token)
    postgres.sql(node, f"ALTER ROLE orders_admin PASSWORD '{OLD}'")
    token = secret.begin()
    for step in STEPS:
        secret.step(step, token)
    assert opens(lab, node, secret.value("AWSCURRENT")["password"])


def test_a_password_nobody_knows_is_a_clear_reason(node: Node, secret: Secret) -> None:
    postgres.sql(node, "ALTER ROLE orders_admin PASSWORD 'set by hand'")
    token = secret.begin()
    secret.step("createSecret", token)
    with pytest.raises(WorkError, match="neither the pending, the current nor the previous"):
        secret.step("setSecret", token)
    with pytest.raises(WorkError, match="does not take the pending password"):
        secret.step("testSecret", token)
    assert secret.value("AWSCURRENT")["password"] == OLD


def test_a_standby_keeps_its_password(pair: Pair, secret: Secret, database_environment: PointAt) -> None:
    database_environment(pair.replica)
    token = secret.begin()
    secret.step("createSecret", token)
    with pytest.raises(WorkError, match="read-only standby"):
        secret.step("setSecret", token)


def test_a_database_that_is_away_is_not_a_wrong_password(node: Node, secret: Secret) -> None:
    token = secret.begin()
    secret.step("createSecret", token)
    postgres.close_door(node)
    with pytest.raises(WorkError, match=r"cannot be reached \(refused\)"):
        secret.step("setSecret", token)
    postgres.open_door(node)
    secret.step("setSecret", token)


def test_a_database_that_takes_no_new_password_is_a_clear_reason(node: Node, secret: Secret) -> None:
    postgres.sql(node, "ALTER ROLE orders_admin SET default_transaction_read_only = on")
    token = secret.begin()
    secret.step("createSecret", token)
    with pytest.raises(WorkError, match=r"could not be changed: .*read-only transaction"):
        secret.step("setSecret", token)


@pytest.mark.usefixtures("node")
def test_another_user_in_the_pending_version_is_refused(secret: Secret) -> None:
    token = secret.begin()
    secret.pend(token, json.dumps({"username": "somebody", "password": "x"}))
    with pytest.raises(WorkError, match="names another user"):
        secret.step("setSecret", token)


@pytest.mark.usefixtures("node")
def test_setting_up_a_schedule_runs_the_test_step_alone(secret: Secret) -> None:
    secret.step("testSecret", secret.begin())


@pytest.mark.usefixtures("node")
def test_a_version_that_is_not_pending_is_refused(secret: Secret) -> None:
    with pytest.raises(WorkError, match="not staged AWSPENDING"):
        secret.step("createSecret", str(uuid.uuid4()))


@pytest.mark.usefixtures("node")
def test_set_before_create_is_refused(secret: Secret) -> None:
    with pytest.raises(WorkError, match="no AWSPENDING version"):
        secret.step("setSecret", secret.begin())


@pytest.mark.usefixtures("node")
def test_an_unknown_step_is_refused(secret: Secret) -> None:
    with pytest.raises(WorkError, match="Unknown rotation step guessSecret"):
        secret.step("guessSecret", secret.begin())


@pytest.mark.usefixtures("node")
def test_a_secret_without_rotation_is_refused(secret: Secret) -> None:
    secret.stored.rotation_enabled = False
    with pytest.raises(WorkError, match="not enabled"):
        secret.step("createSecret", secret.begin())


def test_a_new_password_does_without_what_trips_connection_strings(node: Node, secret: Secret) -> None:
    asked: list[dict[str, Any]] = []
    secret.client.meta.events.register(
        "before-parameter-build.secretsmanager.GetRandomPassword", lambda params, **_: asked.append(params)
    )
    create(Rotation(secret.client, secret.arn, secret.begin(), Target(node.host, node.port, "orders", "", "")))
    assert asked == [{"PasswordLength": 32, "ExcludeCharacters": UNUSABLE, "RequireEachIncludedType": True}]
    assert not set(secret.value("AWSPENDING")["password"]) & set(UNUSABLE)


def test_a_step_that_comes_again_after_the_end_does_nothing(node: Node, secret: Secret) -> None:
    """Secrets Manager may have taken AWSPENDING away by then, and the database need not be there."""
    token = secret.begin()
    for step in STEPS:
        secret.step(step, token)
    secret.stored.versions[token]["version_stages"].remove("AWSPENDING")
    before = copy.deepcopy(secret.stored.versions)
    postgres.close_door(node)
    for step in STEPS:
        secret.step(step, token)
    postgres.open_door(node)
    assert secret.stored.versions == before


def test_only_the_database_of_the_environment_is_asked(
    lab: Lab, pair: Pair, node: Node, secret: Secret, database_environment: PointAt
) -> None:
    """A secret detached from its twin still names the host of the region it came from (A39)."""
    value = {**secret.value("AWSCURRENT"), "host": node.host, "port": node.port, "dbname": "orders"}
    secret.client.put_secret_value(SecretId=secret.arn, SecretString=json.dumps(value))
    database_environment(pair.replica)
    token = secret.begin()
    secret.step("createSecret", token)
    with pytest.raises(WorkError, match="read-only standby"):
        secret.step("setSecret", token)
    assert opens(lab, node, OLD)
    assert not opens(lab, node, secret.value("AWSPENDING")["password"])
