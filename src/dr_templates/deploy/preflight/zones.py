"""Whether the zones chosen are there: an id that lints may be one that this account does not have."""

from collections.abc import Iterator

from dr_templates.aws.account.look import Seen
from dr_templates.deploy.preflight.finding import Finding, blocker, ok, unread
from dr_templates.deploy.preflight.wanted import Wanted

CHECK = "zones"
FEWEST = 2
"""A DB subnet group has to span two zones."""


def zones(wanted: Wanted, seen: Seen) -> Iterator[Finding]:
    """Find zones of the configuration that the account cannot use in the site's region."""
    for site, region in wanted.sites.items():
        heard = seen.at("zones", region)
        if heard.told is None:
            yield unread(CHECK, site, heard, f"aws ec2 describe-availability-zones --region {region}")
            continue
        chosen = wanted.topology.site(site).zones
        usable = {zone.id for zone in heard.told if zone.usable}
        missing = [zone for zone in chosen if zone not in usable]
        offered = ", ".join(sorted(usable)) or "none"
        if len(usable) < FEWEST:
            what = f"zones of {region} that this account can use: {len(usable)}, and RDS needs {FEWEST}"
            yield blocker(CHECK, site, what, "Choose another region for this site.")
        elif missing:
            what = f"no usable zone of this account in {region}: {', '.join(missing)}"
            yield blocker(CHECK, site, what, f"Set sites.{site}.zones to two or three of: {offered}")
        else:
            yield ok(CHECK, site, f"{', '.join(chosen)} are there")
