"""Checks of what may stand already: stacks, buckets, zones; and of what the credentials may do."""

import pytest
from tests.unit.deploy.preflight.world import AWAY, CONTROL, HOME, REFUSED, Answers, findings, the_one, wrong

from dr_templates.aws.account.buckets import Bucket
from dr_templates.aws.account.dns import HostedZone
from dr_templates.aws.account.holdings import Holdings, Made, Stack
from dr_templates.aws.account.rights import Denial
from dr_templates.aws.asking import Heard
from dr_templates.deploy.preflight.finding import Verdict
from dr_templates.deploy.preflight.wanted import Wanted, wanted

BUCKET = "orders-prod-artifacts-111122223333-us-east-1"
STACK = "orders-prod-virginia-primary"
SERVICE_ROLE = "iam:CreateServiceLinkedRole"


def standing(status: str, reason: str = "") -> Answers:
    return {("stacks", HOME): Heard(Holdings((Stack(STACK, status, reason),)))}


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED", "DELETE_FAILED"])
def test_a_stack_that_no_update_starts_from_is_a_blocker_in_the_deployers_words(status: str, example: Wanted) -> None:
    found = wrong("stacks", example, standing(status, "quota exceeded"))
    the_one(found, Verdict.BLOCKER, "virginia", f"{STACK} is {status} (quota exceeded): ")


