"""Instances that come to be: new ones, and replicas of others."""

from __future__ import annotations

from typing import Any

from ministack.core.responses import get_region
from ministack.services import rds

from dr_templates.lab.emulator.rds import descriptions, events, instances, links, offers, records, rules
from dr_templates.lab.emulator.rds.instances import Fleet
from dr_templates.lab.emulator.types.wire import RefusedError, Request


def create(fleet: Fleet, request: Request) -> dict[str, Any]:
    """CreateDBInstance: refused for a name that is taken or a part that is missing."""
    if request.get("Engine") != "postgres":
        raise RefusedError("InvalidParameterValue", f"Invalid DB engine: {request.get('Engine')}; the lab has postgres")
    rules.new_identifier(request["DBInstanceIdentifier"].lower(), rds._instances)
    rules.password(request.get("MasterUserPassword", ""))
    rules.version(request.get("EngineVersion"), offers.creatable())
    record = links.enter(records.new(request))
    password = request["MasterUserPassword"]

    def work() -> None:
        instances.add_primary(fleet, record, password)
        events.tell(record, "DB instance created", "creation", 5)

    return descriptions.begin(fleet, record, "creating", work)


def create_replica(fleet: Fleet, request: Request) -> dict[str, Any]:
    """CreateDBInstanceReadReplica, of a source here or, by its ARN, in another region (facts A1, A9, A11)."""
    rules.new_identifier(request["DBInstanceIdentifier"].lower(), rds._instances)
    source = records.find(request["SourceDBInstanceIdentifier"])
    rules.source(source)
    rules.replica(request, source, across=links.region(source) != get_region())
    inherited = {name: source[name] for name in records.INHERITED if name in source}
    inherited |= {"BackupRetentionPeriod": 0, "KmsKeyId": source.get("KmsKeyId")}
    record = records.new({"Port": source["Endpoint"]["Port"], **request}, inherited)
    links.follow(record, source)
    links.enter(record)

    def work() -> None:
        instances.add_replica(fleet, record, source)
        events.tell(record, "DB instance created", "creation", 5)

    return descriptions.begin(fleet, record, "creating", work)
