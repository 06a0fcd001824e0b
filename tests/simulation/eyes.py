"""Looking at the simulated pair from one place, a call at a time, as the AWS body looks at the real one."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import TypeVar

from dr_templates.failover.model import Answer, Gate, Instance, Mark, Observation, Sight, Sql
from dr_templates.failover.state import State
from simulation.database import ANSWERS, STATUSES, Health, Role
from simulation.net import CONTROL, HOME, SITES, LostCallError, other
from simulation.world import World

Result = TypeVar("Result")
Doing = Generator[str, None, Result]
"""Whoever carries something out gives the name of every moment at which it could be held up or die."""


def look(world: World, place: str, runner: str, table: str, *, control_gone: bool = False) -> Doing[Observation]:
    """Look at everything from ``place``: a generator of moments that returns an Observation.

    First the state; then marks, copies and gates, with what RDS and Secrets Manager say; then the active site's
    database, and last the other's. A database is only written to where it is active and no move is under way.
    """
    at = world.clock(place)
    yield "before looking"
    state, pulse = None, None
    try:
        for _ in world.net.calling(place, table, "tables"):
            state = world.tables[table].state or (State(active=HOME) if table == CONTROL else None)
            pulse = world.tables[table].pulse
    except LostCallError:
        state, pulse = None, None
    yield "the state is read"
    about = {}
    for site in SITES:
        left, heard = mark(world, place, site, control_gone=control_gone)
        about[site] = Sight(
            Sql(),
            instance(world, place, site),
            gate(world, place, site),
            left,
            heard,
            _copy(world, place, site),
            _secret(world, place, site),
        )
    active = state.active if state else HOME
    for site in (active, other(active)):
        yield f"before asking {'the active' if site == active else 'the other'} database"
        beat = state is not None and state.move is None and site == active
        about[site] = replace(about[site], sql=sql(world, place, site, beat=beat))
    return Observation(at, runner, HOME, about, state, pulse)


def mark(world: World, place: str, site: str, *, control_gone: bool = False) -> tuple[Mark | None, bool]:
    """Give a site's newest mark, and whether all tables that may hold one could be read."""
    found, heard = [], True
    for table in (other(site),) if control_gone else (CONTROL, other(site)):
        try:
            for _ in world.net.calling(place, table, "tables"):
                left = world.tables[table].marks.get(site)
        except LostCallError:
            heard = False
            continue
        if left is not None:
            found.append(left)
    return max(found, key=lambda one: one.at, default=None), heard


def sql(world: World, place: str, site: str, *, beat: bool = True) -> Sql:
    """Ask a site's database through its probe."""
    told = Sql()
    try:
        for _ in world.net.calling(place, site, "probe"):
            told = _asked(world, site, beat=beat)
    except LostCallError:
        return Sql(error="the probe did not answer")
    return told


def instance(world: World, place: str, site: str) -> Instance:
    """Ask RDS."""
    database = world.databases[site]
    try:
        for _ in world.net.calling(place, site, "rds"):
            if database.role is Role.ABSENT:
                return Instance("absent")
            status = STATUSES.get(database.health, database.status)
            announced = None if (site, "events") in world.net.broken else database.failing_over
            told = Instance(status, database.replica, announced, database.backup_days)
    except LostCallError:
        return Instance()
    return told


def gate(world: World, place: str, site: str) -> Gate:
    """Look at a site's gate."""
    try:
        for _ in world.net.calling(place, site, "ec2"):
            told = world.gates[site].look()
    except LostCallError:
        return Gate()
    return told


def _copy(world: World, place: str, site: str) -> State | None:
    try:
        for _ in world.net.calling(place, site, "tables"):
            told = world.tables[site].state
    except LostCallError:
        return None
    return told


def _secret(world: World, place: str, site: str) -> bool | None:
    try:
        for _ in world.net.calling(place, site, "secrets"):
            told = world.secret_copied[site]
    except LostCallError:
        return None
    return told


def _asked(world: World, site: str, *, beat: bool) -> Sql:
    """Answer as the probe does, which reads the position before it writes its beat."""
    database = world.databases[site]
    answer = Answer.SILENT if database.role is Role.ABSENT else ANSWERS[database.health]
    if answer is not Answer.ANSWERED:
        return Sql(answer, error="no answer")
    primary, written = database.role is Role.PRIMARY, database.position
    if beat:
        world.beat(site)
    return Sql(
        answer,
        in_recovery=not primary,
        system=database.system,
        timeline=database.timeline,
        written=written if primary else None,
        received=None if primary else database.received,
        replayed=None if primary else database.position,
        streaming=None if primary else database.streaming,
        beat=database.beat,
        sessions=database.sessions,
        error="could not write" if database.health is Health.FULL else None,
    )
