"""The root stacks of an environment: where each lives, what it is called, and what must stand before it."""

from __future__ import annotations

from dataclasses import dataclass

from dr_templates.config import Config
from dr_templates.deploy.blueprint import Blueprints
from dr_templates.topology import CONTROL, Topology


@dataclass(frozen=True)
class Root:
    """One root stack at one place: ``foundation`` at a site, for instance."""

    place: str
    template: str

    def __str__(self) -> str:
        """Name it as people do."""
        return self.place if self.place == self.template else f"{self.place} {self.template}"


def at(place: str, topology: Topology) -> tuple[str, ...]:
    """Name the root stacks of a place in the order of deployment (docs/design.md)."""
    if place == CONTROL:
        return ("control",)
    return ("foundation", "primary" if place == topology.home.name else "standby")


def stages(topology: Topology) -> tuple[tuple[Root, ...], ...]:
    """Give all roots in the order of deployment; those of one stage need nothing of each other."""
    home, standby = topology.home.name, topology.standby.name
    return (
        (Root(home, "foundation"), Root(standby, "foundation")),
        (Root(home, "primary"),),
        (Root(standby, "standby"),),
        (Root(CONTROL, "control"),),
    )


def every(topology: Topology) -> tuple[Root, ...]:
    """Give all roots in the order of deployment."""
    return tuple(one for stage in stages(topology) for one in stage)


def stack_name(config: Config, one: Root) -> str:
    """Name the stack of a root: ``orders-prod-virginia-primary``, ``orders-prod-control``."""
    words = (config.name, config.suffix, one.place)
    return "-".join(words if one.place == CONTROL else (*words, one.template))


def makers(topology: Topology, blueprints: Blueprints) -> dict[str, dict[str, str]]:
    """Tell for every place which root makes which output."""
    return {
        place: {output: name for name in at(place, topology) for output in blueprints.outputs(name)}
        for place in topology.places
    }
