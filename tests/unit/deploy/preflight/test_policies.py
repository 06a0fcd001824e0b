"""A key's standing policy against the templates': what is lost, narrowed or denied, and how it is put right."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.deploy.preflight.world import CONTROL, HOME

from dr_templates.deploy.preflight.policies import SUFFERS, Fault, Policy, administered, faults, mended
from dr_templates.deploy.preflight.wanted import Wanted

ACCOUNT = "111122223333"
ARN = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k-1"
LOGS = "logs.us-east-1.amazonaws.com"
EVERYBODY = {"AWS": "*"}
SPARING = {"StringNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/Deploy"}}


def policy_of(example: Wanted, title: str, region: str = HOME) -> dict[str, Any]:
    (key,) = [one for one in example.at(region, "AWS::KMS::Key") if one.title == title]
    told: dict[str, Any] = copy.deepcopy(key.properties["KeyPolicy"])
    return told


@pytest.fixture
def log(example: Wanted) -> dict[str, Any]:
    return policy_of(example, "LogKey")


@pytest.fixture
def database(example: Wanted) -> dict[str, Any]:
    return policy_of(example, "DatabaseKey")


def found(template: Policy, standing: Policy) -> list[Fault]:
    return list(faults(template, standing, ACCOUNT, ARN))


def the_fault(template: Policy, standing: Policy) -> Fault:
    (one,) = found(template, standing)
    return one


def with_(policy: Policy, *more: dict[str, Any]) -> dict[str, Any]:
    return {**policy, "Statement": [*policy["Statement"], *more]}


def without(policy: Policy, sid: str) -> dict[str, Any]:
    return {**policy, "Statement": [one for one in policy["Statement"] if one.get("Sid") != sid]}


def changed(policy: Policy, sid: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - as many forms as IAM has
    return {
        **policy,
        "Statement": [{**one, **more} if one.get("Sid") == sid else one for one in policy["Statement"]],
    }


def deny(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    return {"Sid": "No", "Effect": "Deny", "Principal": EVERYBODY, "Action": "kms:*", "Resource": "*", **more}


def test_every_policy_of_the_templates_is_what_it_gives_and_can_be_given(example: Wanted) -> None:
    keys = example.at(HOME, "AWS::KMS::Key") + example.at(CONTROL, "AWS::KMS::Key")
    policies = [one.properties["KeyPolicy"] for one in keys]
    assert len(policies) == 7
    assert "Fn::" not in str(policies)
    assert "Ref" not in str(policies)
    assert [found(each, each) for each in policies] == [[]] * 7
    assert [administered(each, ACCOUNT) for each in policies] == [True] * 7
    assert {one["Sid"] for each in policies for one in each["Statement"]} == set(SUFFERS)
    assert {one["Effect"] for each in policies for one in each["Statement"]} == {"Allow"}


def another_order(policy: Policy) -> dict[str, Any]:
    statements = [{**one, "Action": one["Action"][::-1]} for one in policy["Statement"][::-1]]
    return {**policy, "Statement": statements}


def account_by_number(policy: Policy) -> dict[str, Any]:
    return changed(policy, "AdministeredByTheAccount", Principal={"AWS": ACCOUNT})


def more_than_ours(policy: Policy) -> dict[str, Any]:
    whole = {"Sid": "X", "Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"}
    return with_(without(policy, "AdministeredByTheAccount"), whole)


def in_two(policy: Policy) -> dict[str, Any]:
    """Split by the regions that the service is called in."""
    through = next(one for one in policy["Statement"] if one["Sid"] == "UsedThroughTheService")
    services = through["Condition"]["StringEquals"]["kms:ViaService"]
    halves = [
        {**through, "Sid": f"Half{at}", "Condition": {"StringEquals": {"kms:ViaService": service}}}
        for at, service in enumerate(services)
    ]
    return with_(without(policy, "UsedThroughTheService"), *halves)


@pytest.mark.parametrize("written", [another_order, account_by_number, more_than_ours, in_two])
def test_the_same_in_other_words_is_nothing_wrong(
    written: Callable[[Policy], dict[str, Any]], database: dict[str, Any]
) -> None:
    assert written(database) != database
    assert found(database, written(database)) == []


def test_a_service_that_is_gone_stops_what_it_does(log: dict[str, Any]) -> None:
    fault = the_fault(log, without(log, "UsedByOurLogGroups"))
    assert (fault.statement, fault.who, fault.stops) == ("UsedByOurLogGroups", (LOGS,), True)
    assert {"kms:Decrypt", "kms:Encrypt"} < set(fault.actions)


def test_only_the_actions_that_are_gone_are_told(log: dict[str, Any]) -> None:
    less = [one for one in log["Statement"][1]["Action"] if one != "kms:Encrypt"]
    assert the_fault(log, changed(log, "UsedByOurLogGroups", Action=less)).actions == ("kms:Encrypt",)


def test_an_account_without_administration_can_change_nothing_any_more(database: dict[str, Any]) -> None:
    standing = without(database, "AdministeredByTheAccount")
    fault = the_fault(database, standing)
    assert (fault.who, fault.stops, "kms:PutKeyPolicy" in fault.actions) == (("the account",), True, True)
    assert administered(standing, ACCOUNT) is False


def test_administration_that_no_deploy_needs_may_be_gone(database: dict[str, Any]) -> None:
    less = [one for one in database["Statement"][0]["Action"] if one != "kms:ScheduleKeyDeletion"]
    fault = the_fault(database, changed(database, "AdministeredByTheAccount", Action=less))
    assert (fault.actions, fault.sure, fault.stops) == (("kms:ScheduleKeyDeletion",), True, False)


def test_administration_by_one_role_alone_may_do(database: dict[str, Any]) -> None:
    role = {"AWS": f"arn:aws:iam::{ACCOUNT}:role/Admin"}
    standing = changed(database, "AdministeredByTheAccount", Principal=role)
    fault = the_fault(database, standing)
    assert (fault.sure, fault.stops) == (False, False)
    assert administered(standing, ACCOUNT) is None


def test_use_from_the_other_sites_region_is_told_by_itself(database: dict[str, Any]) -> None:
    here = {"StringEquals": {"kms:ViaService": ["rds.us-east-1.amazonaws.com"]}}
    fault = the_fault(database, changed(database, "UsedThroughTheService", Condition=here))
    assert (fault.who, fault.stops) == (("the account through rds.eu-west-1.amazonaws.com",), True)


def test_a_condition_more_may_do(log: dict[str, Any]) -> None:
    more = {**log["Statement"][1]["Condition"], "StringEquals": {"aws:SourceAccount": ACCOUNT}}
    fault = the_fault(log, changed(log, "UsedByOurLogGroups", Condition=more))
    assert (fault.who, fault.sure, fault.stops, fault.denied) == ((LOGS,), False, False, False)


@pytest.mark.parametrize(
    ("more", "whose"),
    [
        ({}, {"the account", LOGS}),
        ({"Principal": {"AWS": ACCOUNT}}, {"the account"}),
        ({"Principal": {"Service": LOGS}}, {LOGS}),
        ({"Action": "kms:Encrypt"}, {LOGS}),
        ({"Action": "kms:PutKeyPolicy"}, {"the account"}),
        ({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}, {"the account", LOGS}),
    ],
)
def test_a_deny_that_certainly_hits_what_is_ours_stops_it(
    more: dict[str, Any], whose: set[str], log: dict[str, Any]
) -> None:
    told = found(log, with_(log, deny(**more)))
    assert {who for one in told for who in one.who} == whose
    assert all(one.denied and one.stops and one.statement == "No" for one in told)


@pytest.mark.parametrize(
    "more",
    [
        {"Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {"Condition": {"Bool": {"kms:BypassPolicyLockoutSafetyCheck": "true"}}, "Action": "kms:PutKeyPolicy"},
        {"Principal": {"AWS": "arn:aws:iam::999999999999:root"}},
        {"Action": "kms:GenerateMac"},
        {"Condition": {"StringNotEquals": {"kms:CallerAccount": ACCOUNT}}, "Principal": {"AWS": ACCOUNT}},
    ],
)
def test_a_deny_that_hits_others_is_nothing_wrong(more: dict[str, Any], log: dict[str, Any]) -> None:
    assert found(log, with_(log, deny(**more))) == []


@pytest.mark.parametrize(
    "more",
    [
        {"Condition": SPARING},
        {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/Intern"}},
        {"Action": "kms:ScheduleKeyDeletion"},
    ],
)
def test_a_deny_that_may_hit_what_is_ours_is_told(more: dict[str, Any], log: dict[str, Any]) -> None:
    told = found(log, with_(log, deny(**more)))
    assert told
    assert not any(one.stops for one in told)


def test_a_deny_without_a_name_is_told_by_its_actions(log: dict[str, Any]) -> None:
    nameless = {key: value for key, value in deny(Action="kms:Encrypt").items() if key != "Sid"}
    assert the_fault(log, with_(log, nameless)).statement == "the statement on kms:Encrypt"


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (deny(Action="kms:PutKeyPolicy"), False),
        (deny(Action="kms:PutKeyPolicy", Condition=SPARING), None),
        (deny(Action="kms:Encrypt"), True),
    ],
)
def test_a_policy_that_locks_its_giver_out_is_known(
    statement: dict[str, Any], told: bool | None, log: dict[str, Any]
) -> None:
    assert administered(with_(log, statement), ACCOUNT) is told


def test_what_is_put_right_is_whole_again_and_keeps_what_others_have_added(database: dict[str, Any]) -> None:
    theirs = {"Effect": "Allow", "Principal": {"AWS": "999999999999"}, "Action": "kms:Decrypt", "Resource": "*"}
    spare = deny(Sid="MayDeny", Condition=SPARING)
    nameless = {key: value for key, value in deny().items() if key != "Sid"}
    broken = with_(without(database, "AdministeredByTheAccount"), theirs, spare, nameless)
    broken = changed(broken, "UsedThroughTheService", Action=["kms:Decrypt"])
    whole = mended(database, broken, faults(database, broken, ACCOUNT, ARN))
    assert [one.source for one in found(database, whole)] == [spare] * len(found(database, whole))
    assert theirs in whole["Statement"]
    assert nameless not in whole["Statement"]
    names = [one["Sid"] for one in whole["Statement"] if "Sid" in one]
    assert sorted(names) == ["AdministeredByTheAccount", "MayDeny", "UsedThroughTheService"]


def test_a_policy_of_one_statement_can_be_put_right(database: dict[str, Any]) -> None:
    only = {"Version": "2008-10-17", "Id": "x", "Statement": database["Statement"][0]}
    whole = mended(database, only, faults(database, only, ACCOUNT, ARN))
    assert found(database, whole) == []
    assert (whole["Version"], whole["Id"]) == ("2008-10-17", "x")
