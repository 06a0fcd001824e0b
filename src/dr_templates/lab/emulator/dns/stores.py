"""What the emulator's services keep, read for the resolver: zones and records, checks and points, hosts of databases.

All of it is read anew for each question. It may be read on any thread: what ministack keeps is replaced or appended to.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import cloudwatch, route53

from dr_templates.lab.clock import Clock
from dr_templates.lab.emulator.dns import checks
from dr_templates.lab.emulator.dns.answers import World, Zone, plain
from dr_templates.lab.emulator.dns.choose import Record
from dr_templates.lab.emulator.dns.health import Point, Status, judge

GLOBAL = "us-east-1"
Key = tuple[str, str, str]
"""How ministack finds a metric: namespace, name, dimensions."""
WAYS = ("AliasTarget", "Region", "GeoLocation", "MultiValueAnswer", "CidrRoutingConfig")
"""What a record may be routed by on AWS that the lab does not know."""


@dataclass(frozen=True)
class Stores:
    """Where to read: the account, the file with the addresses of databases, the clock the points are dated by."""

    account: str
    hosts: Path
    clock: Clock

    def world(self) -> World:
        """Give all zones and all hosts."""
        with request_scope(self.account, GLOBAL):
            zones = tuple(_zone(zone, route53._records.get(zone["id"], ())) for zone in route53._zones.values())
        return World(zones, json.loads(self.hosts.read_bytes()) if self.hosts.exists() else {})

    def healthy(self) -> Callable[[Record], bool]:
        """Give a way to ask for the health of records, all at one time of the clock and by the same points.

        A record whose check is gone counts as healthy: what becomes of it is not defined on AWS.
        """
        now, read = self.clock.now(), functools.cache(self._points)

        def ask(record: Record) -> bool:
            status = self._status(record.check, now, read) if record.check else None
            return status is None or status.healthy

        return ask

    def statuses(self) -> dict[str, tuple[str | None, Status]]:
        """Tell the name of the alarm each health check follows, and what it says just now, by the check's id."""
        now, read = self.clock.now(), functools.cache(self._points)
        with request_scope(self.account, GLOBAL):
            known = route53._health_checks.items()
        alarms = {identifier: kept["config"].get("AlarmIdentifier", {}).get("Name") for identifier, kept in known}
        found = {identifier: self._status(identifier, now, read) for identifier in alarms}
        return {identifier: (alarms[identifier], status) for identifier, status in found.items() if status is not None}

    def _status(self, identifier: str, now: float, read: Callable[[str, Key], list[Point]]) -> Status | None:
        kept = route53._health_checks.get_scoped(self.account, GLOBAL, identifier)
        if kept is None:
            return None
        check = checks.check(kept)
        if (alarm := check.alarm) is None:
            return judge(check, (), now)
        key = (alarm.namespace, alarm.metric, cloudwatch._dims_key(dict(alarm.dimensions)))
        return judge(check, read(kept["config"]["AlarmIdentifier"]["Region"], key), now)

    def _points(self, region: str, key: Key) -> list[Point]:
        kept = cloudwatch._metrics.get_scoped(self.account, region, key) or ()
        return [Point(float(one["Timestamp"]), *cloudwatch._point_stats(one)) for one in list(kept)]


def _zone(kept: Mapping[str, Any], records: list[Mapping[str, Any]]) -> Zone:
    return Zone(
        kept["id"],
        plain(kept["name"]),
        tuple(_record(record) for record in list(records)),
        frozenset(vpc["VPCRegion"] for vpc in kept.get("vpcs", ())),
        private=bool(kept.get("private")),
    )


def _record(kept: Mapping[str, Any]) -> Record:
    weight = kept.get("Weight")
    return Record(
        plain(kept["Name"]),
        kept["Type"],
        int(kept.get("TTL") or 0),
        tuple(kept.get("ResourceRecords", ())),
        kept.get("SetIdentifier", ""),
        None if weight is None else int(weight),
        kept.get("Failover"),
        kept.get("HealthCheckId"),
        next((way for way in WAYS if kept.get(way)), None),
    )
