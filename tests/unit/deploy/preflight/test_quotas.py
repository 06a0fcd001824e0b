import pytest
from tests.unit.deploy.preflight.world import AWAY, CONTROL, HOME, REFUSED, Answers, findings, ready, the_one, wrong

from dr_templates.artifact import archives
from dr_templates.aws.account.existing import Existing
from dr_templates.aws.account.holdings import Holdings, Made, Stack
from dr_templates.aws.account.look import quota
from dr_templates.aws.account.quotas import AT_ONCE, MIB, Quota
from dr_templates.aws.asking import Heard
from dr_templates.deploy.preflight import needs
from dr_templates.deploy.preflight.finding import Verdict
from dr_templates.deploy.preflight.wanted import Wanted

AT_HOME = {
    "VPCs": 1,
    "security groups": 5,
    "gateway endpoints": 1,
    "interface endpoints of a VPC": 1,
    "subnets of a VPC": 6,
    "rules of a network ACL": 7,
    "rules of a security group": 4,
    "stacks": 10,
    "KMS keys": 5,
    "tables": 1,
    "DB instances": 1,
    "DB subnet groups": 1,
    "DB parameter groups": 1,
    "RDS event subscriptions": 1,
    "GiB of DB storage": 100,
    "functions at once": 6,
    "MiB of function code": 12,
    "rules of EventBridge": 2,
}


def short(name: str, limit: float, used: float = 0, region: str = HOME) -> Answers:
    return {(quota(name), region): Heard(Quota(limit, used))}


def test_needs_are_what_the_templates_make(example: Wanted) -> None:
    assert needs.of_region(example, HOME) == AT_HOME
    at_control = {"stacks": 5, "KMS keys": 2, "tables": 1, "functions at once": 3, "MiB of function code": 6}
    assert needs.of_region(example, CONTROL) == {**at_control, "rules of EventBridge": 2}
    roles = sum(one.type == "AWS::IAM::Role" for one in example.resources)
    assert needs.of_account(example) == {"roles": roles, "hosted zones": 1, "health checks": 2}


def test_peering_needs_rules_and_a_function_more(peered: Wanted) -> None:
    extra = {"rules of a network ACL": 9, "rules of a security group": 4, "stacks": 11}
    extra |= {"functions at once": 7, "MiB of function code": 14}
    assert needs.of_region(peered, HOME) == {**AT_HOME, **extra}


@pytest.mark.parametrize(("name", "need"), [(name, need) for name, need in AT_HOME.items() if name != AT_ONCE])
def test_a_quota_is_enough_to_the_last_one_and_one_less_is_a_blocker(name: str, need: int, example: Wanted) -> None:
    assert wrong("quotas", example, short(name, need + 3, 3)) == []
    words = (f"{name}: {need} needed, of which 0 are there; 4 of {need + 3} are in use", "ask for more", HOME)
    the_one(wrong("quotas", example, short(name, need + 3, 4)), Verdict.BLOCKER, "virginia", *words)


def test_no_archive_of_a_function_is_larger_than_it_counts_for() -> None:
    assert max(len(each.body) for each in archives()) <= needs.ARCHIVE_MIB * MIB


def test_functions_that_may_have_to_wait_for_each_other_are_a_warning(example: Wanted) -> None:
    found = wrong("quotas", example, short("functions at once", 5))
    the_one(found, Verdict.WARNING, "virginia", "6 functions may run at a time, and the account lets 5", "lambda")


@pytest.mark.parametrize(
    ("name", "need", "service"), [("hosted zones", 1, "route53"), ("health checks", 2, "route53"), ("roles", 29, "iam")]
)
def test_quotas_of_the_whole_account_are_counted_over_all_regions(
    name: str, need: int, service: str, example: Wanted
) -> None:
    need = needs.of_account(example)[name] if name == "roles" else need
    assert wrong("quotas", example, {(quota(name), ""): Heard(Quota(need))}) == []
    found = wrong("quotas", example, {(quota(name), ""): Heard(Quota(need - 1))})
    the_one(found, Verdict.BLOCKER, "account", f"{name}: {need} needed", service)


OURS = Holdings(
    stacks=(Stack("orders-prod-virginia-foundation", "CREATE_COMPLETE"),),
    made=(
        Made("AWS::EC2::VPC", "vpc-1"),
        Made("AWS::EC2::SecurityGroup", "sg-1"),
        Made("AWS::EC2::VPCEndpoint", "vpce-1"),
        Made("AWS::CloudFormation::Stack", "arn:nested"),
        Made("AWS::KMS::Key", "k-1"),
        Made("AWS::DynamoDB::Table", "t"),
        Made("AWS::RDS::DBInstance", "orders-prod-virginia"),
        Made("AWS::RDS::DBSubnetGroup", "x"),
        Made("AWS::Lambda::Function", "f"),
        Made("AWS::IAM::Role", "r"),
    ),
)


