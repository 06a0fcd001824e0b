"""The probe function as Lambda runs it: from its event and environment to its answer and its log line."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from importlib.metadata import distribution
from typing import TYPE_CHECKING

import pytest

import probe_handler
from dr_templates.artifact import archives
from dr_templates.lab import postgres
from dr_templates.runtime.database import session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.functional.lambdas.conftest import Clients, CloudFormation, Context, Lab, Pair, PointAt, WaitUntil


@pytest.fixture
def master_secret(aws: Clients, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    value = json.dumps({"username": "orders_admin", "password": "Master-Password-1"})
    arn = aws("secretsmanager").create_secret(Name="orders-master", SecretString=value)["ARN"]
    monkeypatch.setenv("SECRET_ARN", arn)
    yield arn
    aws("secretsmanager").delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)


@pytest.mark.usefixtures("aws")
@pytest.mark.usefixtures("master_secret")
def test_it_prepares_a_new_database_and_then_probes_it(
    lab: Lab,
    database_environment: PointAt,
    cloudformation: CloudFormation,
    context: Context,
    capsys: pytest.CaptureFixture[str],
) -> None:
    node = lab.primary("fresh")
    database_environment(node)
    probe_handler.prepare(cloudformation.event("Create"), context)
    [sent] = cloudformation.answers
    assert (sent["Status"], sent["Data"]["Role"], sent["Data"]["InRecovery"]) == (
        "SUCCESS",
        "dr_probe_orders-test",
        "false",
    )
    assert "Master-Password-1" not in json.dumps(sent)
    seen = probe_handler.handler({}, context)
    printed = json.loads(capsys.readouterr().out)
    assert (seen["stage"], seen["heartbeat"]["beat"]) == ("answered", 1)
    assert (printed["Environment"], printed["Site"], printed["Reachable"]) == ("orders-test", "fresh", 1)
    assert probe_handler.handler({"beat": False}, context)["heartbeat"]["beat"] == 1


@pytest.mark.usefixtures("aws")
def test_the_archive_alone_runs_as_lambda_runs_it(pair: Pair, database_environment: PointAt, tmp_path: Path) -> None:
    """Nothing but the archive, the standard library and boto3: no site-packages, no checkout."""
    (probe,) = [archive for archive in archives() if archive.name == "probe"]
    task, brought = tmp_path / "task", tmp_path / "brought"
    zipfile.ZipFile(io.BytesIO(probe.body)).extractall(task)
    brought.mkdir()
    for package in ("boto3", "botocore", "s3transfer", "jmespath", "urllib3"):
        (brought / package).symlink_to(str(distribution(package).locate_file(package)))
    database_environment(pair.replica)
    path = [str(task), str(brought)]
    code = f"import sys; sys.path[:0] = {path}; import probe_handler; probe_handler.handler({{}}, None)"
    result = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["Reachable"] == 1


@pytest.mark.usefixtures("aws")
def test_deleting_leaves_the_database_alone(
    pair: Pair, database_environment: PointAt, cloudformation: CloudFormation, context: Context
) -> None:
    database_environment(pair.primary)
    probe_handler.prepare(cloudformation.event("Delete"), context)
    assert [sent["Status"] for sent in cloudformation.answers] == ["SUCCESS"]
    assert postgres.sql(pair.primary, "SELECT count(*) FROM pg_roles WHERE rolname = 'dr_probe_orders-test'") == [[1]]


@pytest.mark.usefixtures("aws")
def test_a_secret_that_cannot_be_read_is_a_clear_reason(
    pair: Pair,
    database_environment: PointAt,
    cloudformation: CloudFormation,
    context: Context,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    database_environment(pair.primary)
    monkeypatch.setenv("SECRET_ARN", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:none")
    probe_handler.prepare(cloudformation.event("Create"), context)
    [sent] = cloudformation.answers
    assert sent["Status"] == "FAILED"
    assert sent["Reason"].startswith("Reading the master user's secret failed: ")


@pytest.mark.usefixtures("aws")
def test_a_database_that_is_away_is_an_answer_and_a_metric(
    lab: Lab, database_environment: PointAt, context: Context, capsys: pytest.CaptureFixture[str]
) -> None:
    node = lab.primary("absent")
    postgres.stop(node)
    database_environment(node)
    assert probe_handler.handler({}, context)["stage"] == "refused"
    printed = json.loads(capsys.readouterr().out)
    assert printed["Reachable"] == 0
    assert "InRecovery" not in printed


SCHEDULED = {
    "version": "0",
    "source": "aws.events",
    "detail-type": "Scheduled Event",
    "detail": {"end_sessions": True, "beat": False},
    "resources": ["arn:aws:events:eu-west-1:123456789012:rule/orders-test-probe"],
}


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("event", [SCHEDULED, {}, None, [], [{"end_sessions": True}], "end_sessions", {"beat": None}])
def test_whatever_else_wakes_it_makes_it_look(
    lab: Lab, pair: Pair, database_environment: PointAt, context: Context, event: object
) -> None:
    database_environment(pair.primary)
    before = probe_handler.handler({"beat": False}, context)["heartbeat"]
    with session(lab.as_master(pair.primary)) as client:
        seen = probe_handler.handler(event, context)
        assert client.run("SELECT 1") == [[1]]
    assert seen["stage"] == "answered"
    assert seen["heartbeat"]["beat"] == (before["beat"] if before else 0) + 1


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("wish", ["false", 1, ["x"], None])
def test_only_a_plain_true_ends_sessions(
    lab: Lab, pair: Pair, database_environment: PointAt, context: Context, wish: object
) -> None:
    database_environment(pair.primary)
    with session(lab.as_master(pair.primary)) as client:
        assert probe_handler.handler({"end_sessions": wish, "beat": False}, context)["stage"] == "answered"
        assert client.run("SELECT 1") == [[1]]


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    "value",
    ["Master-Password-1", '["Master-Password-1"]', '{"password": "Master-Password-1"}', '{"username": "orders_admin"}'],
)
def test_a_secret_that_holds_no_login_is_a_clear_reason(
    aws: Clients,
    master_secret: str,
    pair: Pair,
    database_environment: PointAt,
    cloudformation: CloudFormation,
    context: Context,
    value: str,
) -> None:
    database_environment(pair.primary)
    aws("secretsmanager").put_secret_value(SecretId=master_secret, SecretString=value)
    probe_handler.prepare(cloudformation.event("Create"), context)
    [sent] = cloudformation.answers
    assert sent["Status"] == "FAILED"
    assert sent["Reason"] == "The master user's secret is not JSON with a username and a password"


@pytest.mark.usefixtures("aws")
def test_it_ends_the_sessions_of_clients(
    lab: Lab, pair: Pair, database_environment: PointAt, context: Context, wait_until: WaitUntil
) -> None:
    database_environment(pair.primary)
    wait_until(lambda: probe_handler.handler({}, context)["client_sessions"] == 0)
    with session(lab.as_master(pair.primary)):
        assert probe_handler.handler({"end_sessions": True}, context) == {"ended": 1}
