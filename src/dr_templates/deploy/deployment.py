"""One environment, and what it takes to deploy it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dr_templates import artifact, render, wiring
from dr_templates.aws.bucket import Bucket
from dr_templates.aws.clients import Clients
from dr_templates.config import Config
from dr_templates.deploy import roots
from dr_templates.deploy.blueprint import Blueprints, blueprints
from dr_templates.deploy.package import Package, pack
from dr_templates.deploy.roots import Root
from dr_templates.topology import Topology

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

INTERVAL_SECONDS = 5.0
SLOWER, SLOWEST = 1.5, 4.0


@dataclass(frozen=True)
class Deployment:
    """The configuration, clients for AWS, and how to wait; ``interval`` is seconds between two looks."""

    config: Config
    clients: Clients
    pause: Callable[[float], None]
    interval: float = INTERVAL_SECONDS

    @property
    def topology(self) -> Topology:
        """Give the places."""
        return self.config.topology

    @property
    def environment(self) -> str:
        """Name the environment: what a person types to confirm."""
        return f"{self.config.name}-{self.config.suffix}"

    def region(self, one: Root) -> str:
        """Give the region of a root."""
        return self.topology.region(one.place)

    def stack(self, one: Root) -> str:
        """Name the stack of a root."""
        return roots.stack_name(self.config, one)

    def where(self, one: Root) -> str:
        """Say which stack that is, for errors."""
        return f"stack {self.stack(one)} in {self.region(one)}"

    def client(self, one: Root) -> CloudFormationClient:
        """Give the client for the stacks of a root's region."""
        return self.clients.cloudformation(self.region(one))

    def wait(self, idle: int = 0) -> None:
        """Let an interval pass; a longer one after ``idle`` looks that told nothing new: a database takes minutes."""
        self.pause(self.interval * min(SLOWEST, SLOWER**idle))

    def bucket(self, region: str) -> Bucket:
        """Give the artifact bucket of a region."""
        name = self.config.bucket(region)
        return Bucket(self.clients.s3(region), name, region, self.config.account, self.environment)


@dataclass(frozen=True)
class Source:
    """What the stacks are made from: templates, packages by region, and the keys of archives by parameter."""

    blueprints: Blueprints
    packages: Mapping[str, Package]
    keys: wiring.Values


def source(config: Config) -> Source:
    """Build the templates and archives of this project, and pack what each region needs."""
    archives = artifact.archives()
    texts = {name.removesuffix(".yaml"): text for name, text in render.texts().items()}
    keys = {archive.parameter: archive.key for archive in archives}
    return Source(blueprints(), packages(config, texts, archives), keys)


def packages(config: Config, texts: Mapping[str, str], archives: tuple[artifact.Archive, ...]) -> dict[str, Package]:
    """Pack what every region needs, by region."""
    topology = config.topology
    wanted: dict[str, list[str]] = {}
    for one in roots.every(topology):
        wanted.setdefault(topology.region(one.place), []).append(one.template)
    return {
        region: pack(texts, archives, region=region, bucket=config.bucket(region), roots=names)
        for region, names in wanted.items()
    }
