"""Which server stands behind which instance: its address, its names, its certificate, its settings."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ministack.services import rds

from dr_templates import files
from dr_templates.errors import DrError
from dr_templates.lab import postgres, upkeep
from dr_templates.lab.certificates import Authority, issue
from dr_templates.lab.emulator.network.switch import FIRST
from dr_templates.lab.emulator.rds import ways
from dr_templates.lab.postgres import Master, Node, Room

PORT = 5432
TAKEN_OVER = frozenset(
    {"log_statement", "track_commit_timestamp", "max_slot_wal_keep_size", "wal_retrieve_retry_interval"}
)
"""Parameters that a small server of any version understands as RDS's does; the others are kept and shown only."""
Record = dict[str, Any]


@dataclass(frozen=True)
class Fleet:
    """The servers of one emulator, by DbiResourceId; ``net`` begins their addresses, ``named`` are in certificates."""

    room: Room
    authority: Authority
    net: str
    nodes: dict[str, Node] = field(default_factory=dict, repr=False)
    named: dict[str, str] = field(default_factory=dict, repr=False)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    @property
    def hosts(self) -> Path:
        """The file that says which address an endpoint has."""
        return self.room.root / "hosts.json"

    @property
    def trusted(self) -> Path:
        """The file with the authority that has signed the servers' certificates."""
        return self.room.root / "authority.pem"


def open_fleet(room: Room, authority: Authority, port: int) -> Fleet:
    """Make an empty fleet. Emulators differ in their ports, and so in their addresses: 127.<port in two bytes>.n.

    Raises DrError when somebody listens there already, as a PostgreSQL on all addresses does.
    """
    fleet = Fleet(room, authority, f"127.{port >> 8}.{port & 255}")
    ways.check(f"{fleet.net}.1", PORT)
    files.replace(fleet.trusted, authority.pem.encode())
    fleet.trusted.chmod(0o644)
    _publish(fleet)
    return fleet


def endpoint(identifier: str, region: str, account: str) -> str:
    """Name the host of an instance; like on RDS the middle part is the account's in that region."""
    middle = hashlib.sha256(f"{account}/{region}".encode()).hexdigest()[:12]
    return f"{identifier}.c{middle[1:]}.{region}.rds.amazonaws.com"


def add_primary(fleet: Fleet, record: Record, password: str) -> None:
    """Make the server of a new instance, and start it."""
    master = Master(record["MasterUsername"], password, record.get("DBName") or "postgres")
    postgres.create_primary(_add(fleet, record), master)


def add_replica(fleet: Fleet, record: Record, source: Record) -> None:
    """Copy the source's server and follow it."""
    postgres.create_replica(_add(fleet, record), node(fleet, source))


def node(fleet: Fleet, record: Record) -> Node:
    """Give the server of an instance. Raises DrError when it has none, as before it is made."""
    found = fleet.nodes.get(record["DbiResourceId"])
    if found is None:
        raise DrError(
            what=f"{record['DBInstanceIdentifier']} has no server",
            where=record["DBInstanceArn"],
            hint="Wait until the instance is available.",
        )
    return found


def settle(fleet: Fleet, record: Record) -> None:
    """Take over names, login rules and those settings that need no restart."""
    before, after = node(fleet, record), _settle(fleet, record)
    upkeep.reload(after)
    if before.pem != after.pem:
        postgres.close_door(before)
        postgres.open_door(after)


def set_password(fleet: Fleet, record: Record, password: str) -> None:
    """Give the master user another password."""
    upkeep.set_password(node(fleet, record), record["MasterUsername"], password)


def remove(fleet: Fleet, record: Record, source: Record | None) -> None:
    """End the server of an instance and remove what it had; the source, if it was a replica, forgets it."""
    with fleet.lock:
        gone = fleet.nodes.pop(record["DbiResourceId"], None)
        fleet.named.pop(record["DbiResourceId"], None)
        _publish(fleet)
    if gone is not None:
        postgres.close_link(gone)
        upkeep.remove(gone)
        _forget(fleet, gone, source)


def streams(fleet: Fleet, record: Record) -> bool:
    """Ask the server of a replica whether it receives its source's log just now."""
    found = fleet.nodes.get(record["DbiResourceId"])
    if found is None or not found.socket.exists():
        return False
    return upkeep.receives(found)


def _forget(fleet: Fleet, follower: Node, source: Record | None) -> None:
    """Let the source forget a replica that follows no longer; a source that is gone has nothing to forget."""
    there = fleet.nodes.get(source["DbiResourceId"]) if source else None
    if there is not None:
        with upkeep.forgiving():
            upkeep.drop_slot(there, follower)


def _add(fleet: Fleet, record: Record) -> Node:
    with fleet.lock:
        taken = {one.host for one in fleet.nodes.values()}
        host = next(f"{fleet.net}.{number}" for number in range(1, FIRST) if f"{fleet.net}.{number}" not in taken)
        name = f"db-{record['DbiResourceId'][3:11].lower()}"
        made = Node(fleet.room, name, host, record["Endpoint"]["Port"], "")
        fleet.nodes[record["DbiResourceId"]] = made = _with_rules(_certified(fleet, made, record), record)
        _publish(fleet)
    return made


def _settle(fleet: Fleet, record: Record) -> Node:
    """Bring what the fleet knows of a server up to its record."""
    with fleet.lock:
        known = node(fleet, record)
        settled = _with_rules(_certified(fleet, known, record), record)
        fleet.nodes[record["DbiResourceId"]] = settled
        _publish(fleet)
    return settled


def _certified(fleet: Fleet, known: Node, record: Record) -> Node:
    """Give a server a certificate for its endpoint, unless it has one."""
    address = record["Endpoint"]["Address"]
    if fleet.named.get(record["DbiResourceId"]) == address:
        return known
    fleet.named[record["DbiResourceId"]] = address
    return replace(known, pem=issue(fleet.authority, address, known.host))


def _with_rules(known: Node, record: Record) -> Node:
    tokens = record["MasterUsername"] if record["IAMDatabaseAuthenticationEnabled"] else None
    return replace(known, settings=_settings(record), tokens_except=tokens)


def _settings(record: Record) -> dict[str, str]:
    name, (_arn, _aws, _rds, region, account, *_rest) = (
        record["DBParameterGroups"][0]["DBParameterGroupName"],
        record["DBInstanceArn"].split(":"),
    )
    group: Mapping[str, Any] = rds._param_groups.get_scoped(account, region, name) or {}
    parameters = group.get("Parameters", {})
    return {name: parameters[name]["ParameterValue"] for name in TAKEN_OVER if name in parameters}


def _publish(fleet: Fleet) -> None:
    """Write down the address of every endpoint, for those who have to find it."""
    records = list(rds._instances.all_values())
    known = {
        record["Endpoint"]["Address"]: fleet.nodes[record["DbiResourceId"]].host
        for record in records
        if record.get("DbiResourceId") in fleet.nodes
    }
    files.replace(fleet.hosts, json.dumps(known).encode())
    fleet.hosts.chmod(0o644)
