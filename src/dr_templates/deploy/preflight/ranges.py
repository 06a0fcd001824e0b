"""Whether the address ranges of the sites are free: a range that is there twice can never be routed to."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network

from dr_templates.aws.account.look import Seen
from dr_templates.aws.account.networks import Network
from dr_templates.deploy.preflight.finding import Finding, blocker, ok, unread, warning
from dr_templates.deploy.preflight.wanted import Wanted

CHECK = "ranges"
LOOKS = {"networks": "describe-vpcs", "peerings": "describe-vpc-peering-connections"}


def ranges(wanted: Wanted, seen: Seen) -> Iterator[Finding]:
    """Find ranges that overlap: of the two sites, of other VPCs in their regions, of what those are peered with.

    The VPC of a site is the one with its Name tag. Only what is peered with it stands in the way of peering the sites;
    another VPC of that range merely cannot be peered with it, ever.
    """
    home, standby = wanted.topology.home, wanted.topology.standby
    if home.cidr.overlaps(standby.cidr):
        what = f"{home.cidr} and {standby.cidr} of {standby.name} overlap"
        yield blocker(CHECK, home.name, what, "Give the sites ranges apart: sites.<name>.cidr")
    for site, region in wanted.sites.items():
        unheard = [
            unread(CHECK, site, heard, f"aws ec2 {verb} --region {region}")
            for what, verb in LOOKS.items()
            if (heard := seen.at(what, region)).told is None
        ]
        free = ok(CHECK, site, f"{wanted.topology.site(site).cidr} is free in {region}")
        yield from unheard or [*_of_site(wanted, site, seen)] or [free]


def _of_site(wanted: Wanted, site: str, seen: Seen) -> Iterator[Finding]:
    """Find what overlaps at one site, whose region has answered."""
    networks, peerings = (seen.at(what, wanted.sites[site]).told or () for what in LOOKS)
    ours = {one.id for one in networks if one.name == f"{wanted.environment}-{site}"}
    peered = [end for peering in peerings if ours & {end.id for end in peering.ends} for end in peering.ends]
    beyond = [end for end in peered if end.id not in ours]
    yield from _peers(wanted, site, beyond, seen)
    everything = {one.id: one for one in (*networks, *(end for peering in peerings for end in peering.ends))}
    known = ours | {one.id for one in beyond}
    yield from _others(wanted, site, [one for one in everything.values() if one.id not in known])


def _peers(wanted: Wanted, site: str, beyond: Iterable[Network], seen: Seen) -> Iterator[Finding]:
    """Find what our VPC is peered with in the other site's range: a route there would have two ends."""
    peer = wanted.topology.peer(site)
    theirs = seen.at("networks", peer.region).told
    sites_own = {one.id for one in theirs or () if one.name == f"{wanted.environment}-{peer.name}"}
    found = blocker if wanted.config.network.peering else warning
    for network in beyond:
        if theirs is not None and network.id not in sites_own and _overlaps(network, peer.cidr):
            what = f"our VPC is peered with {network.id}, whose {_text(network)} overlaps {peer.cidr} of {peer.name}"
            yield found(CHECK, site, what, f"End that peering, or give {peer.name} another range.")


def _others(wanted: Wanted, site: str, others: Iterable[Network]) -> Iterator[Finding]:
    """Find VPCs that are not ours, here or behind a peering of this region, with the site's own range."""
    cidr = wanted.topology.site(site).cidr
    for network in others:
        if _overlaps(network, cidr):
            what = f"{network.id} has {_text(network)}, which overlaps {cidr}: the two can never be peered"
            yield warning(CHECK, site, what, f"If clients live there, give the site another range: sites.{site}.cidr")


def _overlaps(network: Network, cidr: IPv4Network) -> bool:
    return any(one.overlaps(cidr) for one in network.ranges)


def _text(network: Network) -> str:
    return ", ".join(map(str, network.ranges))
