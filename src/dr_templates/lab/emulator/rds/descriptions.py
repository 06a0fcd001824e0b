"""What is told of instances, at rest and at work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services import rds

from dr_templates.lab.emulator.rds import background, instances, links, records, rules
from dr_templates.lab.emulator.rds.instances import Fleet, Record
from dr_templates.lab.emulator.types.wire import Request

FILTERS = {"db-instance-id": ("DBInstanceIdentifier", "DBInstanceArn"), "dbi-resource-id": ("DbiResourceId",)}


def describe(fleet: Fleet, request: Request) -> dict[str, Any]:
    """DescribeDBInstances: one by identifier or ARN, or all of the region; by the filters of those names."""
    found = list(rds._instances.values())
    if name := request.get("DBInstanceIdentifier"):
        found = [records.find(name)]
    for one in request.get("Filters", ()):
        facts = FILTERS.get(one["Name"], ())
        found = [record for record in found if {record[fact] for fact in facts} & set(one["Values"])]
    return {"DBInstances": [shown(fleet, record) for record in found]}


def begin(
    fleet: Fleet,
    record: Record,
    status: str,
    work: Callable[[], None],
    *,
    done: str = rules.AVAILABLE,
    then: Callable[[], None] | None = None,
) -> dict[str, Any]:
    """Put an instance to work, ``then`` do what comes after it, and tell what is shown of it meanwhile."""
    record["DBInstanceStatus"] = status
    told = {"DBInstance": shown(fleet, record)}
    background.begin(record, work, done, then)
    return told


def shown(fleet: Fleet, record: Record) -> Record:
    """Give what is told of an instance; a replica's server is asked how replication goes."""
    replica = record.get(links.SOURCE) is not None
    terminated = replica and links.followed(record) is None
    asked = replica and not terminated and record["DBInstanceStatus"] != "creating"
    return records.shown(record, streaming=asked and instances.streams(fleet, record), terminated=terminated)
