"""Looking at an account: all questions about all regions side by side, and what came of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from dr_templates.aws.account import buckets, dns, existing, holdings, keys, networks, offers, quotas, rights
from dr_templates.aws.account.reading import Asked, Doors, ask, read
from dr_templates.aws.asking import Asker, Heard, asker

AT_ONCE = 16
NO_ROLE = "NoSuchEntity"
HOSTED_ZONES: dns.Counted = "MAX_HOSTED_ZONES_BY_OWNER"
HEALTH_CHECKS: dns.Counted = "MAX_HEALTH_CHECKS_BY_OWNER"


@dataclass(frozen=True)
class Wish:
    """What an environment wants of an account, as far as it must be known to ask.

    ``regions`` are those in use and enabled; what is about a place goes by the place's name, and the rest by region.
    ``vpcs`` names the VPC of each site, ``actions`` tells for each action the ARN of what it would act on.
    """

    environment: str
    account: str
    caller: str
    version: str
    instance_class: str
    regions: tuple[str, ...]
    sites: Mapping[str, str]
    stacks: Mapping[str, tuple[str, ...]]
    buckets: Mapping[str, str]
    vpcs: Mapping[str, str]
    aliases: Mapping[str, tuple[str, ...]]
    actions: Mapping[str, Mapping[str, str]]


Key = tuple[str, str]


@dataclass(frozen=True)
class Seen:
    """What was heard: every answer by what was asked and where: a region, a site, an alias or nowhere in particular."""

    answers: Mapping[Key, Heard[Any]] = field(default_factory=dict)

    def at(self, what: str, where: str = "") -> Heard[Any]:
        """Give an answer; a question that was not asked has the trouble that its region is not there for us."""
        return self.answers.get((what, where), Heard(trouble="not asked, as the region is not enabled"))

    def quota(self, name: str, where: str = "") -> Heard[quotas.Quota]:
        """Give what was heard of a quota, of a region or of the account."""
        return self.at(quota(name), where)


def quota(name: str) -> str:
    """Name the question about a quota."""
    return f"quota of {name}"


def look(wish: Wish, doors: Doors, tell: Callable[[str], None]) -> Seen:
    """Ask everything, and ``tell`` how far it is. Raises ``DrError`` when AWS does not know the credentials."""
    with asker(AT_ONCE) as ask_all:
        asked = dict(_questions(wish, doors, ask_all))
        answers = {}
        for number, (key, question) in enumerate(asked.items(), start=1):
            answers[key] = question.heard()
            tell(f"asked AWS {number} of {len(asked)}: {' '.join(filter(None, key))}")
    told = {
        (quota(name), region): _of(answers[service, region], name)
        for service, names in (("rds", quotas.OF_RDS), ("lambda", quotas.OF_LAMBDA))
        for region in wish.regions
        for name in names
    }
    return Seen({**answers, **told})


def _of(heard: Heard[dict[str, quotas.Quota]], name: str) -> Heard[quotas.Quota]:
    if heard.told is None:
        return Heard(trouble=heard.trouble)
    return Heard(heard.told[name]) if name in heard.told else Heard(trouble=f"RDS tells no quota of {name}")


def _questions(wish: Wish, doors: Doors, asker: Asker) -> Iterator[tuple[Key, Asked]]:
    out = partial(ask, asker)
    here = next(iter(wish.regions))
    iam, route53 = doors.at("iam", here), doors.at("route53", here)
    yield ("rds role", ""), out("iam:GetRole", partial(rights.rds_role, iam), (NO_ROLE,))
    yield (quota("roles"), ""), out("iam:GetAccountSummary", partial(quotas.of_roles, iam))
    for name, counted in (("hosted zones", HOSTED_ZONES), ("health checks", HEALTH_CHECKS)):
        yield (quota(name), ""), out("route53:GetAccountLimit", partial(dns.limit, route53, counted))
    for region in wish.regions:
        yield from _of_region(wish, region, doors, out)
        may = partial(rights.denials, iam, wish.caller, region, wish.actions[region])
        yield ("rights", region), out("iam:SimulatePrincipalPolicy", may)
    for site, region in wish.sites.items():
        if region in wish.regions:
            zones = partial(dns.zones_of, doors.at("ec2", region), route53, wish.vpcs[site], region)
            yield ("hosted zones of", site), out("route53:ListHostedZonesByVPC, ec2:DescribeVpcs", zones)


def _of_region(wish: Wish, region: str, doors: Doors, out: Callable[..., Asked]) -> Iterator[tuple[Key, Asked]]:
    at = partial(_door, doors, region)
    if region in wish.sites.values():
        rds, ec2 = at("rds"), at("ec2")
        orderable = partial(offers.offers, rds, wish.version, wish.instance_class)
        status = partial(offers.version, rds, wish.version)
        yield ("version", region), out("rds:DescribeDBEngineVersions", status, offers.UNKNOWN)
        yield ("offers", region), out("rds:DescribeOrderableDBInstanceOptions", orderable, offers.UNKNOWN)
        yield ("zones", region), out("ec2:DescribeAvailabilityZones", partial(offers.zones, ec2))
        yield ("networks", region), out("ec2:DescribeVpcs", partial(networks.networks, ec2))
        yield ("peerings", region), out("ec2:DescribeVpcPeeringConnections", partial(networks.peerings, ec2))
    held = partial(holdings.holdings, at("cloudformation"), wish.stacks[region])
    yield ("stacks", region), out("cloudformation:DescribeStacks, cloudformation:ListStackResources", held)
    for alias in wish.aliases[region]:
        yield ("key", alias), out("kms:DescribeKey", partial(keys.key, at("kms"), alias), (keys.MISSING,))
    bucket = partial(buckets.bucket, at("s3"), wish.buckets[region], wish.account)
    yield ("bucket", region), out("s3:ListBucket, s3:ListAllMyBuckets", bucket)
    for kind, listing in existing.LISTINGS.items():
        call = partial(_listed, listing, at(listing.service), wish.environment)
        yield (kind, region), out(listing.right, call)
    for name, which in quotas.LISTED.items():
        limit = partial(quotas.listed, at("service-quotas"), at, which, wish.account)
        yield (quota(name), region), out(", ".join(filter(None, (quotas.RIGHTS, which.right))), limit)
    yield ("rds", region), out("rds:DescribeAccountAttributes", partial(quotas.of_rds, at("rds")))
    yield ("lambda", region), out("lambda:GetAccountSettings", partial(quotas.of_lambda, at("lambda")))


def _door(doors: Doors, region: str, service: str) -> Any:  # noqa: ANN401 - as ``Doors.at``
    return doors.at(service, region)


def _listed(listing: existing.Listing, client: Any, environment: str) -> tuple[existing.Existing, ...]:  # noqa: ANN401 - as above
    return tuple(listing.call(client, environment))


def regions(doors: Doors, region: str) -> Heard[Mapping[str, str]]:
    """Give for every region of AWS whether the account has it, asked in one that it has."""
    return read("ec2:DescribeRegions", lambda: _regions(doors.at("ec2", region)))


def _regions(ec2: Any) -> dict[str, str]:  # noqa: ANN401 - as above
    found = ec2.describe_regions(AllRegions=True)["Regions"]
    return {region["RegionName"]: region.get("OptInStatus", "opt-in-not-required") for region in found}
