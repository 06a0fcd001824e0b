"""Who follows whom: how a replica and its source name each other, through renames and up to the end of either."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import rds

from dr_templates.lab.emulator.rds import instances, records
from dr_templates.lab.emulator.rds.instances import Fleet, Record

SOURCE, REPLICAS = "ReadReplicaSourceDBInstanceIdentifier", "ReadReplicaDBInstanceIdentifiers"
FOLLOWED = "FollowedDbiResourceId"
"""In a replica's record, and told to nobody: its source by the one name that is never given twice."""


def region(record: Mapping[str, Any]) -> str:
    """Give the region of an instance."""
    return str(record["DBInstanceArn"]).split(":")[3]


def enter(record: Record) -> Record:
    """Let an instance be found by its name."""
    rds._instances[record["DBInstanceIdentifier"]] = record
    rds._tags[record["DBInstanceArn"]] = record["TagList"]
    return record


def follow(record: Record, source: Record) -> None:
    """Make one instance a replica of another, which may be of another region."""
    record[FOLLOWED] = source["DbiResourceId"]
    record[SOURCE] = _name(source, to=record)
    source[REPLICAS].append(_name(record, to=source))


def followed(record: Mapping[str, Any]) -> Record | None:
    """Give the source of a replica, whatever it is called by now; None when it is gone, or this is no replica."""
    resource = record.get(FOLLOWED)
    known = list(rds._instances.all_values()) if resource else []
    return next((one for one in known if one.get("DbiResourceId") == resource), None)


def unlink(fleet: Fleet, record: Record, source: Record | None) -> None:
    """Make a replica an instance of its own."""
    with fleet.lock:
        record[SOURCE] = None
        record.pop(FOLLOWED, None)
        if source is not None:
            source[REPLICAS] = [one for one in source[REPLICAS] if one not in _names(record)]


def rename(record: Record, identifier: str) -> None:
    """Give it another name, by which its source and its replicas know it from now on.

    It is found by both for a moment, and at no moment by neither: who asks meanwhile must not take it for gone.
    """
    source, known = followed(record), _names(record)
    followers = [follower for name in record[REPLICAS] if (follower := records.look(name)) is not None]
    before, former = record["DBInstanceArn"], record["DBInstanceIdentifier"]
    record["DBInstanceIdentifier"] = identifier
    record["DBInstanceArn"] = f"{before.rpartition(':')[0]}:{identifier}"
    address = instances.endpoint(identifier, get_region(), get_account_id())
    record["Endpoint"] = {**record["Endpoint"], "Address": address}
    enter(record)
    rds._instances.pop(former)
    rds._tags.pop(before, None)
    for follower in followers:
        follower[SOURCE] = _name(record, to=follower)
    if source is not None:
        name = _name(record, to=source)
        source[REPLICAS] = [name if one in known else one for one in source[REPLICAS]]


def _name(record: Mapping[str, Any], *, to: Mapping[str, Any]) -> str:
    """Name an instance as one of another region does, by its ARN, or as one of its own."""
    return str(record["DBInstanceArn" if region(record) != region(to) else "DBInstanceIdentifier"])


def _names(record: Mapping[str, Any]) -> tuple[str, str]:
    return str(record["DBInstanceArn"]), str(record["DBInstanceIdentifier"])
