"""Whether the private zone has the VPCs for itself: Route 53 lets a VPC have one zone of a name."""

from collections.abc import Iterator

from dr_templates.aws.account.dns import HostedZone
from dr_templates.aws.account.look import Seen
from dr_templates.deploy.preflight.finding import Finding, blocker, ok, unread, warning
from dr_templates.deploy.preflight.wanted import Wanted

CHECK = "zone"


def zones(wanted: Wanted, seen: Seen) -> Iterator[Finding]:
    """Find zones that a site's VPC already resolves and that have our name, or one above or below it."""
    ours = wanted.config.dns.zone
    heard = seen.at("stacks", wanted.topology.control_region)
    own = {one.id for one in heard.told.made} if heard.told is not None else set()
    for site, region in wanted.sites.items():
        answer = seen.at("hosted zones of", site)
        if answer.told is None:
            by_hand = f"aws route53 list-hosted-zones-by-vpc --vpc-region {region} --vpc-id VPC"
            yield unread(CHECK, site, answer, by_hand)
            continue
        others = [zone for zone in answer.told if zone.id not in own]
        found = [finding for zone in others for finding in _zone(zone, ours, site, region, sure=heard.told is not None)]
        yield from found or [ok(CHECK, site, f"no other zone of the VPC is, or overlaps, {ours}")]


def _zone(zone: HostedZone, ours: str, site: str, region: str, *, sure: bool) -> Iterator[Finding]:
    if zone.name == ours and sure:
        mend = (
            f"Take it off: aws route53 disassociate-vpc-from-hosted-zone --hosted-zone-id {zone.id} "
            f"--vpc VPCRegion={region},VPCId={zone.vpc}; or set another dns.zone"
        )
        yield blocker(CHECK, site, f"{zone.vpc} already resolves {ours} by zone {zone.id}, which is not ours", mend)
    elif zone.name == ours:
        what = f"{zone.vpc} already resolves {ours} by zone {zone.id}; whether that is ours could not be read"
        yield warning(CHECK, site, what, f"Look: aws route53 get-hosted-zone --id {zone.id}")
    elif ours.endswith(f".{zone.name}") or zone.name.endswith(f".{ours}"):
        what = f"{zone.vpc} also resolves {zone.name} by zone {zone.id}; of two that fit, the longer name answers"
        yield warning(CHECK, site, what, f"See that no client looks for a name in one that is in the other: {zone.id}")
