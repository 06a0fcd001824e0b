"""An account that has everything an environment wants and nothing in its way, to spoil one answer at a time."""

from collections.abc import Iterable, Mapping
from typing import Any

from dr_templates.aws.account.buckets import Bucket
from dr_templates.aws.account.existing import LISTINGS
from dr_templates.aws.account.holdings import Holdings
from dr_templates.aws.account.look import Key, Seen, quota
from dr_templates.aws.account.offers import Offer, Zone
from dr_templates.aws.account.quotas import LISTED, OF_LAMBDA, OF_RDS, Quota
from dr_templates.aws.asking import Heard
from dr_templates.deploy.preflight import needs
from dr_templates.deploy.preflight.checks import CHECKS
from dr_templates.deploy.preflight.finding import Finding, Verdict
from dr_templates.deploy.preflight.keys import ALIAS
from dr_templates.deploy.preflight.wanted import Wanted

HOME, AWAY, CONTROL = "us-east-1", "eu-west-1", "eu-central-1"
OFFER = Offer(
    storage="gp3",
    zones=frozenset("abc"),
    multi_az=True,
    iam_login=True,
    performance_insights=True,
    enhanced_monitoring=True,
    autoscaling=True,
    encryption=True,
    replica=True,
    smallest=20,
    largest=65536,
)
"""In zones that the account calls a, b and c, in the order in which the configuration names their ids."""
REFUSED: Heard[Any] = Heard(trouble="the right x:Look is missing")
Answers = Mapping[Key, Heard[Any]]


def ready(wanted: Wanted) -> dict[Key, Heard[Any]]:
    answers: dict[Key, Any] = {("rds role", ""): True}
    for name in needs.OF_ACCOUNT:
        answers[quota(name), ""] = Quota(1000)
    for region in wanted.topology.regions:
        answers[("stacks", region)] = Holdings()
        answers |= {("key", one.name): None for one in wanted.at(region, ALIAS)}
        answers[("rights", region)] = ()
        answers[("bucket", region)] = Bucket(wanted.config.bucket(region), exists=False)
        answers |= {(kind, region): () for kind in LISTINGS}
        answers |= {(quota(name), region): Quota(9999) for name in (*LISTED, *OF_RDS, *OF_LAMBDA)}
    for site, region in wanted.sites.items():
        zones = zip(wanted.topology.site(site).zones, "abc", strict=True)
        answers[("version", region)] = "available"
        answers[("offers", region)] = (OFFER,)
        answers[("zones", region)] = tuple(Zone(id_, name) for id_, name in zones)
        answers[("networks", region)] = ()
        answers[("peerings", region)] = ()
        answers[("hosted zones of", site)] = ()
    return {key: Heard(told) for key, told in answers.items()}


def findings(check: str, wanted: Wanted, spoilt: Answers | None = None) -> list[Finding]:
    return list(CHECKS[check](wanted, Seen({**ready(wanted), **(spoilt or {})})))


def wrong(check: str, wanted: Wanted, spoilt: Answers) -> list[Finding]:
    return [one for one in findings(check, wanted, spoilt) if one.verdict is not Verdict.OK]


def the_one(found: Iterable[Finding], verdict: Verdict, place: str, *words: str) -> Finding:
    """Assert that this is all that was found, and that it says these words and how to mend it."""
    (one,) = found
    assert (one.verdict, one.place) == (verdict, place), one
    for word in words:
        assert word in f"{one.what} | {one.mend}", (word, one)
    assert one.mend
    return one
