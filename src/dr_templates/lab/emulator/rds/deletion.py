"""Instances that come to their end."""

from __future__ import annotations

from typing import Any

from ministack.services import rds

from dr_templates.lab.emulator.rds import descriptions, events, instances, links, power, records, rules
from dr_templates.lab.emulator.rds.instances import Fleet
from dr_templates.lab.emulator.types.wire import Request


def delete(fleet: Fleet, request: Request) -> dict[str, Any]:
    """DeleteDBInstance: replicas here are promoted, those of other regions are told of as terminated (fact A20)."""
    record = records.find(request["DBInstanceIdentifier"])
    rules.deletion(record, request, rds._snapshots)
    if last := request.get("FinalDBSnapshotIdentifier"):
        rds._create_snapshot_internal(last, record)
    source = links.followed(record)

    def work() -> None:
        if source is not None:
            links.unlink(fleet, record, source)
        for name in [one for one in record[links.REPLICAS] if not one.startswith("arn:")]:
            follower = records.find(name)
            power.promote(fleet, follower)
            power.on(instances.node(fleet, follower))
            links.unlink(fleet, follower, record)
        instances.remove(fleet, record, source)
        rds._instances.pop(record["DBInstanceIdentifier"], None)
        rds._tags.pop(record["DBInstanceArn"], None)
        events.tell(record, "DB instance deleted", "deletion", 3)

    return descriptions.begin(fleet, record, "deleting", work)
