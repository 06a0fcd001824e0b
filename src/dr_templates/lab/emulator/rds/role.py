"""What an instance is and whether it runs: promotion, reboots, failovers, stop and start."""

from __future__ import annotations

from typing import Any

from dr_templates.lab.emulator.rds import background, descriptions, events, instances, links, power, records, rules
from dr_templates.lab.emulator.rds.instances import Fleet, Record
from dr_templates.lab.emulator.types.wire import RefusedError, Request

BACK = 0.9
"""When a database is back, of the time an action takes: RDS says so a little later."""


def promote(fleet: Fleet, request: Request) -> dict[str, Any]:
    """PromoteReadReplica: ends replication, reboots, and gives the instance its backups (facts A16, A25, A26).

    Until the reboot it can be read as before; it takes writes when that is done, shortly before it is available.
    """
    record = records.find(request["DBInstanceIdentifier"])
    rules.promotion(record)
    rules.retention(record, request)
    source, until = links.followed(record), background.during("promotion")
    reboot = background.seconds("reboot")

    def work() -> None:
        power.detach(instances.node(fleet, record))
        events.tell(record, "Replication streaming has been terminated.", "read replica", 57)
        until(BACK, less=reboot)
        power.promote(fleet, record)
        until(BACK)
        power.on(instances.node(fleet, record))
        events.tell(record, "DB instance restarted", "availability", 6)
        power.forget(fleet, record, source)
        until(1)
        links.unlink(fleet, record, source)
        record["BackupRetentionPeriod"] = request.get("BackupRetentionPeriod", 1)
        if "PreferredBackupWindow" in request:
            record["PreferredBackupWindow"] = request["PreferredBackupWindow"]

    return descriptions.begin(fleet, record, "modifying", work, then=lambda: _back_up(fleet, record))


def reboot(fleet: Fleet, request: Request) -> dict[str, Any]:
    """RebootDBInstance: settings that waited for it hold afterwards; with ForceFailover in the other zone."""
    record = records.find(request["DBInstanceIdentifier"])
    rules.reboot(record, request)
    if request.get("ForceFailover"):
        return fail_over(fleet, record, "rebooting")
    until = background.during("reboot")

    def work() -> None:
        power.off(instances.node(fleet, record))
        if record["MultiAZ"]:
            events.tell(record, "DB instance shutdown", "availability", 4)
        _back(fleet, record, until)
        until(1)

    return descriptions.begin(fleet, record, "rebooting", work)


def fail_over(fleet: Fleet, record: Record, status: str) -> dict[str, Any]:
    """Let the standby in the other zone take over: the server ends as it stands, and recovers there (fact A36).

    ``status`` is what is shown meanwhile: ``rebooting`` of a reboot, and ``available`` when RDS does it by itself. For
    that RDS has no status of its own; its events tell.
    """
    until = background.during("failover")

    def work() -> None:
        events.tell(record, "Multi-AZ instance failover started.", "failover", 13)
        power.off(instances.node(fleet, record), "immediate")
        with fleet.lock:
            here, there = record["AvailabilityZone"], records.standby(record)
            record.update({"AvailabilityZone": there, records.STANDBY: here})
        _back(fleet, record, until)
        until(1)
        events.tell(record, "Multi-AZ instance failover completed", "failover", 49)

    return descriptions.begin(fleet, record, status, work)


def stop(fleet: Fleet, request: Request) -> dict[str, Any]:
    """StopDBInstance: of one that neither has nor is a replica (fact A48)."""
    record = records.find(request["DBInstanceIdentifier"])
    rules.stop(record)
    return descriptions.begin(
        fleet, record, "stopping", lambda: power.off(instances.node(fleet, record)), done="stopped"
    )


def start(fleet: Fleet, request: Request) -> dict[str, Any]:
    """StartDBInstance."""
    record = records.find(request["DBInstanceIdentifier"])
    if record["DBInstanceStatus"] != "stopped":
        words = f"Instance {record['DBInstanceIdentifier']} is not stopped, it cannot be started."
        raise RefusedError("InvalidDBInstanceState", words)
    return descriptions.begin(fleet, record, "starting", lambda: power.on(instances.node(fleet, record)))


def _back(fleet: Fleet, record: Record, until: background.Until) -> None:
    """Start a server that is off, once it is time, with the settings its parameter group has now."""
    instances.settle(fleet, record)
    until(BACK)
    power.on(instances.node(fleet, record))
    record["DBParameterGroups"][0]["ParameterApplyStatus"] = "in-sync"
    events.tell(record, "DB instance restarted", "availability", 6)


def _back_up(fleet: Fleet, record: Record) -> None:
    """Begin the first backup of an instance that has just been given backups, if the lab is to take time for it."""
    until = background.during("backup")

    def work() -> None:
        events.tell(record, "Backing up DB instance", "backup", 1)
        until(1)
        events.tell(record, "Finished DB instance backup", "backup", 2)

    with fleet.lock:
        due = background.seconds("backup") and record["BackupRetentionPeriod"]
        if due and record["DBInstanceStatus"] == rules.AVAILABLE:
            record["DBInstanceStatus"] = "backing-up"
            background.begin(record, work, rules.AVAILABLE)
