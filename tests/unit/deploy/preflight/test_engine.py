from dataclasses import replace

import pytest
from tests.unit.deploy.preflight.world import AWAY, HOME, OFFER, REFUSED, Answers, findings, the_one, wrong

from dr_templates.aws.account.existing import Existing
from dr_templates.aws.account.holdings import Holdings, Made
from dr_templates.aws.account.offers import Zone
from dr_templates.aws.asking import Heard
from dr_templates.config import Config
from dr_templates.deploy.preflight.finding import Verdict
from dr_templates.deploy.preflight.needs import INSTANCE
from dr_templates.deploy.preflight.wanted import Wanted


@pytest.mark.parametrize(("status", "words"), [("deprecated", "deprecated"), (None, "unknown there")])
def test_a_version_that_rds_does_not_create_is_a_blocker(status: str | None, words: str, example: Wanted) -> None:
    found = wrong("version", example, {("version", AWAY): Heard(status)})
    the_one(found, Verdict.BLOCKER, "ireland", "15.19", AWAY, words, "database.engine_version")


@pytest.mark.parametrize(
    ("lacking", "words"),
    [
        ({"multi_az": False}, "without Multi-AZ"),
        ({"iam_login": False}, "IAM database authentication"),
        ({"performance_insights": False}, "Performance Insights"),
        ({"enhanced_monitoring": False}, "Enhanced Monitoring"),
        ({"autoscaling": False}, "storage autoscaling"),
        ({"encryption": False}, "encryption"),
        ({"replica": False}, "read replicas"),
        ({"smallest": 101}, "100 GiB (it begins with 101)"),
        ({"largest": 499}, "500 GiB (it ends with 499)"),
        ({"storage": "io1"}, "offered in us-east-1 with io1, not with gp3"),
    ],
)
def test_an_offer_without_what_the_templates_order_is_a_blocker(
    lacking: dict[str, object], words: str, example: Wanted
) -> None:
    spoilt = replace(OFFER, **lacking)  # type: ignore[arg-type]  # rows of several types
    found = wrong("class", example, {("offers", HOME): Heard((spoilt,))})
    the_one(found, Verdict.BLOCKER, "virginia", words, "database.instance_class")


@pytest.mark.parametrize("bounds", [{"smallest": 100}, {"largest": 500}, {"smallest": None, "largest": None}])
def test_an_offer_whose_bounds_fit_exactly_or_are_not_told_is_enough(
    bounds: dict[str, int | None], example: Wanted
) -> None:
    assert wrong("class", example, {("offers", HOME): Heard((replace(OFFER, **bounds),))}) == []  # type: ignore[arg-type]  # as above


def test_multi_az_is_not_asked_for_where_it_is_not_used(config: Config) -> None:
    single = Wanted(config.model_copy(update={"database": config.database.model_copy(update={"multi_az": False})}), ())
    one_zone = replace(OFFER, multi_az=False, zones=frozenset("a"))
    found = wrong("class", single, {("offers", HOME): Heard((one_zone,))})
    the_one(found, Verdict.WARNING, "virginia", "use1-az2, use1-az4")


def test_a_class_that_is_not_sold_at_all_is_a_blocker(example: Wanted) -> None:
    found = wrong("class", example, {("offers", AWAY): Heard(())})
    the_one(found, Verdict.BLOCKER, "ireland", "db.r6g.large with PostgreSQL 15.19 is not offered in eu-west-1")


def test_offers_with_other_storage_beside_gp3_do_not_count_against_it(example: Wanted) -> None:
    offers = (replace(OFFER, storage="io1", zones=frozenset(), multi_az=False), OFFER)
    assert wrong("class", example, {("offers", HOME): Heard(offers)}) == []


def test_one_offer_with_all_that_is_ordered_is_enough_and_its_zones_count(example: Wanted) -> None:
    lesser = replace(OFFER, multi_az=False, zones=frozenset("c"))
    assert wrong("class", example, {("offers", HOME): Heard((lesser, OFFER))}) == []
    found = wrong("class", example, {("offers", HOME): Heard((lesser, replace(OFFER, zones=frozenset("ab"))))})
    the_one(found, Verdict.WARNING, "virginia", "not sold in use1-az4")


