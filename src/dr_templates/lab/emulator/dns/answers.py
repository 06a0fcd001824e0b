"""What is answered to a question, given the zones that are seen, the hosts of databases and who is healthy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from dr_templates.lab.emulator.dns.choose import Healthy, Record, choose

DATABASES = ".rds.amazonaws.com"
HOST_TTL = 5
"""Seconds an address of a database may be kept, as on RDS."""
LONGEST = 8
"""Names that are followed, one to the next, before it is taken for a ring."""


@dataclass(frozen=True)
class Zone:
    """A hosted zone: its id, its name without the last dot, its records; a private one is seen from some regions."""

    identifier: str
    name: str
    records: tuple[Record, ...]
    regions: frozenset[str] = frozenset()
    private: bool = True


@dataclass(frozen=True)
class World:
    """All there is to be found: zones, and the addresses of databases by their endpoints."""

    zones: tuple[Zone, ...]
    hosts: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """The code of a reply (NOERROR, NXDOMAIN, REFUSED, SERVFAIL), its records, and the SOA when there are none."""

    code: str
    records: tuple[Record, ...] = ()
    authority: tuple[Record, ...] = ()


def seen(world: World, region: str | None) -> World:
    """Leave what clients of a region find: public zones, and private ones of a VPC there; None stands for all."""
    zones = tuple(zone for zone in world.zones if region is None or not zone.private or region in zone.regions)
    return World(zones, world.hosts)


def answer(world: World, name: str, kind: str, healthy: Healthy, random: Random) -> Answer:
    """Answer a question for a name and a type; a CNAME is followed as far as the world goes.

    What lies outside of it is REFUSED. Records that are routed by something the lab does not know are a SERVFAIL.
    """
    found: tuple[Record, ...] = ()
    for _ in range(LONGEST):
        step = _step(world, name, kind, healthy, random)
        found += step.records
        if step.code == "REFUSED" and found:
            return Answer("NOERROR", found)  # an alias of something that others know
        if kind == "CNAME" or not step.records or step.records[0].kind != "CNAME":
            return Answer(step.code, found, step.authority)
        name = plain(step.records[0].values[0])
    return Answer("SERVFAIL")


def plain(name: str) -> str:
    """Write a name as names are compared here: in small letters, without the last dot."""
    return name.lower().rstrip(".")


def _step(world: World, name: str, kind: str, healthy: Healthy, random: Random) -> Answer:
    zone = _zone(world.zones, name)
    if zone is not None:
        return _in_zone(zone, name, kind, healthy, random)
    if not name.endswith(DATABASES):
        return Answer("REFUSED")
    host = world.hosts.get(name)
    if host is None:
        return Answer("NXDOMAIN")
    return Answer("NOERROR", (Record(name, "A", HOST_TTL, (host,)),) if kind in ("A", "ANY") else ())


def _zone(zones: Sequence[Zone], name: str) -> Zone | None:
    """Find the zone a name belongs to: the longest one, and the private one of two."""
    fit = [zone for zone in zones if name == zone.name or name.endswith(f".{zone.name}")]
    return max(fit, key=lambda zone: (len(zone.name), zone.private), default=None)


def _in_zone(zone: Zone, name: str, kind: str, healthy: Healthy, random: Random) -> Answer:
    authority = tuple(record for record in zone.records if record.kind == "SOA")
    here = [record for record in zone.records if record.name == name]
    fit = [record for record in here if record.kind == kind] or [one for one in here if one.kind == "CNAME"]
    if fit:
        if any(record.unknown for record in fit):
            return Answer("SERVFAIL")
        return Answer("NOERROR", (choose(fit, healthy, random),))
    there = here or any(record.name.endswith(f".{name}") for record in zone.records)
    return Answer("NOERROR" if there else "NXDOMAIN", authority=authority)
