"""Orders that break a database, or mend it again: its server, its replay, its storage, its zone."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ministack.core.responses import request_scope
from ministack.services import rds

from dr_templates.errors import DrError
from dr_templates.lab import postgres, processes, upkeep
from dr_templates.lab.emulator.orders import control
from dr_templates.lab.emulator.rds import background, events, instances, power, role, rules
from dr_templates.lab.emulator.rds.instances import Fleet, Record
from dr_templates.lab.emulator.rds.looks import Looks

PATIENCE = 10.0
"""Seconds an order is waited for: it takes far less than one, unless the machine is busy."""
_THREADS = ThreadPoolExecutor(thread_name_prefix="order")
REPLICA = "SELECT pg_is_in_recovery()"
T = TypeVar("T")
FIELDS = frozenset({"order", "region", "identifier"})


def install(fleet: Fleet) -> None:
    """Take orders for the databases of a fleet, and tell of them."""
    looks = Looks(fleet)
    control.ORDERS["GET", "databases"] = lambda _body: _apart(looks.told)
    control.ORDERS["POST", "databases"] = lambda body: take(fleet, body)


async def take(fleet: Fleet, body: bytes) -> Mapping[str, bool]:
    """Carry out an order, and tell whether it was done in time.

    Raises ValueError for one that makes no sense, and with the words of what went wrong.
    """
    said = json.loads(body)
    if not isinstance(said, dict) or said.keys() != FIELDS or not all(isinstance(one, str) for one in said.values()):
        words = f"an order for a database is {', '.join(sorted(FIELDS))}, each a text"
        raise ValueError(words)
    order = ORDERS.get(said["order"])
    if order is None:
        words = f"there is no order {said['order']}; there are {', '.join(ORDERS)}"
        raise ValueError(words)
    account, region = os.environ["MINISTACK_ACCOUNT_ID"], said["region"]
    record: Record | None = rds._instances.get_scoped(account, region, said["identifier"])
    if record is None:
        words = f"there is no database {said['identifier']} in {region}"
        raise ValueError(words)

    def work() -> None:
        try:
            with request_scope(account, region):
                order(fleet, record)
        except upkeep.TROUBLES as error:
            raise ValueError(error.what if isinstance(error, DrError) else str(error)) from error

    try:
        await asyncio.wait_for(_apart(work), PATIENCE)
    except TimeoutError:
        return {"done": False}
    return {"done": True}


def _kill(fleet: Fleet, record: Record) -> None:
    """End all processes at once and close the door, as when a host is lost; RDS does not notice."""
    node = instances.node(fleet, record)
    _need(processes.runs(node.data), record, "does not run")
    postgres.kill(node)


def _start(fleet: Fleet, record: Record) -> None:
    node = instances.node(fleet, record)
    _need(not processes.runs(node.data), record, "runs already")
    _need(record["DBInstanceStatus"] == rules.AVAILABLE, record, f"is {record['DBInstanceStatus']}")
    power.on(node)


def _freeze(fleet: Fleet, record: Record) -> None:
    """Stop all processes without ending them: sessions and replication hang, and new sessions too."""
    node = instances.node(fleet, record)
    _need(processes.runs(node.data), record, "does not run")
    processes.freeze(node.data)


def _thaw(fleet: Fleet, record: Record) -> None:
    node = instances.node(fleet, record)
    _need(processes.frozen(node.data), record, "is not frozen")
    processes.thaw(node.data)


def _hold_replay(fleet: Fleet, record: Record) -> None:
    _replay(fleet, record, "SELECT pg_wal_replay_pause()")


def _release_replay(fleet: Fleet, record: Record) -> None:
    _replay(fleet, record, "SELECT pg_wal_replay_resume()")


def _replay(fleet: Fleet, record: Record, statement: str) -> None:
    node = instances.node(fleet, record)
    _need(upkeep.answers(node), record, "does not answer")
    _need(upkeep.ask(node, REPLICA) == [[True]], record, "is no replica")
    upkeep.ask(node, statement)


def _fill_storage(fleet: Fleet, record: Record) -> None:
    """Let the storage be full: the server ends as it does when it cannot write, and stays away until there is more."""
    node = instances.node(fleet, record)

    def work() -> None:
        power.off(node, "immediate")
        words = "Allocated storage has been exhausted. Allocate additional storage to resolve."
        events.tell(record, words, "low storage", 7)

    with fleet.lock:
        _need(record["DBInstanceStatus"] == rules.AVAILABLE, record, f"is {record['DBInstanceStatus']}")
        record["DBInstanceStatus"] = rules.STORAGE_FULL
        thread = background.begin(record, work, rules.STORAGE_FULL)
    thread.join()


def _fail_over(fleet: Fleet, record: Record) -> None:
    """Let RDS fail over by itself; that it is done its events tell."""
    with fleet.lock:
        _need(record["MultiAZ"], record, "is not configured for Multi-AZ")
        _need(record["DBInstanceStatus"] == rules.AVAILABLE, record, f"is {record['DBInstanceStatus']}")
        role.fail_over(fleet, record, rules.AVAILABLE)


ORDERS: Mapping[str, Callable[[Fleet, Record], None]] = {
    "kill": _kill,
    "start": _start,
    "freeze": _freeze,
    "thaw": _thaw,
    "hold-replay": _hold_replay,
    "release-replay": _release_replay,
    "fill-storage": _fill_storage,
    "fail-over": _fail_over,
}


def _need(met: object, record: Record, words: str) -> None:
    if not met:
        told = f"{record['DBInstanceIdentifier']} {words}"
        raise ValueError(told)


async def _apart(work: Callable[[], T]) -> T:
    """Do it on another thread than the loop's, which answers others meanwhile, and AWS's actions that it may need."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, work)
