"""What the functions of the failover are told through their environment.

Each reader takes no more than it needs, so that a function is given no variable that it does not read. All of them
raise ``KeyError`` for one that is missing and ``ValueError`` for one that is not what it should be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network

from dr_templates.aws.names import Names
from dr_templates.failover.model import Mode, Policy
from dr_templates.topology import Site, Topology

NOWHERE = IPv4Network("0.0.0.0/32")


@dataclass(frozen=True)
class Upkeep:
    """How a new primary is kept, as its template says: retention of backups, when they are taken, password changes.

    ``backup_window`` is RDS's ``hh:mm-hh:mm`` in UTC, empty for RDS's own choice; ``rotation_days`` is 0 for never.
    """

    backup_days: int
    backup_window: str
    rotation_days: int


def names(environ: Mapping[str, str]) -> Names:
    """Read what everything is called, and where it is.

    NAME, SUFFIX, ACCOUNT, HOME_SITE, HOME_REGION, STANDBY_SITE, STANDBY_REGION, CONTROL_REGION. Address ranges and
    zones of the sites stay empty: a function that moves databases has no use for them.
    """
    home, standby = (
        Site(environ[f"{role}_SITE"], environ[f"{role}_REGION"], NOWHERE, ()) for role in ("HOME", "STANDBY")
    )
    topology = Topology(home, standby, environ["CONTROL_REGION"])
    return Names(environ["NAME"], environ["SUFFIX"], environ["ACCOUNT"], topology)


def policy(environ: Mapping[str, str]) -> Policy:
    """Read what the environment allows: MODE, BACKUP_DAYS, and by name PATIENCE, LEASE, MARGIN, … in ``_SECONDS``."""
    return Policy(
        mode=Mode(environ["MODE"]),
        patience=float(environ["PATIENCE_SECONDS"]),
        lease=lease(environ),
        margin=float(environ["MARGIN_SECONDS"]),
        drain=float(environ["DRAIN_SECONDS"]),
        rpo=float(environ["RPO_SECONDS"]),
        cooldown=float(environ["COOLDOWN_SECONDS"]),
        backup_days=int(environ["BACKUP_DAYS"]),
    )


def upkeep(environ: Mapping[str, str]) -> Upkeep:
    """Read how a new primary is kept: BACKUP_DAYS, BACKUP_WINDOW, ROTATION_DAYS."""
    return Upkeep(int(environ["BACKUP_DAYS"]), environ["BACKUP_WINDOW"], int(environ["ROTATION_DAYS"]))


def lease(environ: Mapping[str, str]) -> float:
    """Read within how many seconds a site that reaches nobody fences itself: LEASE_SECONDS."""
    return float(environ["LEASE_SECONDS"])


def site(environ: Mapping[str, str]) -> str:
    """Read at which site a function runs: SITE."""
    return environ["SITE"]
