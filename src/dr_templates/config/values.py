"""How values are written for CloudFormation, where every parameter is a string, and what a place tells its stacks."""

from typing import Final

from dr_templates.topology import Topology

MIB: Final = 1024**2
GIB: Final = 1024**3
MINUTE: Final = 60

OF_CONTROL_ALONE: Final = (
    "FailoverMode",
    "PatienceSeconds",
    "MarginSeconds",
    "DrainSeconds",
    "RpoSeconds",
    "CooldownSeconds",
    "LockAgeAlarmSeconds",
    "DrillAlarmDays",
)
"""What the sections say and no stack of a site asks for."""
OF_CONTROL: Final = (
    *OF_CONTROL_ALONE,
    "LeaseSeconds",
    "DatabaseName",
    "BackupRetentionDays",
    "BackupWindow",
    "RotationDays",
    "LogRetentionDays",
    "AlarmEmail",
    "DeletionProtection",
    "DataDeletionPolicy",
    "KeyDeletionWindowDays",
)
"""What the sections say and the control stack asks for; the rest is the sites'."""


def true_false(value: bool) -> str:
    """Write a flag that goes straight into a resource's property."""
    return "true" if value else "false"


def yes_no(value: bool) -> str:
    """Write a flag that a template's condition reads."""
    return "yes" if value else "no"


def of_site(topology: Topology, name: str) -> dict[str, str]:
    """Give what the stacks of a site know of the three places; the third zone may be empty.

    Raises ``KeyError`` when there is no site of that name.
    """
    site, peer = topology.site(name), topology.peer(name)
    zones = (*site.zones, "")[:3]
    return {
        "SiteName": site.name,
        "VpcCidr": str(site.cidr),
        "PeerSiteName": peer.name,
        "PeerRegion": peer.region,
        "PeerVpcCidr": str(peer.cidr),
        "ControlRegion": topology.control_region,
        **{f"AvailabilityZone{letter}": zone for letter, zone in zip("ABC", zones, strict=True)},
    }


def of_control(topology: Topology) -> dict[str, str]:
    """Give what the control stack knows of both sites."""
    return {
        f"{role}{name}": value
        for role, site in (("Home", topology.home), ("Standby", topology.standby))
        for name, value in (("SiteName", site.name), ("Region", site.region))
    }
