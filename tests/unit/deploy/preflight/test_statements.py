"""What a statement of a key policy says to a request."""

from typing import Any

import pytest

from dr_templates.deploy.preflight.statements import Request, applies, requests, statements

ACCOUNT = "111122223333"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ARN = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k-1"
LOGS = "logs.us-east-1.amazonaws.com"


def statement(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - as many forms as IAM has
    return {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:Decrypt", "Resource": "*", **more}


def asked(**more: Any) -> Request:  # noqa: ANN401 - as above
    (request,) = requests(statement(**more), ACCOUNT, ARN)
    return request


def service(**more: Any) -> Request:  # noqa: ANN401 - as above
    return asked(Principal={"Service": LOGS}, **more)


@pytest.mark.parametrize(
    ("principal", "told"),
    [
        ({"AWS": ROOT}, True),
        ({"AWS": ACCOUNT}, True),
        ({"AWS": ["arn:aws:iam::999999999999:root", ACCOUNT]}, True),
        ({"AWS": "*"}, True),
        ("*", True),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/Deploy"}, None),
        ({"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/ann"}, None),
        ({"AWS": "arn:aws:iam::999999999999:root"}, False),
        ({"AWS": "AROAEXAMPLE1234567890"}, False),
        ({"Service": LOGS}, False),
    ],
)
def test_the_account_is_known_however_it_is_written(principal: object, told: bool | None) -> None:
    assert applies(statement(Principal=principal), asked()) is told


@pytest.mark.parametrize(
    ("principal", "told"),
    [
        ({"Service": LOGS}, True),
        ({"Service": ["sns.amazonaws.com", LOGS.upper()]}, True),
        ("*", True),
        ({"Service": "logs.amazonaws.com"}, None),
        ({"Service": "logs.eu-west-1.amazonaws.com"}, None),
        ({"Service": "events.amazonaws.com"}, False),
        ({"AWS": ROOT}, False),
    ],
)
def test_a_service_is_told_by_its_name(principal: object, told: bool | None) -> None:
    assert applies(statement(Principal=principal), service()) is told


def test_events_of_rds_are_no_events_of_another_service() -> None:
    events = asked(Principal={"Service": "events.rds.amazonaws.com"})
    assert applies(statement(Principal={"Service": "events.amazonaws.com"}), events) is False


@pytest.mark.parametrize(
    ("spared", "of_account", "of_service"),
    [
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/Deploy"}, None, True),
        ({"AWS": [ROOT, f"arn:aws:iam::{ACCOUNT}:role/Deploy"]}, None, True),
        ({"Service": LOGS}, True, False),
        ({"AWS": "arn:aws:iam::999999999999:root"}, True, True),
    ],
)
def test_who_is_spared_is_everybody_else(spared: object, of_account: bool | None, of_service: bool | None) -> None:
    told = {key: value for key, value in statement(NotPrincipal=spared).items() if key != "Principal"}
    assert (applies(told, asked()), applies(told, service())) == (of_account, of_service)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"Action": "kms:*"}, True),
        ({"Action": "*"}, True),
        ({"Action": ["kms:Encrypt", "KMS:decrypt"]}, True),
        ({"Action": "kms:De*t"}, True),
        ({"Action": "kms:Encrypt"}, False),
        ({"Action": "kms:Decryp?"}, True),
        ({"Action": [], "NotAction": "kms:Decrypt"}, False),
        ({"Resource": [ARN]}, True),
        ({"Resource": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k-2"}, False),
    ],
)
def test_actions_and_resources_are_patterns_in_letters_of_any_size(more: dict[str, Any], told: bool) -> None:
    assert applies(statement(**more), asked()) is told


def test_all_but_some_actions() -> None:
    told = {**statement(NotAction=["kms:Put*"])}
    del told["Action"]
    assert applies(told, asked()) is True
    assert applies(told, asked(Action="kms:PutKeyPolicy")) is False


THROUGH = {"StringEquals": {"kms:ViaService": "rds.us-east-1.amazonaws.com"}}


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ({}, True),
        ({"StringEquals": {"kms:viaservice": ["x", "rds.us-east-1.amazonaws.com"]}}, True),
        ({"StringLike": {"kms:ViaService": "rds.*.amazonaws.com"}}, True),
        ({"StringEquals": {"kms:ViaService": "rds.*.amazonaws.com"}}, False),
        ({"StringEqualsIgnoreCase": {"kms:ViaService": "RDS.us-east-1.amazonaws.com"}}, True),
        ({"ForAnyValue:StringEquals": {"kms:ViaService": ["rds.us-east-1.amazonaws.com"]}}, True),
        ({"StringEqualsIfExists": {"kms:ViaService": "ec2.us-east-1.amazonaws.com"}}, False),
        ({"StringNotEquals": {"kms:ViaService": "rds.us-east-1.amazonaws.com"}}, False),
        ({"StringNotLike": {"kms:ViaService": ["ec2.*"]}}, True),
        ({"StringEquals": {"kms:ViaService": "${aws:PrincipalTag/x}"}}, None),
        ({"StringEquals": {"kms:CallerAccount": ACCOUNT}}, True),
        ({"StringEquals": {"kms:CallerAccount": "999999999999"}}, False),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, None),
        ({"Bool": {"aws:SecureTransport": "false"}}, False),
        ({"Bool": {"aws:SecureTransport": False}}, False),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, None),
        ({"Bool": {"kms:BypassPolicyLockoutSafetyCheck": "true"}}, False),
        ({"Null": {"kms:ViaService": "false"}}, True),
        ({"Null": {"kms:ViaService": "true"}}, False),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, None),
        ({"NumericLessThan": {"kms:ViaService": "1"}}, None),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1", "kms:ViaService": "x"}}, False),
    ],
)
def test_conditions_are_met_or_not_or_nobody_knows(condition: dict[str, Any], told: bool | None) -> None:
    assert applies(statement(Condition=condition), asked(Condition=THROUGH)) is told


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("arn:*:log-group:*orders-prod-virginia*", True),
        ("*", True),
        ("arn:*:log-group:/aws/lambda/*", None),
    ],
)
def test_a_pattern_of_ours_is_within_another_or_may_be(pattern: str, told: bool | None) -> None:
    key = "kms:EncryptionContext:aws:logs:arn"
    ours = {"ArnLike": {key: f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:*orders-prod-virginia*"}}
    assert applies(statement(Condition={"ArnLike": {key: pattern}}, Principal="*"), service(Condition=ours)) is told


def test_a_grant_through_a_service_is_for_a_resource_of_aws() -> None:
    condition = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    assert applies(statement(Action="kms:*", Condition=condition), asked(Action="kms:CreateGrant")) is None
    through = asked(Action="kms:CreateGrant", Condition=THROUGH)
    assert applies(statement(Action="kms:*", Condition=condition), through) is True


def test_every_combination_of_a_statement_is_a_request() -> None:
    whole = statement(
        Principal={"AWS": [ROOT, "999999999999"], "Service": LOGS},
        Action=["kms:Decrypt", "kms:Encrypt"],
        Condition={"StringEquals": {"a": ["1", "2"]}, "ArnLike": {"b": "3"}},
    )
    told = [(one.who, one.action, one.context["a"], one.context["b"]) for one in requests(whole, ACCOUNT, ARN)]
    assert len(told) == len(set(told)) == 3 * 2 * 2
    assert (LOGS, "kms:Encrypt", "2", "3") in told


def test_a_policy_of_one_statement_needs_no_list() -> None:
    assert statements({"Statement": statement()}) == statements({"Statement": [statement()]}) == (statement(),)
