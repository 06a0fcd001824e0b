"""The shape of the configuration file. The JSON Schema that editors show comes from these models."""

from typing import Annotated

from pydantic import ConfigDict, Field

from dr_templates.config import kinds
from dr_templates.config.database import Database, Protection, Secrets
from dr_templates.config.operation import Alarms, Failover
from dr_templates.config.sections import Dns, Logs, Network, Section
from dr_templates.config.values import OF_CONTROL, OF_CONTROL_ALONE, of_control, of_site
from dr_templates.failover.model import Policy
from dr_templates.topology import CONTROL, Site, Topology


class SiteSection(Section):
    """One fixed place with a database."""

    region: kinds.Region = Field(description="AWS region of the site; the two sites are in different regions.")
    cidr: kinds.Cidr = Field(
        description="Address range of the VPC: private, /16 to /20, apart from the other site's (10.20.0.0/16)."
    )
    zones: Annotated[tuple[kinds.ZoneId, ...], Field(strict=False)] = Field(
        min_length=2,
        max_length=3,
        json_schema_extra=kinds.allowed("two or three zone ids of the region, such as use1-az1"),
        description="Two or three zone ids of the region, such as use1-az1: ids mean the same zone in every account, "
        "names such as us-east-1a do not.",
    )


class Control(Section):
    """Where the decision lives."""

    region: kinds.Region = Field(
        description="A third region by preference; it may be the standby's, never the home site's."
    )


class Config(Section):
    """One environment: two sites, the control region and everything the stacks are told.

    ``load`` alone gives one that has also passed the checks between its sections.
    """

    model_config = ConfigDict(title="dr-templates environment")

    name: kinds.Name = Field(
        description="What the database serves: 1 to 16 of a-z, 0-9 and single hyphens, starting with a letter. "
        "First word of every physical name."
    )
    suffix: kinds.Suffix = Field(
        description="Tells environments apart within an account: 1 to 10 of a-z and 0-9. Part of every physical name."
    )
    account: kinds.Account = Field(description="AWS account: 12 digits, in quotes.")
    sites: dict[kinds.SiteName, SiteSection] = Field(
        min_length=2,
        max_length=2,
        json_schema_extra=kinds.allowed("exactly two sites by name"),
        description="Exactly two sites by name: 1 to 10 of a-z and 0-9, starting with a letter.",
    )
    home: kinds.SiteName = Field(description="Name of the site that is primary when nothing has happened.")
    control: Control = Field(description="Where the decision lives.")
    artifact_bucket: kinds.Bucket | None = Field(
        default=None,
        description="Bucket with templates and Lambda archives, one a region, so {region} must stand in the name. "
        "Left out: <name>-<suffix>-artifacts-<account>-<region>.",
    )
    network: Network = Field(default=Network(), description="What the VPCs offer.")
    database: Database = Field(default=Database(), description="The database, alike at both sites.")
    secrets: Secrets = Field(default=Secrets(), description="The master password.")
    logs: Logs = Field(default=Logs(), description="Log groups.")
    dns: Dns = Field(description="The name clients use.")
    failover: Failover = Field(default=Failover(), description="What the failover may do by itself.")
    alarms: Alarms = Field(default=Alarms(), description="When to wake whom.")
    protection: Protection = Field(default=Protection(), description="What becomes of data when a stack goes.")

    @property
    def topology(self) -> Topology:
        """Give the places, home first."""
        sites = {name: Site(name, section.region, section.cidr, section.zones) for name, section in self.sites.items()}
        home = sites.pop(self.home)
        (standby,) = sites.values()
        return Topology(home, standby, self.control.region)

    @property
    def policy(self) -> Policy:
        """Give what the failover is allowed here."""
        return self.failover.policy(self.database.backup_retention_days)

    def bucket(self, region: str) -> str:
        """Name the artifact bucket of a region: templates and archives must lie in the stack's own region (fact D9)."""
        if self.artifact_bucket is not None:
            return self.artifact_bucket.format(region=region)
        return f"{self.name}-{self.suffix}-artifacts-{self.account}-{region}"

    def values(self, place: str) -> dict[str, str]:
        """Give every CloudFormation parameter value known before anything is deployed, by parameter name.

        ``place`` is a site's name or ``control``. Raises ``KeyError`` for any other name.
        """
        topology = self.topology
        common = {"Name": self.name, "EnvironmentSuffix": self.suffix, **self.dns.values()}
        common["ArtifactBucket"] = self.bucket(topology.region(place))
        sections = {
            **self.network.values(),
            **self.database.values(),
            **self.secrets.values(),
            **self.logs.values(),
            **self.failover.values(),
            **self.alarms.values(),
            **self.protection.values(),
        }
        if place == CONTROL:
            return {**common, **of_control(topology), **{name: sections[name] for name in OF_CONTROL}}
        at_site = {name: value for name, value in sections.items() if name not in OF_CONTROL_ALONE}
        return {**common, **of_site(topology, place), **at_site}
