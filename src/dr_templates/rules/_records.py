"""The Route 53 records of a template, whether they stand alone or in a group."""

from collections.abc import Iterator
from dataclasses import dataclass

from cfnlint.template import Template

from dr_templates.rules._intrinsics import UNKNOWN, referred, spell
from dr_templates.rules._values import Value, elements, present, resources

HEALTH_CHECK = "AWS::Route53::HealthCheck"
ZONE = "AWS::Route53::HostedZone"


@dataclass(frozen=True)
class Record:
    """One record, with the zones it can be in: its own, or its group's."""

    body: Value
    zones: tuple[Value, ...]

    @property
    def name(self) -> tuple[str, str, str] | None:
        """Zone, name and type, equal for all records that answer together; None when one of them cannot be read."""
        parts = (*(spell(zone.value) for zone in self.zones), *(_one(self.body, key) for key in ("Name", "Type")))
        if len(parts) != len(("zone", "name", "type")) or any(UNKNOWN in part for part in parts):
            return None
        zone, name, kind = parts
        return zone, name.lower().rstrip("."), kind


def records(cfn: Template) -> Iterator[Record]:
    """Give every record of the template."""
    for resource in resources(cfn, "AWS::Route53::RecordSet"):
        yield Record(resource.properties, _zones(resource.properties))
    for group in resources(cfn, "AWS::Route53::RecordSetGroup"):
        for body in elements(group.properties, "RecordSets"):
            yield Record(body, _zones(body) or _zones(group.properties))


def private_zones(cfn: Template) -> frozenset[str]:
    """Name the zones of the template that are private: those that list VPCs."""
    return frozenset(zone.name for zone in resources(cfn, ZONE) if any(True for _ in elements(zone.properties, "VPCs")))


def health_check(cfn: Template, value: Value) -> str | None:
    """Give the logical id of the template's health check a value refers to."""
    name = referred(value.value)
    return name if name in cfn.get_resources(HEALTH_CHECK) else None


def _zones(body: Value) -> tuple[Value, ...]:
    return tuple(zone for key in ("HostedZoneId", "HostedZoneName") for zone in present(body, key))


def _one(body: Value, key: str) -> str:
    found = [spell(value.value) for value in present(body, key)]
    return found[0] if len(found) == 1 else UNKNOWN
