"""How quotas and rights are read, and what becomes of answers that are refused."""

import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from tests.functional.preflight.conftest import Stub

from dr_templates.aws.account import reading
from dr_templates.aws.account.look import NO_ROLE, regions
from dr_templates.aws.account.quotas import LISTED, Listed, Quota, listed, of_lambda, of_rds, of_roles
from dr_templates.aws.account.reading import Doors, ask, read
from dr_templates.aws.account.rights import Denial, denials, rds_role, simulate
from dr_templates.aws.asking import Heard, asker
from dr_templates.errors import DrError

OWN = "111122223333"
TABLES = {"ServiceCode": "dynamodb", "QuotaCode": "L-F98FE922"}


def test_a_quota_that_was_raised_is_read_with_what_is_in_use(stub: Stub) -> None:
    quotas = stub("service-quotas", ("get_service_quota", TABLES, {"Quota": {"Value": 2600}}))
    dynamodb = stub(
        "dynamodb",
        ("list_tables", {}, {"TableNames": ["aaa", "bbb"], "LastEvaluatedTableName": "bbb"}),
        ("list_tables", {"ExclusiveStartTableName": "bbb"}, {"TableNames": ["ccc"]}),
    )
    assert listed(quotas, {"dynamodb": dynamodb}.__getitem__, LISTED["tables"], OWN) == Quota(2600, 3)


def test_a_quota_that_nobody_raised_is_the_default(stub: Stub) -> None:
    quotas = stub(
        "service-quotas",
        ("get_service_quota", TABLES, "NoSuchResourceException"),
        ("get_aws_default_service_quota", TABLES, {"Quota": {"Value": 2500}}),
    )
    assert listed(quotas, {}.__getitem__, Listed("dynamodb", "L-F98FE922"), OWN) == Quota(2500, 0)


def test_a_quota_that_may_not_be_read_is_not_taken_for_the_default(stub: Stub) -> None:
    quotas = stub("service-quotas", ("get_service_quota", TABLES, "AccessDeniedException"))
    with pytest.raises(ClientError):
        listed(quotas, {}.__getitem__, LISTED["tables"], OWN)


def test_only_gateways_count_as_gateway_endpoints(stub: Stub) -> None:
    quotas = stub(
        "service-quotas",
        ("get_service_quota", {"ServiceCode": "vpc", "QuotaCode": "L-1B52E74A"}, {"Quota": {"Value": 20}}),
    )
    only = {"Filters": [{"Name": "vpc-endpoint-type", "Values": ["Gateway"]}]}
    ec2 = stub("ec2", ("describe_vpc_endpoints", only, {"VpcEndpoints": [{}]}))
    assert listed(quotas, {"ec2": ec2}.__getitem__, LISTED["gateway endpoints"], OWN) == Quota(20, 1)


@pytest.mark.parametrize(
    ("name", "operation", "key", "id_"),
    [
        ("VPCs", "describe_vpcs", "Vpcs", "VpcId"),
        ("security groups", "describe_security_groups", "SecurityGroups", "GroupId"),
    ],
)
def test_what_another_account_shares_with_ours_uses_up_none_of_ours(
    stub: Stub, name: str, operation: str, key: str, id_: str
) -> None:
    quotas = stub("service-quotas", ("get_service_quota", None, {"Quota": {"Value": 5}}))
    told = [{id_: "x-1", "OwnerId": OWN}, {id_: "x-2", "OwnerId": "999999999999"}]
    ec2 = stub("ec2", (operation, {}, {key: told}))
    assert listed(quotas, {"ec2": ec2}.__getitem__, LISTED[name], OWN) == Quota(5, 1)


@pytest.mark.parametrize("which", [each for each in LISTED.values() if each.operation])
def test_what_is_counted_can_be_paged_and_says_its_right(stub: Stub, which: Listed) -> None:
    service, _, operation = which.right.partition(":")
    client = stub(service)
    assert client.can_paginate(which.operation)
    assert client.meta.method_to_api_mapping[which.operation] == operation


def test_rds_lambda_and_iam_tell_their_quotas_themselves(stub: Stub) -> None:
    told = [
        {"AccountQuotaName": "DBInstances", "Used": 3, "Max": 40},
        {"AccountQuotaName": "AllocatedStorage", "Used": 900, "Max": 100000},
        {"AccountQuotaName": "DBClusters", "Used": 1, "Max": 40},
    ]
    rds = stub("rds", ("describe_account_attributes", {}, {"AccountQuotas": told}))
    assert of_rds(rds) == {"DB instances": Quota(40, 3), "GiB of DB storage": Quota(100000, 900)}
    limits = {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 400, "TotalCodeSize": 75 * 1024**3}
    settings = {"AccountLimit": limits, "AccountUsage": {"TotalCodeSize": 3 * 1024**2, "FunctionCount": 9}}
    assert of_lambda(stub("lambda", ("get_account_settings", {}, settings))) == {
        "functions at once": Quota(400, 0),
        "MiB of function code": Quota(76800, 3),
    }
    summary = {"SummaryMap": {"Roles": 12, "RolesQuota": 1000}}
    assert of_roles(stub("iam", ("get_account_summary", {}, summary))) == Quota(1000, 12)


