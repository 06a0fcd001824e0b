"""What an environment is going to make, counted and named from the templates themselves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from dr_templates.conditions import Values, kept, text
from dr_templates.config import Config
from dr_templates.deploy import roots
from dr_templates.deploy.blueprint import NAMED
from dr_templates.tiers.root import ROOTS, Member, everything
from dr_templates.topology import Topology

STACK: Final = "AWS::CloudFormation::Stack"


@dataclass(frozen=True)
class Resource:
    """One resource that a stack of a place makes, mostly in the place's own region. A nested stack is one as well.

    ``name`` is empty where AWS finds one, ``title`` is what its template calls it. In ``properties`` an intrinsic
    function stands only where its value is not known before the deploy.
    """

    place: str
    region: str
    type: str
    name: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""


@dataclass(frozen=True)
class Wanted:
    """An environment as it is configured, and every resource that it is made of."""

    config: Config
    resources: tuple[Resource, ...]

    @property
    def topology(self) -> Topology:
        """Give the places."""
        return self.config.topology

    @property
    def environment(self) -> str:
        """Name the environment: the first two words of every physical name."""
        return f"{self.config.name}-{self.config.suffix}"

    @property
    def sites(self) -> Mapping[str, str]:
        """Give the region of each site, by its name."""
        return {site.name: site.region for site in (self.topology.home, self.topology.standby)}

    def label(self, region: str) -> str:
        """Name the places in a region: control may share the standby's."""
        return ", ".join(place for place in self.topology.places if self.topology.region(place) == region)

    def at(self, region: str, *types: str) -> tuple[Resource, ...]:
        """Give what is made in a region, of these types or of every type."""
        return tuple(one for one in self.resources if one.region == region and (not types or one.type in types))

    def stacks(self, region: str) -> tuple[str, ...]:
        """Name the root stacks of a region."""
        return tuple(one.name for one in self.at(region, STACK) if one.name)


def wanted(config: Config) -> Wanted:
    """Read from the templates what this configuration makes of them."""
    return Wanted(config, tuple(_resources(config)))


def _resources(config: Config) -> Iterator[Resource]:
    built = {name: template.to_dict() for name, template in everything().items()}
    for root in roots.every(config.topology):
        region = config.topology.region(root.place)
        yield Resource(root.place, region, STACK, roots.stack_name(config, root))
        values = {**config.values(root.place), "AWS::Region": region, "AWS::AccountId": config.account}
        for member in ROOTS[root.template].members:
            if member.when is None or values.get(member.when) == "yes":
                yield Resource(root.place, region, STACK)
                yield from _of_tier(built[member.tier], values, member, root.place)


def _of_tier(template: Mapping[str, Any], known: Values, member: Member, place: str) -> Iterator[Resource]:
    defaults = {name: str(told["Default"]) for name, told in template["Parameters"].items() if "Default" in told}
    values = {**defaults, **known, **member.fixed, "AWS::Partition": "aws"}
    conditions = template.get("Conditions", {})
    for title, body in template["Resources"].items():
        if not kept(body, conditions, values):
            continue
        kind, properties = body["Type"], _filled(body.get("Properties", {}), values)
        name = text(properties.get(NAMED[kind]), values) or "" if kind in NAMED else ""
        yield Resource(place, values["AWS::Region"], kind, name, properties, title)
        for replica in properties.get("ReplicaRegions", ()):
            yield Resource(place, text(replica["Region"], values) or "", kind, name)


def _filled(value: Any, values: Values) -> Any:  # noqa: ANN401 - any part of a template
    """Put in the values that are known."""
    match value:
        case dict():
            known = text(value, values)
            return {key: _filled(part, values) for key, part in value.items()} if known is None else known
        case list():
            return [_filled(part, values) for part in value]
        case _:
            return value
