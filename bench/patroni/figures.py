"""What the client's acknowledgements and Patroni's log say about one failover; nothing here touches a process."""

import re
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from dr_templates.errors import DrError

TAKEN = re.compile(r"promoted self to leader|acquired session lock as a leader")
"""A survivor holds the leader key, and its promotion has begun."""
STAMP = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),(\d{3}) ")
MEANINGS = {
    "outage": "last write acknowledged by the old primary until the first acknowledged by the new one",
    "detection": "outage's start until the first survivor's log says that it takes the leader key and promotes",
    "rest": "outage minus detection: promotion, and the client finding the new primary. DETECTION EXCLUDED means this",
    "expiry": "outage's start until the leader key's ttl has run out, as etcd tells",
    "rest_from_expiry": "outage minus expiry: the survivors notice, ask each other, one takes the key; then the rest",
    "recovery": "the killed node started again until all members stream once more",
    "command": "the whole of patronictl switchover, most of which is no outage",
    "acknowledged": "writes acknowledged to the client in this run",
    "lost": "acknowledged writes that the new primary does not hold",
}


@dataclass(frozen=True)
class Ack:
    """A write that the server of this address has acknowledged, and when (seconds since 1970)."""

    at: float
    number: int
    server: str


def ack(line: str) -> Ack:
    """Read one line of the client."""
    at, number, server = line.split()
    return Ack(float(at), int(number), server)


def outage(acks: Sequence[Ack], old: str) -> tuple[float, float] | None:
    """Give the last moment at which ``old`` acknowledged, and the first later at which another server did.

    None while no other has. ``acks`` begin while ``old`` was the primary.
    """
    last = max(one.at for one in acks if one.server == old)
    after = [one.at for one in acks if one.server != old and one.at > last]
    return (last, min(after)) if after else None


def moment(lines: Iterable[str], pattern: re.Pattern[str], since: float) -> float | None:
    """Give the time of the first line of a Patroni log (in UTC) that says ``pattern``, not before ``since``."""
    for line in lines:
        stamp = STAMP.match(line)
        if stamp is None or not pattern.search(line):
            continue
        second = datetime.strptime(stamp[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        at = second.timestamp() + int(stamp[2]) / 1000
        if at >= since:
            return at
    return None


def earliest(logs: Iterable[Iterable[str]], pattern: re.Pattern[str], since: float) -> float:
    """Give the first moment at which any of the logs says ``pattern``. Raises DrError when none does."""
    said = [at for log in logs if (at := moment(log, pattern, since)) is not None]
    if not said:
        hint = "Patroni may word its log otherwise by now."
        raise DrError(what="no survivor's log says what ends detection", where=pattern.pattern, hint=hint)
    return min(said)


def medians(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Give the median of each figure over the runs, to the millisecond."""
    return {name: round(statistics.median(run[name] for run in runs), 3) for name in runs[0]}
