"""Instances that are changed: at once, or at the next maintenance."""

from __future__ import annotations

from typing import Any

from ministack.services import rds

from dr_templates.lab.emulator.rds import descriptions, events, instances, links, power, records, rules
from dr_templates.lab.emulator.rds.instances import Fleet, Record
from dr_templates.lab.emulator.types.wire import RefusedError, Request
from dr_templates.lab.upkeep import TROUBLES

AT_ONCE = {"BackupRetentionPeriod", "PreferredBackupWindow", "PreferredMaintenanceWindow", "MonitoringInterval"}
AT_ONCE |= {"MonitoringRoleArn", "DeletionProtection", "CopyTagsToSnapshot", "MaxAllocatedStorage"}
AT_ONCE |= {"IAMDatabaseAuthenticationEnabled", "PerformanceInsightsEnabled", "PerformanceInsightsRetentionPeriod"}
AT_ONCE |= {"AutoMinorVersionUpgrade", "CACertificateIdentifier", "PubliclyAccessible"}
"""Settings that wait for no maintenance window."""


def modify(fleet: Fleet, request: Request) -> dict[str, Any]:
    """ModifyDBInstance: at once, or what can wait with the next maintenance unless ApplyImmediately is set.

    One whose storage is full runs again once it has more.
    """
    record = records.find(request["DBInstanceIdentifier"])
    full = record["DBInstanceStatus"] == rules.STORAGE_FULL
    _check(record, request)
    password = request.get("MasterUserPassword")
    changes = records.changes(record, request)
    now = request.get("ApplyImmediately", False)
    renamed = request.get("NewDBInstanceIdentifier", "").lower() if now else ""
    if renamed:
        rules.new_identifier(renamed, rds._instances)
    waiting = {} if now else {name: changes[name] for name in records.KEPT if name in changes and name not in AT_ONCE}
    record["PendingModifiedValues"] |= {name: new for name, new in waiting.items() if record.get(name) != new}
    record |= {name: new for name, new in changes.items() if name not in waiting}
    if renamed:
        links.rename(record, renamed)

    def work() -> None:
        instances.settle(fleet, record)
        if full:
            power.on(instances.node(fleet, record))
            events.tell(record, "Finished applying modification to allocated storage.", "configuration change", 17)
        if password is not None:
            _set_password(fleet, record, password)

    return descriptions.begin(fleet, record, "renaming" if renamed else "modifying", work)


def _check(record: Record, request: Request) -> None:
    rules.change(record, request)
    if (password := request.get("MasterUserPassword")) is not None:
        if record.get(links.SOURCE):
            words = "You cannot change the master user password of a read replica."
            raise RefusedError("InvalidDBInstanceState", words)
        rules.password(password)
    rules.monitoring({**record, **request})
    rules.upgrade(record, request)
    rules.retention(record, request)


def _set_password(fleet: Fleet, record: Record, password: str) -> None:
    """Give the master user another password; that a server does not take it is told as RDS tells it."""
    try:
        instances.set_password(fleet, record, password)
    except TROUBLES:
        words = "Unable to reset your password. Error information: the database does not answer."
        events.tell(record, words, "configuration change", 67)
