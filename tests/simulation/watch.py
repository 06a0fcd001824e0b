"""A site's watchdog: the real guard, with the simulated site's eyes and hands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from dr_templates.failover.guard import Post, due, guard, shut_for
from dr_templates.failover.model import Action, Mark, Verb
from dr_templates.failover.state import State
from simulation.database import Health
from simulation.eyes import gate, instance, sql
from simulation.holdings import put
from simulation.net import CONTROL, LostCallError, other
from simulation.world import Agent, World

TICK_SECONDS = 5.0
TICKS = 11
GAP_SECONDS = 10.0
"""Ticks 5 s apart for 50 s, and 10 s to the next invocation's first."""
LATE_SECONDS = 4.0
"""The longest a tick waits for calls that run side by side."""


def watchdog(world: World, site: str, lease: float, pace: Callable[[str], float]) -> Agent:
    """Watch for as long as the world lasts: every tick if the site has power and the function is well."""
    while True:
        for left in reversed(range(TICKS)):
            began = world.now
            if world.watching[site] and site not in world.net.dark:
                for moment in tick(world, site, lease):
                    delay = min(LATE_SECONDS, pace(moment))
                    if delay > 0:
                        yield delay
                    if site in world.net.dark:
                        break
            yield max(0.1, began + (TICK_SECONDS if left else GAP_SECONDS) - world.now)


def tick(world: World, site: str, lease: float) -> Iterator[str]:
    """Look at the gate, leave the marks, read the state, decide, act, and remember; a moment at a time."""
    own, seen = world.tables[site], gate(world, site, site)
    yield "the watchdog has seen its gate"
    at = world.clock(site)
    shut = shut_for(Post(at, site, own.acked, seen, own.state))
    mark = Mark(at, world.armed[site], shut, due=due(own.state, site))
    for place in (CONTROL, other(site)):
        if _leave(world, site, place, mark):
            own.acked = at
    yield "the watchdog has left its marks"
    newest, sure = _newest(world, site)
    replica = _replica(world, site)
    post = Post(world.clock(site), site, own.acked, seen, newest, sure=sure, replica=replica, kept=own.state)
    yield "the watchdog has read the state"
    _carry_out(world, site, guard(post, lease))
    if newest is not None and (own.state is None or newest.newer_than(own.state)):
        own.state = newest
    if due(own.state, site) not in (0, mark.due):
        for place in (CONTROL, other(site)):
            _leave(world, site, place, replace(mark, at=world.clock(site), due=due(own.state, site)))


def _leave(world: World, site: str, place: str, mark: Mark) -> bool:
    try:
        for _ in world.net.calling(site, place, "tables"):
            world.tables[place].marks[site] = mark
    except LostCallError:
        return False
    return True


def _newest(world: World, site: str) -> tuple[State | None, bool]:
    """Give the newest document that counts, and whether it is the truth: control's, or one's own that goes on alone.

    The own copy by itself does not count, for the site may have slept through a move, unless a person said so in it.
    """
    own, told = world.tables[site].state, {}
    for place in (CONTROL, other(site)):
        try:
            for _ in world.net.calling(site, place, "tables"):
                told[place] = world.tables[place].state
        except LostCallError:
            continue
    alone = own is not None and own.alone != ""
    states = [state for state in told.values() if state is not None]
    if own is not None and (states or alone):
        states.append(own)
    newest = max(states, key=lambda one: one.age, default=None)
    return newest, newest is not None and (newest is told.get(CONTROL) or (alone and newest is own))


def _replica(world: World, site: str) -> bool | None:
    """Ask RDS whether the database is a replica, and the database itself while RDS is at work on it (fact A27)."""
    told = instance(world, site, site)
    if told.replica is False or told.status == "available":
        return told.replica
    return sql(world, site, site, beat=False).in_recovery


def _carry_out(world: World, site: str, action: Action) -> None:
    doors = world.gates[site]
    if not world.armed[site] or (site, "ec2") in world.net.broken:
        return
    if action.verb is Verb.FENCE:
        put(doors.entering, action.denies, world.now)
        put(doors.leaving, action.denies, world.now)
        if (site, "probe") not in world.net.broken and world.databases[site].health in (Health.RUNNING, Health.CROWDED):
            world.databases[site].sessions = 0
    elif action.verb is Verb.UNFENCE:
        doors.lift(action.denies)
