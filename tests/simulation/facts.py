"""What is true of the simulated pair, whatever the brain believes: what broke, what was lost, and who could write."""

from __future__ import annotations

from dataclasses import dataclass, field

from dr_templates.failover.state import Kind, Move
from simulation.database import Database, Row


@dataclass(frozen=True)
class Promotion:
    """A replica that has become a primary: under which move, and which acknowledged rows its source alone had."""

    at: float
    site: str
    was_replica: bool
    move: Move | None
    lost: tuple[Row, ...]

    @property
    def lost_seconds(self) -> float:
        """Give the time over which the lost rows were acknowledged."""
        return self.lost[-1].at - self.lost[0].at if self.lost else 0.0


@dataclass
class Facts:
    """The record. ``outages`` are spans in which no client of either site could write."""

    violations: list[str] = field(default_factory=list)
    promotions: list[Promotion] = field(default_factory=list)
    outages: list[tuple[float, float]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    names: list[tuple[float, str]] = field(default_factory=list)
    calls: list[tuple[str, str, str]] = field(default_factory=list)

    def accuse(self, at: float, words: str) -> None:
        """Note that an invariant is broken, once for every way in which it is."""
        if not any(said.endswith(words) for said in self.violations):
            self.violations.append(f"at {at:.1f}: {words}")

    def dark(self, start: float, end: float) -> None:
        """Note a span without any site that takes writes."""
        if self.outages and self.outages[-1][1] >= start:
            self.outages[-1] = (self.outages[-1][0], end)
        else:
            self.outages.append((start, end))

    def longest_outage(self, since: float) -> float:
        """Give the longest span without writes from that time on."""
        return max((end - max(start, since) for start, end in self.outages if end > since), default=0.0)

    def promoted(self, promotion: Promotion) -> None:
        """Note a promotion, and hold it against what its move had promised."""
        self.promotions.append(promotion)
        move, lost = promotion.move, promotion.lost
        if move is None or move.proof is None:
            self.accuse(promotion.at, "promoted without a sealed move")
            return
        if not promotion.was_replica:
            self.accuse(promotion.at, "promoted what was no replica")
        if move.kind is Kind.SWITCHOVER and lost:
            self.accuse(promotion.at, f"a switchover has lost {len(lost)} acknowledged rows")
        said = move.proof.loss_seconds
        if said is None and move.approved is None:
            self.accuse(promotion.at, "an automatic move did not know what it would lose")
        if said is not None and promotion.lost_seconds > said:
            self.accuse(promotion.at, f"lost {promotion.lost_seconds:.1f} s of writes, and had said {said:.1f}")

    def returned(self, at: float, lost: tuple[Row, ...], said: float | None) -> None:
        """Hold what a move that was turned back has lost against what it said it would."""
        span = lost[-1].at - lost[0].at if lost else 0.0
        if said is not None and (span > said or (lost and not said)):
            self.accuse(at, f"turned back, {len(lost)} rows over {span:.1f} s are lost, and had said {said:.1f}")


def written_alone(left: Database, kept: Database) -> tuple[Row, ...]:
    """Give the acknowledged rows that only the one of two databases has."""
    known = {row.number for row in kept.rows}
    return tuple(row for row in left.rows if row.acked and row.number not in known)


def missing(source: Database, target: Database) -> tuple[Row, ...]:
    """Give the acknowledged rows of a source that a target which followed it does not have."""
    return tuple(row for row in source.rows[len(target.rows) :] if row.acked)
