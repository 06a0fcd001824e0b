"""What AWS and the probe answer, in the brain's words. Pure; whatever is not as it should be becomes not known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from dr_templates.failover.model import Answer, Beat, Instance, Sql

if TYPE_CHECKING:
    from mypy_boto3_rds.type_defs import DBInstanceTypeDef
    from mypy_boto3_secretsmanager.type_defs import DescribeSecretResponseTypeDef

Value = TypeVar("Value")
NO_ANSWER = "no answer in time"
CROWDED = "53"
STARTING = "57P03"
"""SQLSTATEs of a login: class 53 is a server without room for one more, 57P03 one that is coming up or going down."""
AVAILABLE = "available"
"""The status of an instance on which RDS is not at work."""
ABSENT = Instance(status="absent")


def sql(told: object) -> Sql:
    """Read a probe's answer; one that is malformed tells nothing of the database, nor does a probe that failed."""
    try:
        return _sql(_mapping(told))
    except (KeyError, TypeError, ValueError, OverflowError):
        return Sql()


def _sql(told: Mapping[str, Any]) -> Sql:
    stage, error, code = told["stage"], _text(told, "error"), _text(told, "sqlstate")
    in_recovery = _maybe(told, "in_recovery", bool)
    return Sql(
        answer=_answer(stage, error, code),
        in_recovery=in_recovery,
        system=_text(told, "system_identifier"),
        timeline=_maybe(told, "timeline", int),
        written=_position(told, "flushed_lsn"),
        received=_position(told, "received_lsn"),
        replayed=_position(told, "replayed_lsn"),
        streaming=_streaming(told) if in_recovery else None,
        beat=_beat(told),
        sessions=_maybe(told, "client_sessions", int),
        error=f"{error} (SQLSTATE {code})" if error and code else error,
    )


def _answer(stage: str, error: str | None, code: str | None) -> Answer:
    """Tell a server that speaks from one that is silent. A stopped process still has its connections accepted."""
    match stage:
        case "answered":
            return Answer.ANSWERED
        case "unreachable" | "refused":
            return Answer.SILENT
        case "handshake":
            return Answer.SILENT if error == NO_ANSWER else Answer.REFUSING
        case "login" if code == STARTING:
            return Answer.STARTING
        case "login" if code is not None and code.startswith(CROWDED):
            return Answer.CROWDED
        case "login" | "query":
            return Answer.REFUSING
        case _:
            raise ValueError(stage)


def _streaming(told: Mapping[str, Any]) -> bool | None:
    if "receiver" in _list(told, "unanswered"):
        return None
    receiver = told.get("receiver")
    return receiver is not None and _mapping(receiver)["status"] == "streaming"


def _beat(told: Mapping[str, Any]) -> Beat | None:
    row = told.get("heartbeat")
    if row is None:
        return None
    written = datetime.fromisoformat(_mapping(row)["written_at"])
    if written.tzinfo is None:
        raise ValueError(row["written_at"])
    return Beat(_of(row["site"], str), _of(row["beat"], int), written.timestamp())


def took_write(told: object, site: str) -> bool:
    """Tell whether a probe that was to write has seen its own site's heartbeat in a database that takes writes."""
    seen = sql(told)
    return (
        seen.answer is Answer.ANSWERED
        and seen.in_recovery is False
        and seen.beat is not None
        and seen.beat.site == site
        and "beat" not in _list(_mapping(told), "unanswered")
    )


def instance(found: DBInstanceTypeDef, *, failing_over: bool | None = None) -> Instance:
    """Read an instance as RDS describes it. It is a replica as long as RDS names its source (fact A27)."""
    return Instance(
        status=found.get("DBInstanceStatus"),
        replica=bool(found.get("ReadReplicaSourceDBInstanceIdentifier")),
        failing_over=failing_over,
        backup_days=found.get("BackupRetentionPeriod"),
    )


def copied(secret: DescribeSecretResponseTypeDef, region: str) -> bool:
    """Tell whether a secret seen in a region follows one of another region (fact A40)."""
    return secret.get("PrimaryRegion", region) != region


def lsn(text: str) -> int:
    """Read a position in the WAL, two hexadecimal halves with a slash between them, as a byte offset."""
    high, low = text.split("/")
    return int(high, 16) << 32 | int(low, 16)


def _position(told: Mapping[str, Any], name: str) -> int | None:
    text = _text(told, name)
    return None if text is None else lsn(text)


def _text(told: Mapping[str, Any], name: str) -> str | None:
    return _maybe(told, name, str)


def _maybe(told: Mapping[str, Any], name: str, kind: type[Value]) -> Value | None:
    value = told.get(name)
    return None if value is None else _of(value, kind)


def _of(value: object, kind: type[Value]) -> Value:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(value)
    return value


def _list(told: Mapping[str, Any], name: str) -> list[Any]:
    return _of(told.get(name, []), list)


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(value)
    return value
