"""The whole of it: one configuration against an account of an emulator."""

import contextlib
import json
import shlex
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from tests.functional.preflight.cloud import Front, standing

from dr_templates.cli import preflighting
from dr_templates.cli.main import main
from dr_templates.cli.told import ToldError
from dr_templates.config import load
from dr_templates.deploy.preflight.checks import CHECKS
from dr_templates.deploy.preflight.wanted import wanted
from dr_templates.errors import DrError, Exit

HOME, AWAY, CONTROL = "us-east-1", "eu-west-1", "eu-central-1"
READING = ("Describe", "Get", "List", "Simulate", "GET /", "HEAD /")
TABLE: dict[str, Any] = {
    "KeySchema": [{"AttributeName": "Kind", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "Kind", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


@dataclass(frozen=True)
class Account:
    """An account, the front it is reached by, and the configuration of an environment that is to be made there."""

    front: Front
    config: Path
    environment: str

    def client(self, service: str, region: str) -> Any:  # noqa: ANN401 - as many types as services
        return boto3.client(service, region_name=region, endpoint_url=self.front.behind)  # type: ignore[call-overload]  # a literal elsewhere


@pytest.fixture
def account(emulator: str, checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    suffix = f"t{uuid.uuid4().hex[:7]}"
    config = tmp_path / "environment.yaml"
    text = (checkout / "config/example.yaml").read_text().replace("suffix: prod", f"suffix: {suffix}")
    config.write_text(text.replace("111122223333", DEFAULT_ACCOUNT_ID))
    with standing(emulator) as (front, url):
        for name, value in {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "lab",
            "AWS_SECRET_ACCESS_KEY": "lab",
        }.items():
            monkeypatch.setenv(name, value)
        yield Account(front, config, f"orders-{suffix}")


def told(account: Account, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Give the result as a program gets it, whether or not it is followed by a fault."""
    with contextlib.suppress(ToldError):
        preflighting.run(account.config, "json")
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def wrong(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(one["check"], one["place"], one["verdict"]) for one in result["findings"] if one["verdict"] != "ok"]


def test_an_empty_account_is_fit_and_nothing_is_changed(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    preflighting.run(account.config, "text")
    shown = capsys.readouterr()
    lines = [line for line in shown.out.splitlines() if not line.startswith(" ")]
    assert [line for line in lines if not line.startswith("ok ")] == [
        line for line in lines if "RDS has no service-linked role yet" in line
    ]
    assert {check for check in (*CHECKS, "account", "region") if f"  {check}  " not in shown.out} == set()
    assert "         mend: To be sure, make it first: aws iam create-service-linked-role" in shown.out
    assert "nothing found that stops a deploy: " in shown.err
    assert "1 warning, 0 blocker" in shown.err
    assert [call for call in account.front.calls if not call.operation.startswith(READING)] == []
    assert {call.region for call in account.front.calls} == {HOME, AWAY, CONTROL}


def test_a_program_gets_findings_and_counts_as_one_value(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    result = told(account, capsys)
    assert set(result) == {"findings", "counts"}
    assert set(result["findings"][0]) == {"check", "place", "verdict", "what", "mend"}
    assert result["counts"] == {"ok": len(result["findings"]) - 1, "warning": 1, "blocker": 0}


def test_what_stands_in_the_way_is_told_with_the_mend_and_ends_in_a_fault(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    table = f"{account.environment}-control-state"
    account.client("dynamodb", CONTROL).create_table(TableName=table, **TABLE)
    account.client("logs", HOME).create_log_group(logGroupName=f"/aws/vpc/{account.environment}-virginia")
    account.front.denied = {"rds:CreateDBInstance"}
    with pytest.raises(ToldError) as fault:
        preflighting.run(account.config, "text")
    out = capsys.readouterr().out
    assert (fault.value.code, fault.value.what.endswith(", 1 warning, 4 blocker")) == (Exit.FAILED, True)
    assert fault.value.where == f"{account.environment}: rights, names"
    assert f"blocker  control   names         AWS::DynamoDB::Table {table} exists in {CONTROL}" in out
    assert f"aws dynamodb delete-table --table-name {table} --region {CONTROL}" in out
    assert f"aws logs delete-log-group --log-group-name /aws/vpc/{account.environment}-virginia" in out
    assert "no policy allows these credentials rds:CreateDBInstance" in out


def test_what_our_own_stack_has_made_is_no_obstacle(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    table = {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {"TableName": f"{account.environment}-control-state", **TABLE},
    }
    account.client("cloudformation", CONTROL).create_stack(
        StackName=f"{account.environment}-control", TemplateBody=json.dumps({"Resources": {"StateTable": table}})
    )
    result = told(account, capsys)
    assert wrong(result) == [("service role", "account", "warning")]
    (stacks,) = [one for one in result["findings"] if (one["check"], one["place"]) == ("stacks", "control")]
    assert stacks["what"] == f"can be deployed to: {account.environment}-control"


def test_a_key_policy_that_was_cut_is_found_and_the_mend_puts_it_right(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = _policy_of_the_log_key(account)
    cut = {**whole, "Statement": [one for one in whole["Statement"] if one["Sid"] != "UsedByOurLogGroups"]}
    stack, cloudformation = f"{account.environment}-virginia-foundation", account.client("cloudformation", HOME)
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": json.dumps(cut)}}
    cloudformation.create_stack(StackName=stack, TemplateBody=json.dumps({"Resources": {"Key": key}}))
    made = cloudformation.describe_stack_resource(StackName=stack, LogicalResourceId="Key")["StackResourceDetail"]
    kms, known = account.client("kms", HOME), made["PhysicalResourceId"]
    alias = f"alias/{account.environment}-virginia-log"
    kms.create_alias(AliasName=alias, TargetKeyId=known)

    (found,) = [one for one in told(account, capsys)["findings"] if one["check"] == "keys" and one["mend"]]
    assert (found["place"], found["verdict"]) == ("virginia", "blocker")
    assert f"the policy of {alias} no longer lets logs.{HOME}.amazonaws.com do kms:Decrypt" in found["what"]
    command = shlex.split(found["mend"])
    kms.put_key_policy(KeyId=known, PolicyName="default", Policy=command[command.index("--policy") + 1])
    assert [one for one in wrong(told(account, capsys)) if one[0] == "keys"] == []


def _policy_of_the_log_key(account: Account) -> dict[str, Any]:
    keys = [one for one in wanted(load(account.config)).at(HOME, "AWS::KMS::Key") if one.title == "LogKey"]
    policy: dict[str, Any] = keys[0].properties["KeyPolicy"]
    return policy


def test_credentials_of_another_account_are_all_that_is_told(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.config.write_text(account.config.read_text().replace(DEFAULT_ACCOUNT_ID, "999999999999"))
    result = told(account, capsys)
    assert wrong(result) == [("account", "account", "blocker")]
    assert len(result["findings"]) == 1
    assert [call.operation for call in account.front.calls] == ["GetCallerIdentity"]


@pytest.mark.parametrize(
    ("operation", "right", "check", "places"),
    [
        ("DescribeOrderableDBInstanceOptions", "rds:DescribeOrderableDBInstanceOptions", "class", 2),
        ("SimulatePrincipalPolicy", "iam:SimulatePrincipalPolicy", "rights", 3),
        ("DescribeVpcPeeringConnections", "ec2:DescribeVpcPeeringConnections", "ranges", 2),
        ("DescribeAccountAttributes", "rds:DescribeAccountAttributes", "quotas", 2),
        ("DescribeRegions", "ec2:DescribeRegions", "region", 3),
    ],
)
def test_a_missing_right_is_a_warning_at_every_place_and_the_rest_goes_on(
    operation: str, right: str, check: str, places: int, account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.front.refused = {operation: "AccessDenied"}
    result = told(account, capsys)
    missing = [one for one in result["findings"] if f"the right {right} is missing" in one["what"]]
    assert [(one["check"], one["verdict"]) for one in missing] == [(check, "warning")] * places
    assert {one["check"] for one in result["findings"]} == {*CHECKS, "account", "region"}
    assert result["counts"]["blocker"] == 0


def test_a_quota_that_rds_does_not_tell_of_is_a_warning(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.front.quotas = account.front.quotas[:-1]
    untold = [one for one in told(account, capsys)["findings"] if "RDS tells no quota" in one["what"]]
    assert [(one["place"], one["verdict"]) for one in untold] == [("virginia", "warning"), ("ireland", "warning")]


@pytest.mark.parametrize(
    ("operation", "check"), [("DescribeOrderableDBInstanceOptions", "class"), ("DescribeDBEngineVersions", "version")]
)
def test_a_class_or_a_version_that_rds_has_never_heard_of_is_a_blocker(
    operation: str, check: str, account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.front.refused = {operation: "InvalidParameterCombination"}
    blockers = [one for one in wrong(told(account, capsys)) if one[2] == "blocker"]
    assert blockers == [(check, "virginia", "blocker"), (check, "ireland", "blocker")]


def test_the_command_answers_with_the_exit_code(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["preflight", "--config", str(account.config)]
    assert main(asked) == Exit.DONE
    account.front.denied = {"rds:CreateDBInstance"}
    assert main([*asked, "--output", "json"]) == Exit.FAILED
    shown = capsys.readouterr()
    assert "a deploy would fail: " in shown.err
    assert "  where: " in shown.err
    assert json.loads(shown.out[shown.out.index("\n{") :])["counts"]["blocker"] == 2


def test_a_region_that_is_off_is_not_asked_and_told_everywhere(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.front.disabled = {AWAY}
    result = told(account, capsys)
    blockers = [one for one in result["findings"] if one["verdict"] == "blocker"]
    assert [(one["check"], one["place"]) for one in blockers] == [("region", "ireland")]
    untold = {one["check"] for one in result["findings"] if one["place"] == "ireland" and one["verdict"] == "warning"}
    assert untold == set(CHECKS) - {"service role"}
    assert AWAY not in {call.region for call in account.front.calls}


def test_where_no_region_is_on_nothing_else_is_asked(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.front.disabled = {HOME, AWAY, CONTROL}
    result = told(account, capsys)
    assert result["counts"]["blocker"] == 3
    assert {one["check"] for one in result["findings"]} == {*CHECKS, "account", "region"}
    assert [call.operation for call in account.front.calls] == ["GetCallerIdentity", "DescribeRegions"]


def test_credentials_that_have_run_out_are_a_fault(account: Account) -> None:
    account.front.refused = {"*": "ExpiredToken"}
    with pytest.raises(DrError, match="AWS does not know who you are"):
        preflighting.run(account.config, "text")


def test_credentials_that_run_out_half_way_are_a_fault(account: Account) -> None:
    account.front.refused = {"ListTopics": "ExpiredToken"}
    with pytest.raises(DrError, match="AWS does not know who you are"):
        preflighting.run(account.config, "text")


def test_an_aws_that_does_not_answer_is_a_fault(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(DrError, match="AWS does not answer"):
        preflighting.run(account.config, "text")
