"""A PostgreSQL server of the simulated pair: what it holds, how far it is, and how it is ill."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from dr_templates.failover.model import Answer, Beat

ORIGIN = 0x3000000
"""Where the WAL begins; one row is ROW bytes of it."""
ROW = 100
SESSIONS = 3
"""How many sessions the clients of a site keep open."""
RECEIVER_SECONDS = 60.0
"""How long a receiver believes in a source that has fallen silent: wal_receiver_timeout's default."""


class Role(StrEnum):
    """What a server is to the stream."""

    PRIMARY = "primary"
    REPLICA = "replica"
    ABSENT = "absent"


class Health(StrEnum):
    """How a server is. SERVING ones serve clients; a SLOW one does, and is too slow for the probe to wait for."""

    RUNNING = "running"
    CROWDED = "crowded"
    SLOW = "slow"
    STARTING = "starting"
    HUNG = "hung"
    DOWN = "down"
    FULL = "full"
    LOCKED = "locked"


SERVING = frozenset({Health.RUNNING, Health.CROWDED, Health.SLOW})
ANSWERS = {
    Health.RUNNING: Answer.ANSWERED,
    Health.CROWDED: Answer.CROWDED,
    Health.SLOW: Answer.SILENT,
    Health.STARTING: Answer.STARTING,
    Health.HUNG: Answer.SILENT,
    Health.DOWN: Answer.SILENT,
    Health.FULL: Answer.ANSWERED,
    Health.LOCKED: Answer.SILENT,
}
STATUSES = {Health.FULL: "storage-full", Health.LOCKED: "inaccessible-encryption-credentials-recoverable"}
"""What RDS says of an ill server where it says anything; it calls a dead or a hung one available for minutes."""


class Row(NamedTuple):
    """A committed row: which it is, when it was committed in true time, whether a client was told, and its beat."""

    number: int
    at: float
    acked: bool
    beat: Beat | None = None


@dataclass
class Database:
    """One server. ``status`` is what RDS says of it while nothing is wrong or while RDS works on it.

    ``heard`` is when a replica last heard from its source; ``arrived`` how many rows it has received, and ``rows`` what
    it has replayed; a primary has both alike.
    """

    role: Role
    health: Health = Health.RUNNING
    status: str = "available"
    replica: bool = False
    timeline: int = 1
    system: str = "7300000000000000001"
    rows: list[Row] = field(default_factory=list)
    waiting: list[Row] = field(default_factory=list)
    beat: Beat | None = None
    sessions: int = 0
    heard: float = 0.0
    streaming: bool = False
    backup_days: int = 0
    failing_over: bool = False

    @property
    def serving(self) -> bool:
        """Whether it carries out what its clients say."""
        return self.role is Role.PRIMARY and self.health in SERVING

    @property
    def position(self) -> int:
        """How far a primary has written, or a replica has replayed."""
        return ORIGIN + ROW * len(self.rows)

    @property
    def received(self) -> int:
        """How far a replica has received."""
        return self.position + ROW * len(self.waiting)

    def commit(self, row: Row) -> None:
        """Hold one row more."""
        self.rows.append(row)
        self.beat = row.beat or self.beat

    def replay(self) -> None:
        """Let a replica make what it has received its own."""
        for row in self.waiting:
            self.commit(row)
        self.waiting.clear()