USER = "arn:aws:iam::111122223333:user/ann"
ROLE = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/Deploy"


def simulation(
    arn: str, actions: list[str], resource: str, *told: dict[str, Any], region: str = "eu-west-1"
) -> tuple[str, Any, Any]:
    context = {"ContextKeyName": "aws:RequestedRegion", "ContextKeyValues": [region], "ContextKeyType": "string"}
    asked = {
        "PolicySourceArn": arn,
        "ActionNames": actions,
        "ResourceArns": [resource],
        "ContextEntries": [context],
    }
    return ("simulate_principal_policy", asked, {"EvaluationResults": list(told)})


def result(action: str, decision: str = "allowed", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - a list or a text
    return {"EvalActionName": action, "EvalDecision": decision, **more}


def test_what_is_denied_for_everything_is_asked_again_for_what_it_acts_on(stub: Stub) -> None:
    actions = {"a:A": "arn:a", "b:B": "arn:b", "c:C": "arn:a", "d:D": "*"}
    first = [
        result("a:A", "implicitDeny"),
        result("b:B"),
        result("c:C", "explicitDeny", MissingContextValues=["aws:k"]),
        result("d:D", "implicitDeny"),
    ]
    second = [result("a:A"), result("c:C", "explicitDeny", MissingContextValues=["aws:k"])]
    iam = stub(
        "iam",
        simulation(USER, ["a:A", "b:B", "c:C", "d:D"], "*", *first),
        simulation(USER, ["a:A", "c:C"], "arn:a", *second),
    )
    assert simulate(iam, USER, "eu-west-1", actions) == (
        Denial("c:C", explicit=True, unknown=("aws:k",)),
        Denial("d:D"),
    )


def test_a_value_that_is_missing_is_found_wherever_the_simulator_tells_of_it(stub: Stub) -> None:
    within = {"EvalResourceName": "arn:a", "EvalResourceDecision": "implicitDeny", "MissingContextValues": ["aws:k"]}
    iam = stub(
        "iam",
        simulation(USER, ["a:A"], "*", result("a:A", "implicitDeny")),
        simulation(USER, ["a:A"], "arn:a", result("a:A", "implicitDeny", ResourceSpecificResults=[within])),
    )
    assert simulate(iam, USER, "eu-west-1", {"a:A": "arn:a"}) == (Denial("a:A", unknown=("aws:k",)),)


@pytest.mark.parametrize("decision", ["implicitDeny", "explicitDeny"])
def test_what_the_organisation_denies_is_told_apart(stub: Stub, decision: str) -> None:
    detail = {"OrganizationsDecisionDetail": {"AllowedByOrganizations": False}}
    iam = stub("iam", simulation(USER, ["a:A"], "*", result("a:A", decision, **detail)))
    told = Denial("a:A", explicit=decision == "explicitDeny", organisation=True)
    assert simulate(iam, USER, "eu-west-1", {"a:A": "*"}) == (told,)


def test_a_global_service_is_simulated_in_its_one_region(stub: Stub) -> None:
    iam = stub(
        "iam",
        simulation(USER, ["a:A"], "*", result("a:A")),
        simulation(
            USER,
            ["iam:CreateRole", "route53:CreateHostedZone"],
            "*",
            result("iam:CreateRole", "implicitDeny"),
            result("route53:CreateHostedZone"),
            region="us-east-1",
        ),
        simulation(USER, ["iam:CreateRole"], "arn:r", result("iam:CreateRole", "implicitDeny"), region="us-east-1"),
    )
    actions = {"a:A": "*", "iam:CreateRole": "arn:r", "route53:CreateHostedZone": "*"}
    assert simulate(iam, USER, "eu-west-1", actions) == (Denial("iam:CreateRole"),)


def test_many_actions_are_simulated_fifty_at_a_time(stub: Stub) -> None:
    names = [f"a:A{number:02}" for number in range(51)]
    iam = stub("iam", simulation(USER, names[:50], "*"), simulation(USER, names[50:], "*"))
    assert simulate(iam, USER, "eu-west-1", dict.fromkeys(names, "*")) == ()


SESSION = "arn:aws:sts::111122223333:assumed-role/Deploy/ann"
GET_ROLE = {"RoleName": "Deploy"}


@pytest.mark.parametrize(
    ("answer", "role"),
    [
        (
            {
                "Role": {
                    "Path": "/x/",
                    "RoleName": "Deploy",
                    "RoleId": "AROA1234567890123456",
                    "Arn": ROLE,
                    "CreateDate": "2026-01-01T00:00:00Z",
                }
            },
            ROLE,
        ),
        ("AccessDenied", "arn:aws:iam::111122223333:role/Deploy"),
    ],
)
def test_a_session_is_simulated_by_its_role_with_its_path_if_that_may_be_read(
    stub: Stub, answer: dict[str, Any] | str, role: str
) -> None:
    iam = stub("iam", ("get_role", GET_ROLE, answer), simulation(role, ["a:A"], "*", result("a:A")))
    assert denials(iam, SESSION, "eu-west-1", {"a:A": "*"}) == ()


def test_a_user_is_simulated_as_it_is(stub: Stub) -> None:
    iam = stub("iam", simulation(USER, ["a:A"], "*", result("a:A", "implicitDeny")))
    assert denials(iam, USER, "eu-west-1", {"a:A": "*"}) == (Denial("a:A"),)


@pytest.mark.parametrize(
    ("caller", "told"),
    [("arn:aws:iam::111122223333:root", ()), ("arn:aws:sts::111122223333:federated-user/ann", None)],
)
def test_root_may_do_all_and_a_federated_user_cannot_be_told(stub: Stub, caller: str, told: object) -> None:
    assert denials(stub("iam"), caller, "eu-west-1", {"a:A": "*"}) == told


def test_a_missing_service_role_is_an_answer(stub: Stub) -> None:
    iam = stub("iam", ("get_role", {"RoleName": "AWSServiceRoleForRDS"}, "NoSuchEntity"))
    assert read("iam:GetRole", lambda: rds_role(iam), (NO_ROLE,)) == Heard()


@pytest.mark.parametrize(
    "code", ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"]
)
def test_a_refusal_names_the_right_of_the_call_that_was_refused(stub: Stub, code: str) -> None:
    kms = stub("kms", ("list_keys", {}, code))
    heard = read("kms:DescribeKey, kms:ListKeys", kms.list_keys)
    assert heard == Heard(trouble="the right kms:ListKeys is missing")


def test_other_refusals_are_told_in_aws_own_words_in_one_line(stub: Stub) -> None:
    kms = stub("kms", ("list_keys", {}, "ThrottlingException"))
    trouble = read("kms:ListKeys", kms.list_keys).trouble
    assert trouble.startswith("kms:ListKeys was not answered: An error occurred (ThrottlingException)")

    def page() -> None:
        raise ClientError({"Error": {"Code": "500", "Message": "<html>\n" * 99}}, "ListKeys")

    long = read("kms:ListKeys", page).trouble
    assert "\n" not in long
    assert len(long) < 250


def test_silence_and_answers_that_are_none_are_told() -> None:
    def silent() -> None:
        raise EndpointConnectionError(endpoint_url="https://kms")

    def garbled() -> str:
        return {}["Keys"]

    assert "Could not connect" in read("kms:ListKeys", silent).trouble
    assert "Unable to read the response" in read("kms:ListKeys", garbled).trouble


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId"])
def test_credentials_that_run_out_end_the_look(stub: Stub, code: str) -> None:
    kms = stub("kms", ("list_keys", {}, code))
    with asker(1) as ask_all, pytest.raises(DrError, match="does not know who you are"):
        ask(ask_all, "kms:ListKeys", kms.list_keys).heard()


def test_no_credentials_end_the_look() -> None:
    def locked_out() -> None:
        raise NoCredentialsError

    with pytest.raises(DrError, match="does not know who you are"):
        read("kms:ListKeys", locked_out)


def test_an_answer_that_comes_too_late_is_told_with_its_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "READ_SECONDS", 0.05)
    never = threading.Event()
    try:
        with asker(1) as ask_all:
            assert ask(ask_all, "kms:ListKeys", never.wait).heard() == Heard(trouble="kms:ListKeys: no answer in time")
    finally:
        never.set()


def test_regions_are_told_with_whether_the_account_has_them(stub: Stub) -> None:
    told = [{"RegionName": "a", "OptInStatus": "not-opted-in"}, {"RegionName": "b"}]
    ec2 = stub("ec2", ("describe_regions", {"AllRegions": True}, {"Regions": told}))
    doors = Doors(lambda *_: ec2)
    assert regions(doors, "b") == Heard({"a": "not-opted-in", "b": "opt-in-not-required"})
    assert doors.at("ec2", "b") is doors.at("ec2", "b")