@pytest.mark.parametrize(
    ("name", "limit", "used"),
    [
        ("VPCs", 5, 5),
        ("security groups", 10, 7),
        ("gateway endpoints", 1, 1),
        ("stacks", 10, 2),
        ("KMS keys", 10, 6),
        ("tables", 1, 1),
        ("DB instances", 1, 1),
        ("GiB of DB storage", 130, 70),
        ("MiB of function code", 76800, 76790),
    ],
)
def test_what_our_stacks_have_already_made_counts_for_them(name: str, limit: int, used: int, example: Wanted) -> None:
    database = Existing("orders-prod-virginia", "orders-prod-virginia", size=40)
    strange = Existing("x", "x", size=999)
    answers: Answers = {("stacks", HOME): Heard(OURS), (needs.INSTANCE, HOME): Heard((database, strange))}
    assert wrong("quotas", example, {**answers, **short(name, limit, used)}) == []
    the_one(wrong("quotas", example, {**answers, **short(name, limit, used + 1)}), Verdict.BLOCKER, "virginia", name)


def test_functions_of_ours_that_are_there_run_at_the_same_time_too(example: Wanted) -> None:
    found = wrong("quotas", example, {("stacks", HOME): Heard(OURS), **short("functions at once", 5)})
    the_one(found, Verdict.WARNING, "virginia", "6 functions may run at a time")


@pytest.mark.parametrize(
    ("name", "region", "command"),
    [
        ("VPCs", HOME, "get-aws-default-service-quota --service-code vpc --quota-code L-F678F1CE --region us-east-1"),
        ("DB instances", AWAY, "list-service-quotas --service-code rds --region eu-west-1"),
        ("hosted zones", "", "list-service-quotas --service-code route53 --region us-east-1"),
    ],
)
def test_the_mend_names_the_quota_as_aws_does(name: str, region: str, command: str, example: Wanted) -> None:
    (found,) = wrong("quotas", example, short(name, 0, region=region))
    assert found.mend == f"Free some, or ask for more: aws service-quotas {command}"


def test_what_stacks_of_all_regions_have_made_counts_for_the_account(example: Wanted) -> None:
    need = needs.of_account(example)["roles"]
    answers: Answers = {("stacks", AWAY): Heard(OURS), (quota("roles"), ""): Heard(Quota(need, 1))}
    assert wrong("quotas", example, answers) == []


def test_more_of_ours_than_is_needed_makes_no_room_for_others(example: Wanted) -> None:
    many = Holdings(made=tuple(Made("AWS::DynamoDB::Table", str(number)) for number in range(5)))
    found = wrong("quotas", example, {("stacks", HOME): Heard(many), **short("tables", 10, 11)})
    the_one(found, Verdict.BLOCKER, "virginia", "tables: 1 needed, of which 1 are there; 11 of 10 are in use")


def test_a_shortage_is_a_warning_while_nobody_can_tell_what_is_ours(example: Wanted) -> None:
    found = wrong("quotas", example, {("stacks", HOME): REFUSED, **short("VPCs", 5, 5)})
    the_one(found, Verdict.WARNING, "virginia", "VPCs", "which of them are ours could not be read")


def test_quotas_that_share_a_reason_share_a_line(example: Wanted) -> None:
    rds = {(quota(name), HOME): REFUSED for name in ("DB instances", "DB subnet groups")}
    other: Answers = {(quota("VPCs"), HOME): Heard(trouble="the right y:Look is missing")}
    found = wrong("quotas", example, {**rds, **other})
    assert [one.verdict for one in found] == [Verdict.WARNING, Verdict.WARNING]
    assert "VPCs 1? aws service-quotas" in found[0].mend
    assert (
        "DB instances 1, DB subnet groups 1? aws service-quotas list-service-quotas --service-code rds" in found[1].mend
    )


def test_the_scarcest_quota_is_told(example: Wanted) -> None:
    (home, *_) = findings("quotas", example, short("VPCs", 7, 4))
    assert home.what == "room in 18 of 18 quotas; scarcest: VPCs, 2 to spare"


def test_control_in_the_standbys_region_shares_its_quotas(example: Wanted) -> None:
    control = example.config.control.model_copy(update={"region": AWAY})
    config = example.config.model_copy(update={"control": control})
    moved = [one if one.region != CONTROL else type(one)(one.place, AWAY, one.type) for one in example.resources]
    shared = Wanted(config, tuple(moved))
    found = wrong("quotas", shared, short("tables", 1, 0, AWAY))
    the_one(found, Verdict.BLOCKER, "ireland, control", "tables: 2 needed")
    assert len(ready(shared)) < len(ready(example))
