"""The keys of an environment that stands: their state, and their policies beside the templates'."""

import json
import shlex
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.deploy.preflight.world import AWAY, CONTROL, HOME, REFUSED, Answers, findings, the_one, wrong

from dr_templates.aws.account.holdings import Holdings, Made
from dr_templates.aws.account.keys import Key
from dr_templates.aws.asking import Heard
from dr_templates.deploy.preflight.finding import Verdict
from dr_templates.deploy.preflight.wanted import Wanted

DATABASE, LOG = "alias/orders-prod-virginia-database", "alias/orders-prod-virginia-log"
KEY = "AWS::KMS::Key"


def policy(example: Wanted, title: str) -> dict[str, Any]:
    (key,) = [one for one in example.at(HOME, KEY) if one.title == title]
    told: dict[str, Any] = key.properties["KeyPolicy"]
    return told


def standing(alias: str, policy: dict[str, Any], state: str = "Enabled", id_: str = "k-1") -> Answers:
    arn = f"arn:aws:kms:us-east-1:111122223333:key/{id_}"
    return {
        ("key", alias): Heard(Key(id_, arn, state, Heard(policy))),
        ("stacks", HOME): Heard(Holdings(made=(Made(KEY, id_),))),
    }


def without(policy: dict[str, Any], sid: str) -> dict[str, Any]:
    return {**policy, "Statement": [one for one in policy["Statement"] if one["Sid"] != sid]}


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("Disabled", "Enable it: aws kms enable-key --region us-east-1 --key-id k-1"),
        ("PendingDeletion", "cancel-key-deletion --region us-east-1 --key-id k-1, then aws kms enable-key"),
        ("Unavailable", "describe-key --region us-east-1 --key-id k-1"),
    ],
)
def test_a_key_that_cannot_be_used_is_a_blocker(state: str, words: str, example: Wanted) -> None:
    found = wrong("keys", example, standing(DATABASE, policy(example, "DatabaseKey"), state))
    the_one(found, Verdict.BLOCKER, "virginia", DATABASE, state, words)


def test_keys_that_can_be_used_are_counted(example: Wanted) -> None:
    found = findings("keys", example, standing(DATABASE, policy(example, "DatabaseKey")))
    told = ["1 keys can be used, as our templates have it", "none is there yet", "none is there yet"]
    assert [one.what for one in found] == told


def test_a_key_that_may_not_be_looked_at_hides_no_other(example: Wanted) -> None:
    answers = {**standing(LOG, policy(example, "LogKey"), "Disabled"), ("key", DATABASE): REFUSED}
    found = wrong("keys", example, answers)
    assert [one.verdict for one in found] == [Verdict.WARNING, Verdict.BLOCKER]
    assert "the right x:Look is missing" in found[0].what


def test_one_line_tells_of_all_that_may_not_be_looked_at(example: Wanted) -> None:
    aliases = [one.name for one in example.at(AWAY, "AWS::KMS::Alias")]
    found = wrong("keys", example, {("key", alias): REFUSED for alias in aliases})
    the_one(found, Verdict.WARNING, "ireland", "x:Look", f"describe-key --region {AWAY} --key-id {aliases[0]}")


def test_a_policy_that_may_not_be_read_is_a_warning_that_names_the_right(example: Wanted) -> None:
    key = Key("k-1", policy=Heard(trouble="the right kms:GetKeyPolicy is missing"))
    found = wrong("keys", example, {("key", DATABASE): Heard(key), ("key", LOG): Heard(key)})
    words = ("the right kms:GetKeyPolicy is missing", f"aws kms get-key-policy --region {HOME}")
    the_one(found, Verdict.WARNING, "virginia", *words)


def test_log_groups_that_lose_their_key_are_a_blocker_with_the_policy_to_put(example: Wanted) -> None:
    whole = policy(example, "LogKey")
    found = wrong("keys", example, standing(LOG, without(whole, "UsedByOurLogGroups")))
    words = (
        f"the policy of {LOG} no longer lets logs.us-east-1.amazonaws.com do kms:Decrypt, ",
        "as UsedByOurLogGroups did: log groups can be neither made with it nor written",
    )
    one = the_one(found, Verdict.BLOCKER, "virginia", *words)
    command = shlex.split(one.mend.removeprefix("Put it right: "))
    assert command[:-1] == [
        *("aws", "kms", "put-key-policy", "--region", HOME, "--key-id", "k-1"),
        *("--policy-name", "default", "--policy"),
    ]
    assert json.loads(command[-1]) == whole
    assert wrong("keys", example, standing(LOG, json.loads(command[-1]))) == []