SPOILT: dict[str, Answers] = {
    "version": {("version", HOME): Heard("deprecated")},
    "class": {("offers", HOME): Heard(())},
}
RUNS = Existing("orders-prod-virginia", "orders-prod-virginia", version="15.19", form="db.r6g.large")


def standing(one: Existing, made: str = "orders-prod-virginia") -> Answers:
    return {(INSTANCE, HOME): Heard((one,)), ("stacks", HOME): Heard(Holdings(made=(Made(INSTANCE, made),)))}


@pytest.mark.parametrize("check", SPOILT)
def test_what_stands_already_as_it_is_wanted_need_not_be_made(check: str, example: Wanted) -> None:
    found = wrong(check, example, {**SPOILT[check], **standing(RUNS)})
    the_one(found, Verdict.WARNING, "virginia", "orders-prod-virginia stands, and could not be made again", "database.")


@pytest.mark.parametrize(
    ("check", "answers"),
    [
        ("version", standing(replace(RUNS, version="15.18"))),
        ("class", standing(replace(RUNS, version="15.18"))),
        ("class", standing(replace(RUNS, form="db.r6g.xlarge"))),
        ("class", standing(RUNS, made="other")),
        ("version", {**standing(RUNS), ("stacks", HOME): REFUSED}),
        ("version", {**standing(RUNS), (INSTANCE, HOME): REFUSED}),
    ],
)
def test_what_a_deploy_would_make_or_change_has_to_be_sold(check: str, answers: Answers, example: Wanted) -> None:
    assert wrong(check, example, {**SPOILT[check], **answers})[0].verdict is Verdict.BLOCKER


def test_a_class_missing_in_one_zone_of_three_is_a_warning(example: Wanted) -> None:
    found = wrong("class", example, {("offers", HOME): Heard((replace(OFFER, zones=frozenset("ab")),))})
    the_one(found, Verdict.WARNING, "virginia", "not sold in use1-az4", "have the class: use1-az1, use1-az2")


def test_a_class_in_too_few_zones_for_multi_az_is_a_blocker(example: Wanted) -> None:
    found = wrong("class", example, {("offers", HOME): Heard((replace(OFFER, zones=frozenset("c")),))})
    one = the_one(found, Verdict.BLOCKER, "virginia", "1 of the zones chosen, and 2 are needed", "use1-az1, use1-az2")
    assert one.mend.endswith("have the class: use1-az4")


def test_zones_are_matched_by_the_names_that_the_account_has_for_their_ids(example: Wanted) -> None:
    swapped = (Zone("use1-az1", "f"), Zone("use1-az2", "b"), Zone("use1-az4", "c"), Zone("use1-az9", "a"))
    found = wrong("class", example, {("zones", HOME): Heard(swapped)})
    the_one(found, Verdict.WARNING, "virginia", "not sold in use1-az1", "use1-az2, use1-az4, use1-az9")


def test_a_class_whose_zones_cannot_be_told_is_a_warning(example: Wanted) -> None:
    the_one(wrong("class", example, {("zones", HOME): REFUSED}), Verdict.WARNING, "virginia", "x:Look")


def test_what_is_sold_is_told(example: Wanted) -> None:
    assert findings("class", example)[0].what == (
        "db.r6g.large with PostgreSQL 15.19 on gp3 is sold in use1-az1, use1-az2, use1-az4"
    )


@pytest.mark.parametrize(
    ("zones", "words"),
    [
        ((Zone("use1-az1", "a"), Zone("use1-az2", "b")), ("use1-az4", "two or three of: use1-az1, use1-az2")),
        (
            (Zone("use1-az1", "a"), Zone("use1-az2", "b"), Zone("use1-az4", "c", usable=False)),
            ("use1-az4", "two or three of: use1-az1, use1-az2"),
        ),
        ((Zone("use1-az1", "a"),), ("can use: 1, and RDS needs 2", "another region")),
        ((), ("can use: 0, and RDS needs 2", "another region")),
    ],
)
def test_zones_that_the_account_cannot_use_are_a_blocker(
    zones: tuple[Zone, ...], words: tuple[str, ...], example: Wanted
) -> None:
    the_one(wrong("zones", example, {("zones", HOME): Heard(zones)}), Verdict.BLOCKER, "virginia", *words)