@pytest.mark.parametrize("status", ["CREATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "DELETE_IN_PROGRESS"])
def test_a_stack_at_which_something_goes_on_is_a_warning(status: str, example: Wanted) -> None:
    found = wrong("stacks", example, standing(status))
    one = the_one(found, Verdict.WARNING, "virginia", f"describe-stack-events --region {HOME} --stack-name {STACK}")
    assert one.what == f"{STACK} is {status}"


@pytest.mark.parametrize(
    "status", ["CREATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS", "CREATE_FAILED", "UPDATE_FAILED"]
)
def test_a_stack_that_a_deploy_goes_on_with_is_told(status: str, example: Wanted) -> None:
    assert wrong("stacks", example, standing(status)) == []
    told = [one.what for one in findings("stacks", example, standing(status))]
    assert told == [f"can be deployed to: {STACK}", "none is there yet", "none is there yet"]


@pytest.mark.parametrize(
    ("bucket", "verdict", "words"),
    [
        (Bucket(BUCKET, exists=True), Verdict.BLOCKER, "belongs to another account"),
        (Bucket(BUCKET, exists=True, region=AWAY), Verdict.BLOCKER, "belongs to another account"),
        (Bucket(BUCKET, exists=True, ours=True, readable=True, region=AWAY), Verdict.BLOCKER, f"lies in {AWAY}"),
        (Bucket(BUCKET, exists=True, ours=True, region=AWAY), Verdict.BLOCKER, f"lies in {AWAY}"),
        (Bucket(BUCKET, exists=True, ours=True, region=HOME), Verdict.WARNING, "refuses these credentials"),
    ],
)
def test_a_bucket_that_cannot_be_used(bucket: Bucket, verdict: Verdict, words: str, example: Wanted) -> None:
    the_one(wrong("bucket", example, {("bucket", HOME): Heard(bucket)}), verdict, "virginia", BUCKET, words)


def test_a_bucket_that_the_configuration_names_has_to_be_there(example: Wanted) -> None:
    assert wrong("bucket", example, {}) == []
    named = wanted(example.config.model_copy(update={"artifact_bucket": "mine-{region}"}))
    found = wrong("bucket", named, {})
    assert {one.verdict for one in found} == {Verdict.BLOCKER}
    assert any(f"mine-{HOME}, the artifact_bucket of the configuration, is not there" in one.what for one in found)


@pytest.mark.parametrize("region", [HOME, ""])
def test_a_bucket_of_ours_is_all_right_also_when_its_region_is_not_told(region: str, example: Wanted) -> None:
    ours = Bucket(BUCKET, exists=True, ours=True, readable=True, region=region)
    assert findings("bucket", example, {("bucket", HOME): Heard(ours)})[0].what == f"{BUCKET} is ours"


@pytest.mark.parametrize(
    ("denial", "verdict", "words"),
    [
        (Denial("rds:CreateDBInstance", explicit=True), Verdict.BLOCKER, "are denied rds:CreateDBInstance"),
        (Denial("rds:CreateDBInstance"), Verdict.BLOCKER, "no policy allows these credentials rds:CreateDBInstance"),
        (Denial("ec2:CreateVpc", explicit=True, unknown=("aws:x",)), Verdict.WARNING, "ec2:CreateVpc hangs on aws:x"),
        (Denial("ec2:CreateVpc", unknown=("aws:x", "aws:y")), Verdict.WARNING, "ec2:CreateVpc hangs on aws:x, aws:y"),
        (Denial("ec2:CreateVpc", organisation=True), Verdict.WARNING, "organisation's policies deny ec2:CreateVpc"),
        (Denial("a:A", True, ("k",), True), Verdict.WARNING, "the organisation's policies deny a:A"),
    ],
)
def test_a_right_that_is_missing(denial: Denial, verdict: Verdict, words: str, example: Wanted) -> None:
    the_one(wrong("rights", example, {("rights", AWAY): Heard((denial,))}), verdict, "ireland", words)


def test_each_kind_of_missing_right_has_a_line_with_all_of_its_actions(example: Wanted) -> None:
    denials = (Denial("a:A"), Denial("b:B"), Denial("c:C", explicit=True), Denial("d:D", unknown=("k",)))
    found = wrong("rights", example, {("rights", CONTROL): Heard(denials)})
    assert [one.verdict for one in found] == [Verdict.BLOCKER, Verdict.BLOCKER, Verdict.WARNING]
    assert found[1].what.endswith("a:A, b:B")


def test_who_cannot_be_simulated_is_a_warning(example: Wanted) -> None:
    the_one(wrong("rights", example, {("rights", HOME): Heard(None)}), Verdict.WARNING, "virginia", "federated user")


def test_the_right_to_make_the_service_role_counts_only_where_it_is_missing(example: Wanted) -> None:
    denied: Answers = {("rights", HOME): Heard((Denial(SERVICE_ROLE),))}
    missing: Answers = {("rds role", ""): Heard()}
    assert wrong("rights", example, denied) == wrong("service role", example, denied) == []
    command = "create-service-linked-role --aws-service-name rds.amazonaws.com"
    the_one(wrong("service role", example, missing), Verdict.WARNING, "account", command)
    found = wrong("service role", example, {**denied, **missing})
    the_one(found, Verdict.BLOCKER, "account", f"may not {SERVICE_ROLE}", command)


@pytest.mark.parametrize("rights", [Heard((Denial("rds:CreateDBInstance"),)), REFUSED, Heard(None)])
def test_a_missing_service_role_is_a_warning_while_nobody_knows_better(
    rights: Heard[tuple[Denial, ...]], example: Wanted
) -> None:
    answers: Answers = {("rds role", ""): Heard(), ("rights", HOME): rights}
    the_one(wrong("service role", example, answers), Verdict.WARNING, "account", "no service-linked role yet")


def test_whether_the_service_role_may_be_made_under_a_condition_is_not_known(example: Wanted) -> None:
    denied = Denial(SERVICE_ROLE, unknown=("iam:AWSServiceName",))
    answers: Answers = {("rds role", ""): Heard(), ("rights", HOME): Heard((denied,))}
    the_one(wrong("service role", example, answers), Verdict.WARNING, "account")


def zone(name: str) -> Answers:
    return {("hosted zones of", "virginia"): Heard((HostedZone("Z1", name, "vpc-1"),))}


def test_another_zone_of_our_name_at_our_vpc_is_a_blocker(example: Wanted) -> None:
    found = wrong("zone", example, zone("orders.internal"))
    words = (
        "vpc-1 already resolves orders.internal by zone Z1",
        "VPCRegion=us-east-1,VPCId=vpc-1",
        "--hosted-zone-id Z1",
    )
    the_one(found, Verdict.BLOCKER, "virginia", *words)


def test_our_own_zone_is_nothing_wrong(example: Wanted) -> None:
    held = Holdings(made=(Made("AWS::Route53::HostedZone", "Z1"),))
    assert wrong("zone", example, {**zone("orders.internal"), ("stacks", CONTROL): Heard(held)}) == []


def test_a_zone_of_our_name_is_a_warning_while_nobody_can_tell_whose_it_is(example: Wanted) -> None:
    found = wrong("zone", example, {**zone("orders.internal"), ("stacks", CONTROL): REFUSED})
    the_one(found, Verdict.WARNING, "virginia", "could not be read", "get-hosted-zone --id Z1")


@pytest.mark.parametrize("name", ["internal", "eu.orders.internal"])
def test_a_zone_above_or_below_ours_is_a_warning(name: str, example: Wanted) -> None:
    the_one(wrong("zone", example, zone(name)), Verdict.WARNING, "virginia", f"also resolves {name} by zone Z1")


@pytest.mark.parametrize("name", ["borders.internal", "orders.internal.example", "example.com"])
def test_a_zone_that_only_looks_alike_is_no_matter(name: str, example: Wanted) -> None:
    assert wrong("zone", example, zone(name)) == []
