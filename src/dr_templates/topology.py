"""The fixed places of an environment, and what AWS offers in them: regions, zone ids, PostgreSQL versions."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from types import MappingProxyType
from typing import Final

CONTROL: Final = "control"
"""The place that is no site: where the decision lives. No site may bear this name."""

REGIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "af-south-1": "afs1",
        "ap-east-1": "ape1",
        "ap-east-2": "ape2",
        "ap-northeast-1": "apne1",
        "ap-northeast-2": "apne2",
        "ap-northeast-3": "apne3",
        "ap-south-1": "aps1",
        "ap-south-2": "aps2",
        "ap-southeast-1": "apse1",
        "ap-southeast-2": "apse2",
        "ap-southeast-3": "apse3",
        "ap-southeast-4": "apse4",
        "ap-southeast-5": "apse5",
        "ap-southeast-6": "apse6",
        "ap-southeast-7": "apse7",
        "ca-central-1": "cac1",
        "ca-west-1": "caw1",
        "eu-central-1": "euc1",
        "eu-central-2": "euc2",
        "eu-north-1": "eun1",
        "eu-south-1": "eus1",
        "eu-south-2": "eus2",
        "eu-west-1": "euw1",
        "eu-west-2": "euw2",
        "eu-west-3": "euw3",
        "il-central-1": "ilc1",
        "me-central-1": "mec1",
        "mx-central-1": "mxc1",
        "sa-east-1": "sae1",
        "us-east-1": "use1",
        "us-east-2": "use2",
        "us-west-1": "usw1",
        "us-west-2": "usw2",
    }
)
"""Commercial regions with RDS for PostgreSQL, each with the prefix of its zone ids (``use1`` in ``use1-az4``).

A zone id means the same place in every account; a zone name such as ``us-east-1a`` does not. me-south-1 is left out:
cfn-lint holds no resource schemas for it any more, so a template meant for it cannot be checked (see also fact F4).
"""

ENGINE_VERSIONS: Final[tuple[str, ...]] = tuple(
    f"{major}.{minor}"
    for major, minors in (
        (15, range(13, 20)),
        (16, range(9, 16)),
        (17, range(5, 12)),
        (18, (1, 2, 3, 4, 6)),
    )
    for minor in minors
)
"""PostgreSQL versions that RDS still creates (fact A47), without what cfn-lint calls deprecated."""


@dataclass(frozen=True)
class Site:
    """A fixed place with a database: roles move between sites, sites stay."""

    name: str
    region: str
    cidr: IPv4Network
    zones: tuple[str, ...]


@dataclass(frozen=True)
class Topology:
    """The two sites, the one that is primary when nothing has happened first, and where the decision lives."""

    home: Site
    standby: Site
    control_region: str

    @property
    def places(self) -> tuple[str, ...]:
        """Name everything a stack can live at: both sites, then control."""
        return (self.home.name, self.standby.name, CONTROL)

    @property
    def regions(self) -> tuple[str, ...]:
        """Name the regions in use, each once; control may share the standby's."""
        return tuple(dict.fromkeys((self.home.region, self.standby.region, self.control_region)))

    def site(self, name: str) -> Site:
        """Find a site by name. Raises ``KeyError`` when there is none of that name."""
        return {self.home.name: self.home, self.standby.name: self.standby}[name]

    def peer(self, name: str) -> Site:
        """Give the other site. Raises ``KeyError`` when no site is called ``name``."""
        return {self.home.name: self.standby, self.standby.name: self.home}[name]

    def region(self, place: str) -> str:
        """Give the region of a site or of control. Raises ``KeyError`` for any other name."""
        return self.control_region if place == CONTROL else self.site(place).region


def family(engine_version: str) -> str:
    """Name the parameter group family of a version: ``postgres15`` for ``15.19``."""
    return f"postgres{engine_version.partition('.')[0]}"
