"""Automated backups copied to another region: noted down with source, key and retention (fact A37)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region

from dr_templates.lab.emulator.rds import records, rules
from dr_templates.lab.emulator.types.wire import Function, RefusedError, Request

_copies = AccountRegionScopedDict()
LONGEST_DAYS = 35


def start(request: Request) -> dict[str, Any]:
    """StartDBInstanceAutomatedBackupsReplication, asked in the region that is to have the copies."""
    source = records.find(request["SourceDBInstanceArn"])
    rules.source(source)
    if source["StorageEncrypted"] and not request.get("KmsKeyId"):
        raise RefusedError("InvalidParameterValue", "Encrypted instances require a valid KMS key ID")
    days = request.get("BackupRetentionPeriod", 7)
    if not 1 <= days <= LONGEST_DAYS:
        words = f"Invalid backup retention period: {days}. Retention period must be between 1 and {LONGEST_DAYS}"
        raise RefusedError("InvalidParameterValue", words)
    region = source["DBInstanceArn"].split(":")[3]
    named = f"arn:aws:rds:{get_region()}:{get_account_id()}:auto-backup:ab-{source['DbiResourceId'][3:].lower()}"
    shown = ("Engine", "EngineVersion", "AllocatedStorage", "DBInstanceIdentifier", "DbiResourceId", "MasterUsername")
    copy = {
        **{name: source[name] for name in shown if name in source},
        "DBInstanceArn": source["DBInstanceArn"],
        "DBInstanceAutomatedBackupsArn": named,
        "Region": region,
        "Status": "replicating",
        "Encrypted": source["StorageEncrypted"],
        "KmsKeyId": request.get("KmsKeyId"),
        "BackupRetentionPeriod": days,
    }
    _copies[source["DBInstanceArn"]] = copy
    source.setdefault("DBInstanceAutomatedBackupsReplications", []).append({"DBInstanceAutomatedBackupsArn": named})
    return {"DBInstanceAutomatedBackup": copy}


def stop(request: Request) -> dict[str, Any]:
    """StopDBInstanceAutomatedBackupsReplication: no further copies; what was copied expires by itself."""
    copy = _copies.pop(request["SourceDBInstanceArn"], None)
    if copy is None:
        words = "The DB instance's automated backups are not replicated to this region."
        raise RefusedError("InvalidDBInstanceState", words)
    source = records.look(request["SourceDBInstanceArn"])
    if source is not None:
        named = {"DBInstanceAutomatedBackupsArn": copy["DBInstanceAutomatedBackupsArn"]}
        source["DBInstanceAutomatedBackupsReplications"].remove(named)
    return {"DBInstanceAutomatedBackup": {**copy, "Status": "retained"}}


def describe(request: Request) -> dict[str, Any]:
    """DescribeDBInstanceAutomatedBackups: the copies in this region, by DbiResourceId or identifier."""
    found = list(_copies.values())
    for name in ("DbiResourceId", "DBInstanceIdentifier", "DBInstanceAutomatedBackupsArn"):
        found = [copy for copy in found if request.get(name) in (None, copy[name])]
    return {"DBInstanceAutomatedBackups": found}


ACTIONS: Mapping[str, Function] = {
    "StartDBInstanceAutomatedBackupsReplication": start,
    "StopDBInstanceAutomatedBackupsReplication": stop,
    "DescribeDBInstanceAutomatedBackups": describe,
}
