"""The tables of the three places: the state and its copies, marks, the pulse, and the journal of moves.

Each has the key Kind and Order. What a word of the brain says stands in Body, as JSON; what a condition has to compare
stands beside it as a number. The functions raise what boto3 raises, and ``GarbledError`` for what they cannot read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError

from dr_templates.aws.clients import code, forgiven
from dr_templates.failover.codec import decode, encode
from dr_templates.failover.loop import LostError
from dr_templates.failover.model import Mark, Pulse
from dr_templates.failover.state import State

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from dr_templates.aws.clients import Clients
    from dr_templates.aws.names import Names

Word = TypeVar("Word")
Condition = Mapping[str, Any]
"""The arguments of PutItem that make it conditional."""
CURRENT = "current"
LATE = "ConditionalCheckFailedException"
MISSING = "ResourceNotFoundException"
"""What DynamoDB answers for a table that is not there."""


class GarbledError(Exception):
    """An item is there and cannot be read: somebody else has written into the table."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AbsentError(Exception):
    """There is no such table."""


@dataclass(frozen=True)
class Table:
    """One table, and the client of its region."""

    dynamodb: DynamoDBClient
    name: str


@dataclass(frozen=True)
class _Owned:
    acked: float


def table_at(place: str, names: Names, clients: Clients) -> Table:
    """Give the table of a place. Raises ``KeyError`` when no place is called so."""
    return Table(clients.dynamodb(names.region(place)), names.table(place))


def read_state(table: Table) -> State | None:
    """Give the state, or the copy of it, that a table holds; None when it holds none."""
    return _read(table, "state", CURRENT, State)


def read_standing(table: Table) -> State | None:
    """Do what ``read_state`` does where the table itself may not be there. Raises ``AbsentError`` when it is not."""
    try:
        return read_state(table)
    except ClientError as error:
        if code(error) == MISSING:
            raise AbsentError(str(error)) from error
        raise


def write_state(table: Table, before: State, after: State) -> None:
    """Put ``after`` in the place of exactly ``before``. Raises ``LostError`` when that is not what is there.

    A document nobody has written yet has the serial 0. The serial alone is compared: every write makes it higher.
    """
    try:
        put(table, "state", CURRENT, after, _over(before), Serial=after.serial)
    except ClientError as error:
        if code(error) == LATE:
            raise _late(before) from error
        raise


def demand_state(table: Table, before: State) -> None:
    """See that the state still is ``before``, where no write of ours would find it out. Raises ``LostError``."""
    now = read_state(table)
    if (now.serial if now else 0) != before.serial:
        raise _late(before)


def _late(before: State) -> LostError:
    return LostError(f"the state is no longer the one of serial {before.serial}")


def save_copy(table: Table, state: State, known: State | None) -> None:
    """Keep a copy of the state in a site's own table, in the place of the one that was read from it, or of none.

    Whoever calls has seen that it is the newer of the two. A copy that has changed since is left as it is.
    """
    with forgiven(LATE):
        put(table, "state", CURRENT, state, _over(known or State(state.active)), Serial=state.serial)


def read_mark(table: Table, site: str) -> Mark | None:
    """Give the newest mark that a site has left in a table."""
    return _read(table, "mark", site, Mark)


def write_mark(table: Table, site: str, mark: Mark) -> None:
    """Leave a site's mark. One that was sent later stays: a mark that was long on its way tells nothing new."""
    later = _only_if("attribute_not_exists(#number) OR #number < :number", "At", mark.at)
    with forgiven(LATE):
        put(table, "mark", site, mark, later, At=mark.at)


def read_pulse(table: Table) -> Pulse | None:
    """Tell when the primary was last seen to take writes."""
    return _read(table, "pulse", CURRENT, Pulse)


def write_pulse(table: Table, pulse: Pulse) -> None:
    """Note that the primary takes writes."""
    put(table, "pulse", CURRENT, pulse)


def read_acked(table: Table, site: str) -> float | None:
    """Give the time at which the watchdog sent the last mark that was accepted anywhere; None when none ever was."""
    owned = _read(table, "own", site, _Owned)
    return owned.acked if owned else None


def write_acked(table: Table, site: str, acked: float) -> None:
    """Note in the site's own table when a mark that was accepted had been sent."""
    put(table, "own", site, _Owned(acked))


def _read(table: Table, kind: str, order: str, word: type[Word]) -> Word | None:
    answer = table.dynamodb.get_item(TableName=table.name, Key=_key(kind, order), ConsistentRead=True)
    return parse(answer["Item"], word) if "Item" in answer else None


def parse(item: Mapping[str, Any], word: type[Word]) -> Word:
    """Read the word in an item's Body. Raises ``GarbledError``."""
    try:
        return decode(word, json.loads(item["Body"]["S"]))
    except (KeyError, TypeError, ValueError) as error:
        raise GarbledError(reason=f"an item of the table is no {word.__name__}: {error}") from error


def put(table: Table, kind: str, order: str, word: object, only: Condition | None = None, **numbers: float) -> None:
    """Put a word of the brain into a table, the numbers beside it; ``only`` is a condition on what is there."""
    body = {"Body": {"S": json.dumps(encode(word))}}
    beside = {name: {"N": repr(number)} for name, number in numbers.items()}
    item: Any = _key(kind, order) | body | beside
    table.dynamodb.put_item(TableName=table.name, Item=item, **(only or {}))


def _over(before: State) -> Condition:
    if before.serial == 0:
        return {
            "ConditionExpression": "attribute_not_exists(#number)",
            "ExpressionAttributeNames": {"#number": "Serial"},
        }
    return _only_if("#number = :number", "Serial", before.serial)


def _only_if(condition: str, name: str, number: float) -> Condition:
    """Give a condition on the number beside an item's body; by alias, since DynamoDB reserves some of the names."""
    return {
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {"#number": name},
        "ExpressionAttributeValues": {":number": {"N": repr(number)}},
    }


def _key(kind: str, order: str) -> dict[str, Any]:
    return {"Kind": {"S": kind}, "Order": {"S": order}}
