"""What each server says of itself, asked again and again as its superuser, so that who wants to know need not wait.

Whoever asks is answered from the last looks. They begin when they are first asked for, and end when nobody asks.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pg8000.native
from ministack.services import rds

from dr_templates.lab import upkeep
from dr_templates.lab.emulator.clocks.state import clock
from dr_templates.lab.emulator.network.switch import SWITCH
from dr_templates.lab.emulator.rds import links
from dr_templates.lab.emulator.rds.instances import Fleet, Record
from dr_templates.lab.postgres import ADMIN, Node
from dr_templates.lab.processes import frozen, runs

EVERY = 0.2
PATIENCE = 0.5
"""Seconds a server is given to answer, and those who ask to be answered."""
STALE = 1.0
IDLE = 10.0
LOOK = """
SELECT pg_is_in_recovery() AS in_recovery,
       CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_flush_lsn()::text END AS written,
       CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn()::text END AS received,
       CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()::text END AS replayed,
       (SELECT system_identifier::text FROM pg_control_system()) AS system,
       CASE WHEN pg_is_in_recovery()
            THEN greatest((SELECT received_tli FROM pg_stat_wal_receiver),
                          (SELECT min_recovery_end_timeline FROM pg_control_recovery()),
                          (SELECT timeline_id FROM pg_control_checkpoint()))
            ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int END AS timeline
"""
FACTS = ("in_recovery", "written", "received", "replayed", "system", "timeline")
UNKNOWN: Mapping[str, Any] = dict.fromkeys((*FACTS, "at"))
Look = Mapping[str, Any]


@dataclass
class Watch:
    """The looks at one server: the last answer, when it came, and when somebody wanted it, by the monotonic clock."""

    look: Look = field(default_factory=lambda: UNKNOWN)
    done: float = 0.0
    wanted: float = 0.0


@dataclass(frozen=True)
class Looks:
    """The watches on the servers of one fleet, by DbiResourceId."""

    fleet: Fleet
    watches: dict[str, Watch] = field(default_factory=dict)
    looked: threading.Condition = field(default_factory=threading.Condition, repr=False)

    def told(self) -> list[dict[str, Any]]:
        """Tell of every instance in every region; what its server says of itself is null when that does not answer.

        ``at`` is the lab's time of that answer.
        """
        records = [record for record in list(rds._instances.all_values()) if "DbiResourceId" in record]
        nodes = {one["DbiResourceId"]: self.fleet.nodes.get(one["DbiResourceId"]) for one in records}
        asked = [name for name, node in nodes.items() if node and upkeep.answers(node)]
        until = time.monotonic() + PATIENCE
        with self.looked:
            watches = {name: self._want(name) for name in asked}
            while not all(_fresh(watch) for watch in watches.values()) and time.monotonic() < until:
                self.looked.wait(until - time.monotonic())
            looks = {name: watch.look for name, watch in watches.items() if _fresh(watch)}
        return [_row(one, nodes[one["DbiResourceId"]], looks.get(one["DbiResourceId"], UNKNOWN)) for one in records]

    def _want(self, name: str) -> Watch:
        watch = self.watches.get(name)
        if watch is None:
            watch = self.watches[name] = Watch()
            threading.Thread(target=self._watch, args=(name, watch), name=f"looks {name}", daemon=True).start()
        watch.wanted = time.monotonic()
        return watch

    def _watch(self, name: str, watch: Watch) -> None:
        """Look every while, over one session as long as that lasts, until nobody wants it or the server is gone."""
        session: pg8000.native.Connection | None = None
        while True:
            node = self.fleet.nodes.get(name)
            look, session = _look(node, session) if node else (UNKNOWN, session)
            with self.looked:
                watch.look, watch.done = look, time.monotonic()
                self.looked.notify_all()
                if node is None or watch.done - watch.wanted > IDLE:
                    del self.watches[name]
                    break
            time.sleep(EVERY)
        _close(session)


def _fresh(watch: Watch) -> bool:
    return time.monotonic() - watch.done < STALE


def _look(node: Node, session: pg8000.native.Connection | None) -> tuple[Look, pg8000.native.Connection | None]:
    """Ask once, and give the session on; none after one that failed."""
    if not upkeep.answers(node):
        return UNKNOWN, session
    try:
        if session is None:
            login = {"database": "postgres", "password": node.room.password, "unix_sock": str(node.socket)}
            session = pg8000.native.Connection(ADMIN, timeout=PATIENCE, **login)
        rows = session.run(LOOK) or [[None] * len(FACTS)]
    except upkeep.TROUBLES:
        _close(session)
        return UNKNOWN, None
    return {**dict(zip(FACTS, rows[0], strict=True)), "at": clock().now()}, session


def _close(session: pg8000.native.Connection | None) -> None:
    if session is not None:
        with upkeep.forgiving():
            session.close()


def _row(record: Record, node: Node | None, look: Look) -> dict[str, Any]:
    return {
        "identifier": record["DBInstanceIdentifier"],
        "region": links.region(record),
        "status": record["DBInstanceStatus"],
        "address": node.host if node else None,
        "running": node is not None and runs(node.data),
        "frozen": node is not None and frozen(node.data),
        "open": node is not None and node.home in node.room.doors,
        "shut": SWITCH.shut(record),
        **look,
    }
