"""The stream from a primary to its replica: what arrives, what is replayed, and how long a silence goes unnoticed."""

from __future__ import annotations

from dataclasses import dataclass

from simulation.database import RECEIVER_SECONDS, SERVING, Database, Health, Role


@dataclass(frozen=True)
class Road:
    """How the way to a replica is now: how far behind it runs (s), what it holds back, whether it leads anywhere.

    ``stall`` is ``receive`` or ``replay`` for what does not get on; ``dark`` says that the replica has no power.
    """

    now: float
    lag: float
    stall: str
    reached: bool
    dark: bool


def follow(replica: Database, source: Database, road: Road) -> None:
    """Let a replica receive and replay. A source that ends says so; one that hangs is only missed."""
    if road.dark or replica.health is not Health.RUNNING:
        replica.streaming = False
        return
    joined = source.role is Role.PRIMARY and source.timeline == replica.timeline
    alive = source.health in (*SERVING, Health.FULL)
    if not joined or (road.reached and not alive and source.health is not Health.HUNG):
        replica.streaming = False
    elif not (road.reached and alive):
        replica.streaming = replica.streaming and road.now - replica.heard < RECEIVER_SECONDS
    else:
        replica.heard, replica.streaming = road.now, True
        _receive(replica, source, road)


def _receive(replica: Database, source: Database, road: Road) -> None:
    if road.stall == "receive":
        return
    have = len(replica.rows) + len(replica.waiting)
    for row in source.rows[have:]:
        if row.at > road.now - road.lag:
            break
        replica.waiting.append(row)
    if road.stall != "replay":
        replica.replay()
