from tests.unit.deploy.preflight.world import the_one

from dr_templates.aws.asking import Heard
from dr_templates.config import Config
from dr_templates.deploy.preflight.account import account, regions, usable
from dr_templates.deploy.preflight.finding import Verdict
from dr_templates.deploy.preflight.wanted import Wanted

ALL = {"us-east-1": "opt-in-not-required", "eu-west-1": "opted-in", "eu-central-1": "opt-in-not-required"}


def test_credentials_of_the_configured_account_are_right(config: Config) -> None:
    found = account(config, f"arn:aws:sts::{config.account}:assumed-role/Deploy/ann")
    assert (found.verdict, found.mend) == (Verdict.OK, "")


def test_credentials_of_another_account_stop_everything(config: Config) -> None:
    found = account(config, "arn:aws:iam::999999999999:user/ann")
    the_one([found], Verdict.BLOCKER, "account", "999999999999", config.account, "nothing else", "AWS_PROFILE")


def test_regions_that_are_on_pass_whether_they_were_switched_on_or_always_are(example: Wanted) -> None:
    assert [one.verdict for one in regions(example, Heard(ALL))] == [Verdict.OK] * 3


def test_a_region_that_is_off_is_a_blocker_with_the_command_that_enables_it(example: Wanted) -> None:
    found = [*regions(example, Heard({**ALL, "eu-west-1": "not-opted-in"}))]
    wrong = [one for one in found if one.verdict is not Verdict.OK]
    the_one(wrong, Verdict.BLOCKER, "ireland", "not-opted-in", "enable-region --region-name eu-west-1")


def test_a_region_that_aws_does_not_list_is_off(example: Wanted) -> None:
    found = regions(example, Heard({"us-east-1": "opted-in"}))
    assert [one.verdict for one in found] == [Verdict.OK, Verdict.BLOCKER, Verdict.BLOCKER]


def test_regions_that_nobody_tells_of_are_a_warning_and_are_asked_all_the_same(example: Wanted) -> None:
    refused: Heard[dict[str, str]] = Heard(trouble="the right ec2:DescribeRegions is missing")
    found = [*regions(example, refused)]
    assert {one.verdict for one in found} == {Verdict.WARNING}
    assert "ec2:DescribeRegions" in found[0].what
    assert usable(("a", "b"), refused) == ("a", "b")


def test_only_regions_that_are_on_are_asked() -> None:
    told = {"a": "opted-in", "b": "not-opted-in", "c": "opt-in-not-required"}
    assert usable(("a", "b", "c", "d"), Heard(told)) == ("a", "c")
