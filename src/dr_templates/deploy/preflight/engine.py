"""Whether RDS sells at both sites what the templates order: version, class, storage, and in which zones."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from dr_templates.aws.account.existing import Existing
from dr_templates.aws.account.look import Seen
from dr_templates.aws.account.offers import Offer
from dr_templates.config.database import Database
from dr_templates.deploy.preflight.finding import Finding, Verdict, blocker, ok, unread, warning
from dr_templates.deploy.preflight.needs import INSTANCE
from dr_templates.deploy.preflight.wanted import Wanted

VERSION, CLASS = "version", "class"
STORAGE: Final = "gp3"
"""What every tier with a database asks for."""


def versions(wanted: Wanted, seen: Seen) -> Iterator[Finding]:
    """Find a version that RDS does not create at a site (any more)."""
    version = wanted.config.database.engine_version
    for site, region in wanted.sites.items():
        heard = seen.at("version", region)
        listing = f"aws rds describe-db-engine-versions --engine postgres --region {region}"
        if heard.trouble:
            yield unread(VERSION, site, heard, listing)
        elif heard.told == "available":
            yield ok(VERSION, site, f"PostgreSQL {version} can be created in {region}")
        else:
            status = heard.told or "unknown there"
            mend = f"Set database.engine_version to one that both regions list: {listing}"
            found = blocker(VERSION, site, f"PostgreSQL {version} cannot be created in {region}: {status}", mend)
            yield _unless_standing(found, _standing(site, wanted, seen), version)


def classes(wanted: Wanted, seen: Seen) -> Iterator[Finding]:
    """Find a class that is not sold at a site as the templates order it, or not in the zones chosen there."""
    for site, region in wanted.sites.items():
        heard = seen.at("offers", region)
        if heard.trouble:
            yield unread(CLASS, site, heard, _listing(wanted, region))
        else:
            found, standing = _sold(wanted, site, region, heard.told or (), seen), _standing(site, wanted, seen)
            same_class = standing is not None and standing.form == wanted.config.database.instance_class
            version = wanted.config.database.engine_version
            yield _unless_standing(found, standing if same_class else None, version)


def _standing(site: str, wanted: Wanted, seen: Seen) -> Existing | None:
    """Give the site's instance if our stacks have made it."""
    region = wanted.sites[site]
    held, there = seen.at("stacks", region).told, seen.at(INSTANCE, region).told
    ours = {one.id for one in held.made if one.type == INSTANCE} if held is not None else set()
    name = f"{wanted.environment}-{site}"
    return next((one for one in there or () if one.name == name and one.id in ours), None)


def _unless_standing(found: Finding, standing: Existing | None, version: str) -> Finding:
    """Soften a blocker where the instance stands as it is wanted: a deploy does not make it then."""
    if found.verdict is not Verdict.BLOCKER or standing is None or standing.version != version:
        return found
    what = f"{found.what}; {standing.name} stands, and could not be made again"
    return replace(found, verdict=Verdict.WARNING, what=what)


def _sold(wanted: Wanted, site: str, region: str, offers: tuple[Offer, ...], seen: Seen) -> Finding:
    database = wanted.config.database
    ordered = f"{database.instance_class} with PostgreSQL {database.engine_version}"
    mend = f"Set database.instance_class to one that both regions offer: {_listing(wanted, region)}"
    if not offers:
        return blocker(CLASS, site, f"{ordered} is not offered in {region}", mend)
    fitting = [offer for offer in offers if offer.storage == STORAGE]
    if not fitting:
        others = ", ".join(sorted({offer.storage for offer in offers}))
        return blocker(CLASS, site, f"{ordered} is offered in {region} with {others}, not with {STORAGE}", mend)
    lacking = [(_lacks(offer, database), offer) for offer in fitting]
    fewest = min((lacks for lacks, _ in lacking), key=len)
    if fewest:
        return blocker(CLASS, site, f"{ordered} is offered in {region} without {', '.join(fewest)}", mend)
    sold_in = frozenset().union(*(offer.zones for lacks, offer in lacking if not lacks))
    return _in_zones(wanted, site, sold_in, ordered, seen)


def _lacks(offer: Offer, database: Database) -> list[str]:
    """Name what the templates order and the offer lacks."""
    smallest, largest = offer.smallest or 0, offer.largest or database.max_allocated_storage_gib
    fits = {
        "Multi-AZ": offer.multi_az or not database.multi_az,
        "IAM database authentication": offer.iam_login,
        "Performance Insights": offer.performance_insights,
        "Enhanced Monitoring": offer.enhanced_monitoring,
        "storage autoscaling": offer.autoscaling,
        "encryption": offer.encryption,
        "read replicas": offer.replica,
        f"{database.allocated_storage_gib} GiB (it begins with {smallest})": database.allocated_storage_gib >= smallest,
        f"{database.max_allocated_storage_gib} GiB (it ends with {largest})": (
            database.max_allocated_storage_gib <= largest
        ),
    }
    return [what for what, there in fits.items() if not there]


def _in_zones(wanted: Wanted, site: str, sold_in: frozenset[str], ordered: str, seen: Seen) -> Finding:
    """Compare with the zones chosen: RDS names zones as the account does, the configuration by their ids."""
    region, chosen = wanted.sites[site], wanted.topology.site(site).zones
    heard = seen.at("zones", region)
    if heard.told is None:
        return unread(CLASS, site, heard, f"aws ec2 describe-availability-zones --region {region}")
    names = {zone.id: zone.name for zone in heard.told}
    there = [zone for zone in chosen if names.get(zone) in sold_in]
    missing = ", ".join(zone for zone in chosen if zone not in there)
    others = ", ".join(sorted(zone for zone, name in names.items() if name in sold_in)) or "none"
    mend = f"Choose zones of {region} that have the class: {others}"
    needed = 2 if wanted.config.database.multi_az else 1
    if len(there) < needed:
        what = f"{ordered} is sold in {len(there)} of the zones chosen, and {needed} are needed; not in {missing}"
        return blocker(CLASS, site, what, mend)
    if missing:
        what = f"{ordered} is not sold in {missing}, so RDS can use the other zones only"
        return warning(CLASS, site, what, mend)
    return ok(CLASS, site, f"{ordered} on {STORAGE} is sold in {', '.join(chosen)}")


def _listing(wanted: Wanted, region: str) -> str:
    version = wanted.config.database.engine_version
    return (
        "aws rds describe-orderable-db-instance-options --vpc --engine postgres "
        f"--engine-version {version} --region {region}"
    )