def test_a_key_that_the_account_can_no_longer_administer_is_a_blocker_for_others_to_mend(example: Wanted) -> None:
    standing_policy = without(policy(example, "DatabaseKey"), "AdministeredByTheAccount")
    found = wrong("keys", example, standing(DATABASE, standing_policy))
    words = ("no longer lets the account do kms:CancelKeyDeletion", "kms:PutKeyPolicy", "no deploy can change the key")
    one = the_one(found, Verdict.BLOCKER, "virginia", *words)
    assert one.mend.startswith(
        "Only whom the policy still names, or AWS Support, can put it right: aws kms put-key-policy"
    )


def test_a_policy_that_names_the_key_itself_is_no_lock_out(example: Wanted) -> None:
    whole = policy(example, "LogKey")
    arn = "arn:aws:kms:us-east-1:111122223333:key/k-1"
    named = {**whole, "Statement": [{**whole["Statement"][0], "Resource": arn}]}
    (found,) = wrong("keys", example, standing(LOG, named))
    assert found.mend.startswith("Put it right: ")


def test_a_condition_more_is_a_warning_with_the_policy_to_put(example: Wanted) -> None:
    whole = policy(example, "LogKey")
    first, logs = whole["Statement"]
    more = {**logs["Condition"], "StringEquals": {"aws:SourceOrgID": "o-1"}}
    found = wrong("keys", example, standing(LOG, {**whole, "Statement": [first, {**logs, "Condition": more}]}))
    the_one(
        found, Verdict.WARNING, "virginia", "only under more conditions than UsedByOurLogGroups has", "put-key-policy"
    )


@pytest.mark.parametrize(
    ("more", "verdict", "words"),
    [
        (
            {},
            Verdict.BLOCKER,
            (
                "denies logs.us-east-1.amazonaws.com kms:Encrypt, by NoUse",
                "If that deny may go: aws kms put-key-policy",
            ),
        ),
        (
            {"Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}},
            Verdict.WARNING,
            ("may deny logs.us-east-1.amazonaws.com kms:Encrypt, by NoUse", "See that it spares", "get-key-policy"),
        ),
    ],
)
def test_a_deny_of_what_ours_do_is_told(
    more: dict[str, Any], verdict: Verdict, words: tuple[str, ...], example: Wanted
) -> None:
    whole = policy(example, "LogKey")
    deny = {"Sid": "NoUse", "Effect": "Deny", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*", **more}
    found = wrong("keys", example, standing(LOG, {**whole, "Statement": [*whole["Statement"], deny]}))
    the_one(found, verdict, "virginia", *words)


def test_a_key_of_others_behind_our_alias_is_for_the_names_to_tell(example: Wanted) -> None:
    empty: dict[str, Any] = {"Statement": []}
    answers = {**standing(DATABASE, empty), ("stacks", HOME): Heard(Holdings(made=(Made(KEY, "k-2"),)))}
    assert wrong("keys", example, answers) == []
    assert wrong("keys", example, {**answers, ("stacks", HOME): REFUSED}) != []


def with_policy(wanted: Wanted, principal: object) -> Wanted:
    """Give an environment whose templates let somebody else administer the keys of control."""
    allow = {"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*"}
    mine = {"KeyPolicy": {"Statement": [allow]}}
    spoilt = (one.region == CONTROL and one.type == KEY for one in wanted.resources)
    resources = [
        replace(one, properties=mine) if bad else one for one, bad in zip(wanted.resources, spoilt, strict=True)
    ]
    return replace(wanted, resources=tuple(resources))


@pytest.mark.parametrize(
    ("principal", "verdict", "words"),
    [
        ({"AWS": "arn:aws:iam::999999999999:root"}, Verdict.BLOCKER, "lets account 111122223333 never change it again"),
        ({"AWS": "arn:aws:iam::111122223333:role/Admin"}, Verdict.WARNING, "could not be told"),
    ],
)
def test_a_policy_to_come_that_locks_its_giver_out_is_found_before(
    principal: object, verdict: Verdict, words: str, example: Wanted
) -> None:
    found = wrong("keys", with_policy(example, principal), {})
    assert [(one.verdict, one.place) for one in found] == [(verdict, "control")] * 2
    assert all(words in one.what and "kms:PutKeyPolicy" in one.mend for one in found)
