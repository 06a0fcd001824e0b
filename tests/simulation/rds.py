"""What RDS does to an instance of the simulated pair when it is told to: promote it, and make a replica anew."""

from __future__ import annotations

from simulation.database import Database, Health, Role
from simulation.facts import Promotion, missing
from simulation.net import other
from simulation.world import World


def promote(world: World, site: str) -> None:
    """Do what RDS does: it lingers, reboots, and has a primary after a while (facts A26, A27)."""
    database = world.databases[site]
    was_replica = database.role is Role.REPLICA
    if database.status != "available" or not database.replica:
        return
    state = world.truth()

    def finish() -> None:
        dark = site in world.net.dark
        database.status, database.health = "available", Health.STARTING if dark else Health.RUNNING
        database.role = Role.PRIMARY
        database.timeline += 1
        truth = world.truth()
        wanted = truth is not None and truth.active == site
        lost = missing(world.databases[other(site)], database) if wanted else ()
        move = state.move if state is not None else None
        world.facts.promoted(Promotion(world.now, site, was_replica, move, lost))

    def reboot() -> None:
        if database.status == "modifying":
            return
        database.replay()
        database.streaming = False
        database.status, database.health = "modifying", Health.STARTING
        world.later(world.manner.reboot, lambda: setattr(database, "replica", False))
        world.later(world.manner.reboot + world.manner.finish, finish)

    world.later(world.manner.linger, reboot)


def rebuild(world: World, site: str) -> None:
    """Replace what is at a site by a fresh replica of the other site's primary, as reprotecting does."""
    source = world.databases[other(site)]
    world.databases[site] = Database(
        Role.REPLICA,
        replica=True,
        timeline=source.timeline,
        rows=list(source.rows),
        beat=source.beat,
        heard=world.now,
    )
    world.secret_copied[site], world.secret_copied[other(site)] = True, False
    world.check()
