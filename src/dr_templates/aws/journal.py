"""The journal: one entry for every step that was taken in a move, whoever took it, and for every order of a person."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from dr_templates.aws.table import Table, parse, put
from dr_templates.failover.model import Action, Verb
from dr_templates.failover.state import Move, Proof, State

KIND = "journal"
WATCHING = frozenset({Verb.REST, Verb.HOLD, Verb.WAIT, Verb.KEEP})
"""What changes nothing in a move, and is not told."""


class Order(StrEnum):
    """What a person may tell the controller; it stands in the journal among the steps."""

    APPROVE = "approve"
    DENY = "deny"
    PAUSE = "pause"
    RESUME = "resume"
    TURN_BACK = "turn-back"


@dataclass(frozen=True)
class Entry:
    """A step of the move of ``epoch``: when (seconds since 1970), by whom, what, where and why.

    Or an order given during that epoch: then ``runner`` is the person, and ``verb`` the order.

    ``trouble`` says what went wrong, empty when nothing did; ``proof`` comes with the seal, ``result`` with the end.
    """

    epoch: int
    at: float
    runner: str
    verb: str
    site: str | None
    reason: str
    trouble: str = ""
    result: str = ""
    proof: Proof | None = None


def entry(action: Action, at: float, trouble: str) -> Entry | None:
    """Give the entry of an action; None for one that is in no move, or changes nothing in it."""
    move = _move(action)
    if move is None or action.verb in WATCHING:
        return None
    return Entry(
        epoch=move.epoch,
        at=at,
        runner=move.holder,
        verb=action.verb,
        site=action.site,
        reason=action.reason,
        trouble=trouble,
        result=move.result,
        proof=move.proof if action.verb in (Verb.SEAL, Verb.RETURN) else None,
    )


def order(what: Order, state: State, by: str, at: float, reason: str) -> Entry:
    """Give the entry of an order, by the state as the order has left it."""
    return Entry(state.epoch, at, by, what, None, reason)


def append(table: Table, what: Entry) -> None:
    """Add an entry; entries are in the order of epoch and time. Raises what boto3 raises."""
    when = datetime.fromtimestamp(what.at, UTC).isoformat(timespec="microseconds")
    who = hashlib.sha256(what.runner.encode()).hexdigest()[:8]
    put(table, KIND, f"{what.epoch:08d}#{when}#{who}", what)


def read(table: Table, limit: int) -> list[Entry]:
    """Give the newest entries, at most ``limit``, newest first. Raises what boto3 raises, and ``GarbledError``."""
    pages = table.dynamodb.get_paginator("query").paginate(
        TableName=table.name,
        KeyConditionExpression="#kind = :kind",
        ExpressionAttributeNames={"#kind": "Kind"},
        ExpressionAttributeValues={":kind": {"S": KIND}},
        ConsistentRead=True,
        ScanIndexForward=False,
        PaginationConfig={"MaxItems": limit, "PageSize": limit},
    )
    return [parse(item, Entry) for page in pages for item in page["Items"]]


def _move(action: Action) -> Move | None:
    after = action.after.move if action.after else None
    return after or (action.before.move if action.before else None)
