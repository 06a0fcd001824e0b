"""Whose account it is, and which of its regions are switched on."""

from collections.abc import Iterator, Mapping

from dr_templates.aws.asking import Heard
from dr_templates.config import Config
from dr_templates.deploy.preflight.finding import ACCOUNT, Finding, blocker, ok, unread
from dr_templates.deploy.preflight.wanted import Wanted

CHECK, REGION = "account", "region"
ENABLED = ("opt-in-not-required", "opted-in")
_ACCOUNT_PART = 4


def number(arn: str) -> str:
    """Give the account of an ARN."""
    return arn.split(":")[_ACCOUNT_PART]


def account(config: Config, caller: str) -> Finding:
    """Compare the account of the credentials, known by the caller's ARN, with the configuration's."""
    given = number(caller)
    if given == config.account:
        return ok(CHECK, ACCOUNT, f"{caller} is of the configured account")
    return blocker(
        CHECK,
        ACCOUNT,
        f"the credentials are of account {given}, the configuration says {config.account}; nothing else was looked at",
        f"Use credentials of {config.account} (AWS_PROFILE), or correct `account` in the configuration.",
    )


def regions(wanted: Wanted, heard: Heard[Mapping[str, str]]) -> Iterator[Finding]:
    """Find regions that AWS does not offer to this account until it asks for them."""
    for region in wanted.topology.regions:
        place = wanted.label(region)
        if heard.told is None:
            yield unread(REGION, place, heard, f"aws account get-region-opt-status --region-name {region}")
            continue
        status = heard.told.get(region, "unknown")
        if status in ENABLED:
            yield ok(REGION, place, f"{region} is enabled")
        else:
            yield blocker(
                REGION,
                place,
                f"{region} is not enabled in this account ({status}); nothing in it was looked at",
                f"Enable it, which takes minutes to hours: aws account enable-region --region-name {region}",
            )


def usable(regions: tuple[str, ...], heard: Heard[Mapping[str, str]]) -> tuple[str, ...]:
    """Give the regions that can be asked: all of them where nobody knows."""
    told = heard.told
    return regions if told is None else tuple(region for region in regions if told.get(region) in ENABLED)
