"""A server as a whole: off and on again, and from a replica to a primary. Nothing here waits long for one that hangs.

While it is off nobody gets in: the door is closed first and opened last.
"""

from __future__ import annotations

from dr_templates.lab import postgres, processes, upkeep
from dr_templates.lab.emulator.rds import instances
from dr_templates.lab.emulator.rds.instances import Fleet, Record
from dr_templates.lab.postgres import Node

PATIENCE = 3
"""Seconds a server is given to stop in order. One whose replica cannot be reached would wait for that a minute."""


def off(node: Node, mode: str = "fast") -> None:
    """End all sessions and the server: in order (``fast``) or as it stands (``immediate``); a frozen one is killed."""
    postgres.close_door(node)
    if processes.runs(node.data) and not processes.frozen(node.data):
        with upkeep.forgiving():
            waiting = ("--wait", "--timeout", str(PATIENCE))
            node.room.software.run("pg_ctl", "stop", *waiting, "--pgdata", node.data, "--mode", mode)
    processes.end(node.data)


def on(node: Node) -> None:
    """Start the server, which recovers if it has to, and let the network reach it."""
    if processes.runs(node.data):
        postgres.open_door(node)
        return
    processes.end(node.data)
    postgres.start(node)


def detach(node: Node) -> None:
    """End replication: what has been received is kept and replayed, and no more comes, whatever the source does."""
    with upkeep.forgiving():
        upkeep.ask(node, "ALTER SYSTEM SET primary_conninfo = ''")
        upkeep.ask(node, "SELECT pg_reload_conf()")
    postgres.close_link(node)


def promote(fleet: Fleet, record: Record) -> None:
    """Make a replica a primary behind a closed door, and leave it off: nobody has written to it yet (fact A26).

    One that does not answer is ended and started first, as by a reboot.
    """
    node = instances.node(fleet, record)
    postgres.close_door(node)
    if not upkeep.answers(node):
        off(node)
        node.room.software.run("pg_ctl", "start", "--wait", "--pgdata", node.data, "--log", node.log)
    postgres.promote(node)
    off(node)
    instances.settle(fleet, record)


def forget(fleet: Fleet, record: Record, source: Record | None) -> None:
    """Let the source forget a replica that follows no longer; one that is gone or does not answer is passed over."""
    there = fleet.nodes.get(source["DbiResourceId"]) if source else None
    if there is not None:
        with upkeep.forgiving():
            upkeep.drop_slot(there, instances.node(fleet, record))
