"""How values are written for CloudFormation, where every parameter is a string, and what a place tells its stacks."""

from typing import Final

from dr_templates.topology import Site, Topology

MIB: Final = 1024**2
GIB: Final = 1024**3


def true_false(value: bool) -> str:
    """Write a flag that goes straight into a resource's property."""
    return "true" if value else "false"


def yes_no(value: bool) -> str:
    """Write a flag that a template's condition reads."""
    return "yes" if value else "no"


def of_site(site: Site, peer: Site) -> dict[str, str]:
    """Give what the stacks of a site know of the place and of the other one; the third zone may be empty."""
    zones = (*site.zones, "")[:3]
    return {
        "SiteName": site.name,
        "VpcCidr": str(site.cidr),
        "PeerSiteName": peer.name,
        "PeerRegion": peer.region,
        "PeerVpcCidr": str(peer.cidr),
        **{f"AvailabilityZone{letter}": zone for letter, zone in zip("ABC", zones, strict=True)},
    }


def of_control(topology: Topology) -> dict[str, str]:
    """Give what the control stack knows of both sites."""
    return {
        f"{role}{name}": value
        for role, site in (("Home", topology.home), ("Standby", topology.standby))
        for name, value in (("SiteName", site.name), ("Region", site.region))
    }
