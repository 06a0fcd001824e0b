"""The RDS API of instances: each action changes the record at once, and the server behind it on a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import rds

from dr_templates.lab.emulator.rds import background, events, instances, offers, records, rules
from dr_templates.lab.emulator.rds.instances import Fleet, Record
from dr_templates.lab.emulator.types.wire import Function, RefusedError, Request

AT_ONCE = {"BackupRetentionPeriod", "PreferredBackupWindow", "PreferredMaintenanceWindow", "MonitoringInterval"}
AT_ONCE |= {"MonitoringRoleArn", "DeletionProtection", "CopyTagsToSnapshot", "MaxAllocatedStorage"}
AT_ONCE |= {"IAMDatabaseAuthenticationEnabled", "PerformanceInsightsEnabled", "PerformanceInsightsRetentionPeriod"}
AT_ONCE |= {"AutoMinorVersionUpgrade", "CACertificateIdentifier", "PubliclyAccessible"}
"""Settings that wait for no maintenance window."""
SOURCE, REPLICAS = "ReadReplicaSourceDBInstanceIdentifier", "ReadReplicaDBInstanceIdentifiers"


@dataclass(frozen=True)
class Actions:
    """The actions on one fleet. Those that change something are done one at a time."""

    fleet: Fleet

    def table(self) -> Mapping[str, Function]:
        """Give each action under its name in the API."""
        return {
            "CreateDBInstance": self.create,
            "CreateDBInstanceReadReplica": self.create_replica,
            "DescribeDBInstances": self.describe,
            "ModifyDBInstance": self.modify,
            "PromoteReadReplica": self.promote,
            "RebootDBInstance": self.reboot,
            "StopDBInstance": self.stop,
            "StartDBInstance": self.start,
            "DeleteDBInstance": self.delete,
        }

    def create(self, request: Request) -> dict[str, Any]:
        """CreateDBInstance: refused for a name that is taken or a part that is missing."""
        if request.get("Engine") != "postgres":
            raise RefusedError(
                "InvalidParameterValue", f"Invalid DB engine: {request.get('Engine')}; the lab has postgres"
            )
        rules.new_identifier(request["DBInstanceIdentifier"].lower(), rds._instances)
        rules.password(request.get("MasterUserPassword", ""))
        rules.version(request.get("EngineVersion"), offers.creatable())
        record = self._enter(records.new(request))
        password = request["MasterUserPassword"]

        def work() -> None:
            instances.add_primary(self.fleet, record, password)
            events.tell(record, "DB instance created", "creation", 5)

        return self._begin(record, "creating", work)

    def create_replica(self, request: Request) -> dict[str, Any]:
        """CreateDBInstanceReadReplica, of a source here or, by its ARN, in another region (facts A1, A9, A11)."""
        rules.new_identifier(request["DBInstanceIdentifier"].lower(), rds._instances)
        source = records.find(request["SourceDBInstanceIdentifier"])
        rules.source(source)
        across = _region(source) != get_region()
        rules.replica(request, source, across=across)
        inherited = {name: source[name] for name in records.INHERITED if name in source}
        inherited |= {"BackupRetentionPeriod": 0, "KmsKeyId": source.get("KmsKeyId")}
        record = records.new({"Port": source["Endpoint"]["Port"], **request}, inherited)
        record[SOURCE] = _name(source, across=across)
        self._enter(record)
        source[REPLICAS].append(_name(record, across=across))

        def work() -> None:
            instances.add_replica(self.fleet, record, source)
            events.tell(record, "DB instance created", "creation", 5)

        return self._begin(record, "creating", work)

    def describe(self, request: Request) -> dict[str, Any]:
        """DescribeDBInstances: one by identifier or ARN, or all of the region; by the filters of those names."""
        names = {"db-instance-id": ("DBInstanceIdentifier", "DBInstanceArn"), "dbi-resource-id": ("DbiResourceId",)}
        found = list(rds._instances.values())
        if name := request.get("DBInstanceIdentifier"):
            found = [records.find(name)]
        for one in request.get("Filters", ()):
            facts = names.get(one["Name"], ())
            found = [record for record in found if {record[fact] for fact in facts} & set(one["Values"])]
        return {"DBInstances": [self._shown(record) for record in found]}

    def modify(self, request: Request) -> dict[str, Any]:
        """ModifyDBInstance: at once, or what can wait with the next maintenance unless ApplyImmediately is set."""
        record = records.find(request["DBInstanceIdentifier"])
        rules.at_rest(record)
        password = request.get("MasterUserPassword")
        if password is not None:
            if record.get(SOURCE):
                words = "You cannot change the master user password of a read replica."
                raise RefusedError("InvalidDBInstanceState", words)
            rules.password(password)
        rules.monitoring({**record, **request})
        rules.upgrade(record, request)
        rules.retention(record, request)
        changes = records.changes(record, request)
        now = request.get("ApplyImmediately", False)
        renamed = request.get("NewDBInstanceIdentifier", "").lower() if now else ""
        if renamed:
            rules.new_identifier(renamed, rds._instances)
        waiting = (
            {} if now else {name: changes[name] for name in records.KEPT if name in changes and name not in AT_ONCE}
        )
        record["PendingModifiedValues"] |= {name: new for name, new in waiting.items() if record.get(name) != new}
        record |= {name: new for name, new in changes.items() if name not in waiting}
        if renamed:
            self._rename(record, renamed)

        def work() -> None:
            instances.settle(self.fleet, record)
            if password is not None:
                instances.set_password(self.fleet, record, password)

        return self._begin(record, "renaming" if renamed else "modifying", work)

    def promote(self, request: Request) -> dict[str, Any]:
        """PromoteReadReplica: ends replication, reboots, and gives the instance its backups (facts A16, A25, A26)."""
        record = records.find(request["DBInstanceIdentifier"])
        rules.promotion(record)
        rules.retention(record, request)
        source = records.look(record[SOURCE])

        def work() -> None:
            instances.promote(self.fleet, record, source)
            self._unlink(record, source)
            record["BackupRetentionPeriod"] = request.get("BackupRetentionPeriod", 1)
            if "PreferredBackupWindow" in request:
                record["PreferredBackupWindow"] = request["PreferredBackupWindow"]

        return self._begin(record, "modifying", work)

    def reboot(self, request: Request) -> dict[str, Any]:
        """RebootDBInstance: settings that waited for it hold afterwards."""
        record = records.find(request["DBInstanceIdentifier"])
        rules.reboot(record, request)

        def work() -> None:
            instances.restart(self.fleet, record)
            record["DBParameterGroups"][0]["ParameterApplyStatus"] = "in-sync"
            events.tell(record, "DB instance restarted", "availability", 6)

        return self._begin(record, "rebooting", work)

    def stop(self, request: Request) -> dict[str, Any]:
        """StopDBInstance: of one that neither has nor is a replica (fact A48)."""
        record = records.find(request["DBInstanceIdentifier"])
        rules.stop(record)
        return self._begin(record, "stopping", lambda: instances.stop(self.fleet, record), done="stopped")

    def start(self, request: Request) -> dict[str, Any]:
        """StartDBInstance."""
        record = records.find(request["DBInstanceIdentifier"])
        if record["DBInstanceStatus"] != "stopped":
            words = f"Instance {record['DBInstanceIdentifier']} is not stopped, it cannot be started."
            raise RefusedError("InvalidDBInstanceState", words)
        return self._begin(record, "starting", lambda: instances.start(self.fleet, record))

    def delete(self, request: Request) -> dict[str, Any]:
        """DeleteDBInstance: replicas here are promoted, those of other regions are told of as terminated (fact A20)."""
        record = records.find(request["DBInstanceIdentifier"])
        rules.deletion(record, request, rds._snapshots)
        if last := request.get("FinalDBSnapshotIdentifier"):
            rds._create_snapshot_internal(last, record)
        source = records.look(record.get(SOURCE) or "")

        def work() -> None:
            if source is not None:
                self._unlink(record, source)
            for name in [one for one in record[REPLICAS] if not one.startswith("arn:")]:
                follower = records.find(name)
                instances.promote(self.fleet, follower, record)
                self._unlink(follower, record)
            instances.remove(self.fleet, record, source)
            rds._instances.pop(record["DBInstanceIdentifier"], None)
            rds._tags.pop(record["DBInstanceArn"], None)
            events.tell(record, "DB instance deleted", "deletion", 3)

        return self._begin(record, "deleting", work)

    def _enter(self, record: Record) -> Record:
        rds._instances[record["DBInstanceIdentifier"]] = record
        rds._tags[record["DBInstanceArn"]] = record["TagList"]
        return record

    def _rename(self, record: Record, identifier: str) -> None:
        """Give it another name, by which its source and its replicas know it from now on."""
        source, known = records.look(record.get(SOURCE) or ""), _names(record)
        followers = [follower for name in record[REPLICAS] if (follower := records.look(name)) is not None]
        before = record["DBInstanceArn"]
        rds._instances.pop(record["DBInstanceIdentifier"])
        record["DBInstanceIdentifier"] = identifier
        record["DBInstanceArn"] = f"{before.rpartition(':')[0]}:{identifier}"
        address = instances.endpoint(identifier, get_region(), get_account_id())
        record["Endpoint"] = {**record["Endpoint"], "Address": address}
        rds._tags.pop(before, None)
        self._enter(record)
        for follower in followers:
            follower[SOURCE] = _name(record, across=_region(follower) != _region(record))
        if source is not None:
            name = _name(record, across=_region(source) != _region(record))
            source[REPLICAS] = [name if one in known else one for one in source[REPLICAS]]

    def _unlink(self, record: Record, source: Record | None) -> None:
        with self.fleet.lock:
            record[SOURCE] = None
            if source is not None:
                source[REPLICAS] = [one for one in source[REPLICAS] if one not in _names(record)]

    def _begin(
        self, record: Record, status: str, work: Callable[[], None], done: str = rules.AVAILABLE
    ) -> dict[str, Any]:
        """Put the instance to work, and tell what is shown of it meanwhile."""
        record["DBInstanceStatus"] = status
        told = {"DBInstance": self._shown(record)}
        background.begin(record, work, done)
        return told

    def _shown(self, record: Record) -> Record:
        source = record.get(SOURCE)
        terminated = source is not None and records.look(source) is None
        asked = source is not None and not terminated and record["DBInstanceStatus"] != "creating"
        streaming = asked and instances.streams(self.fleet, record)
        return records.shown(record, streaming=streaming, terminated=terminated)


def _region(record: Mapping[str, Any]) -> str:
    return str(record["DBInstanceArn"]).split(":")[3]


def _name(record: Mapping[str, Any], *, across: bool) -> str:
    """Name an instance as one of another region does, by its ARN, or as one of its own."""
    return str(record["DBInstanceArn" if across else "DBInstanceIdentifier"])


def _names(record: Mapping[str, Any]) -> tuple[str, str]:
    return str(record["DBInstanceArn"]), str(record["DBInstanceIdentifier"])
