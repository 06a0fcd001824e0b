"""Which DB instances of a template are replicas, of which region and of which instance their source is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cfnlint.template import Template

from dr_templates.rules._intrinsics import UNKNOWN, literal, referred, spell
from dr_templates.rules._values import Resource, Value, choices, possible, present, resources

INSTANCE = "AWS::RDS::DBInstance"
HERE = "${AWS::Region}"

_FIELD = r"((?:\$\{[^}]*\}|[^:$])*)"
_ARN = re.compile(rf"arn:{_FIELD}:(rds|kms):{_FIELD}:{_FIELD}:(.*)")


@dataclass(frozen=True)
class Replica:
    """A DB instance together with one of the sources it can have."""

    resource: Resource
    source: Value


def replicas(cfn: Template) -> Iterator[Replica]:
    """Give every instance that has a source, once for each source its conditions allow.

    An empty identifier is no source: the handler behind AWS::RDS::DBInstance takes it for none.
    """
    for resource in resources(cfn, INSTANCE):
        for source in present(resource.properties, "SourceDBInstanceIdentifier"):
            if source.value != "":
                yield Replica(resource, source)


def arn_region(value: object, service: str) -> str | None:
    """Give the region an ARN of the service names, spelled as ``Fn::Sub`` would, or None when this is no such ARN."""
    parts = _ARN.fullmatch(spell(value))
    return parts[3] if parts and parts[2] == service else None


def source_regions(cfn: Template, replica: Replica) -> Iterator[Value]:
    """Give the regions, spelled, in which a replica's source stands when that is another region than the stack's.

    ``SourceRegion`` says so outright; failing that a source ARN does (fact A1). A lone ``Ref`` may name either and says
    nothing.
    """
    for region in choices(replica.resource.properties, "SourceRegion"):
        if not possible(cfn, replica.source, region):
            continue
        told = arn_region(replica.source.value, "rds") if region.absent else spell(region.value)
        if told is not None and told not in {HERE, ""}:
            yield Value(told, region.path, {**replica.source.when, **region.when})


def sources_here(cfn: Template, replica: Replica) -> Iterator[Resource]:
    """Give the instances of the same template that a replica's source names."""
    for resource in resources(cfn, INSTANCE):
        if resource.name != replica.resource.name and _names(replica.source.value, resource):
            yield resource


def _names(source: object, resource: Resource) -> bool:
    if referred(source) == resource.name:
        return True
    spelling = spell(source)
    if arn_region(source, "rds") == HERE:
        spelling = spelling.rpartition(":db:")[2]
    identifiers = {spell(value.value) for value in present(resource.properties, "DBInstanceIdentifier")}
    return UNKNOWN not in spelling and spelling in {f"${{{resource.name}}}", *identifiers}


def managed_passwords(resource: Resource) -> Iterator[Value]:
    """Give the values that leave an instance's master password to RDS, SQL Server excepted (fact A38)."""
    engines = [literal(value.value) or "" for value in present(resource.properties, "Engine")]
    if any(engine.startswith("sqlserver") for engine in engines):
        return
    yield from (value for value in present(resource.properties, "ManageMasterUserPassword") if value.true)


def managed_sources(cfn: Template) -> Iterator[tuple[Resource, Value]]:
    """Give the instances that are a source in this template though RDS manages their password (fact A38)."""
    for replica in replicas(cfn):
        for resource in sources_here(cfn, replica):
            for password in managed_passwords(resource):
                if possible(cfn, replica.source, password):
                    yield resource, password
