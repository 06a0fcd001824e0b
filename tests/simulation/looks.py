"""Looks to change one thing in: a pair that is well, and a few that are not, for tables of single conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from dr_templates.failover import gate
from dr_templates.failover.decide import decide
from dr_templates.failover.model import (
    Answer,
    Beat,
    Gate,
    Instance,
    Mark,
    Mode,
    Observation,
    Policy,
    Pulse,
    Sight,
    Sql,
    Verb,
    Want,
)
from dr_templates.failover.state import Kind, Move, Phase, State
from simulation.net import HOME, STANDBY

AT = 1_000_000.0
ME = "me"
EPOCH = 4
NUMBER = gate.number(EPOCH)
POLICY = Policy(mode=Mode.AUTOMATIC)
WITH_LEASE = POLICY.lease + POLICY.margin
BEGUN_AGO = 30.0
"""How old a move of these looks is: old enough to fence, and young enough not to be late."""

Changes = Mapping[str, Any]


def by(*denies: int) -> Gate:
    """Give a gate with these denies in both directions; none, and it is open."""
    return Gate(frozenset(denies), frozenset(denies))


def half(*denies: int) -> Gate:
    """Give a gate with these denies on the way in alone."""
    return Gate(frozenset(denies), frozenset())


STATE = State(HOME, serial=9, epoch=EPOCH)
PULSE = Pulse(HOME, AT - 10.0, 1000, fed=AT - 10.0)
PRIMARY = Sight(
    Sql(
        Answer.ANSWERED,
        in_recovery=False,
        system="7",
        timeline=1,
        written=1000,
        beat=Beat(HOME, 20, AT - 2.0),
        sessions=3,
    ),
    Instance("available", replica=False, failing_over=False, backup_days=14),
    by(),
    Mark(AT - 5.0, armed=True),
    heard=True,
)
REPLICA = Sight(
    Sql(
        Answer.ANSWERED,
        in_recovery=True,
        system="7",
        timeline=1,
        received=1000,
        replayed=1000,
        streaming=True,
        beat=Beat(HOME, 19, AT - 7.0),
        sessions=1,
    ),
    Instance("available", replica=True, failing_over=False, backup_days=14),
    by(),
    Mark(AT - 5.0, armed=True),
    heard=True,
)
WELL = Observation(AT, ME, HOME, {HOME: PRIMARY, STANDBY: REPLICA}, STATE, PULSE)

UNSEEN: Changes = {"sql": Sql(), "instance": Instance(), "gate": Gate()}
"""A site at which nothing can be asked."""
SILENT: Changes = {"sql": Sql(Answer.SILENT)}
"""A database from which the probe gets no answer."""
SERVING: Changes = {"sql": PRIMARY.sql, "instance": PRIMARY.instance}
"""A database that takes writes."""
DEAF: Changes = {"streaming": False}
"""A replica whose receiver hears nothing."""
FENCED: Changes = {"gate": by(NUMBER), "sessions": 0}
"""A site that the move of ``EPOCH`` has shut."""
OLD = Mark(AT - 100.0, armed=True)


def sight(of: Sight, changes: Changes) -> Sight:
    """Change a sight, or what the probe, RDS or the mark says in it, each field by its name alone."""
    left = {name: value for name, value in changes.items() if name in {field.name for field in fields(Sight)}}
    whole, within = replace(of, **left), dict(changes)
    parts: dict[str, Any] = {"sql": whole.sql, "instance": whole.instance, "mark": whole.mark}
    for part, word in parts.items():
        names = {field.name for field in fields(word)} if word else set()
        parts[part] = word and replace(word, **{name: within.pop(name) for name in names if name in within})
    unknown = within.keys() - left.keys()
    if unknown:
        raise TypeError(unknown)
    return replace(whole, **parts)


def look(of: Observation, home: Changes | None = None, standby: Changes | None = None, **changes: Any) -> Observation:  # noqa: ANN401 - fields of Observation
    """Change a look: what is seen at home, at the standby's site, and the rest of it."""
    sites = {HOME: sight(of.sites[HOME], home or {}), STANDBY: sight(of.sites[STANDBY], standby or {})}
    return replace(of, sites=sites, **changes)


def stated(of: Observation, **changes: Any) -> Observation:  # noqa: ANN401 - fields of State
    """Change the document of a look."""
    return replace(of, state=replace(of.state or STATE, **changes))


MOVE = Move(
    epoch=EPOCH,
    kind=Kind.SWITCHOVER,
    source=HOME,
    target=STANDBY,
    holder=ME,
    until=AT + 60.0,
    begun=AT - BEGUN_AGO,
    by="ann",
    first=EPOCH,
)

HANDED = (Phase.SEALED, Phase.TURNING)


def moving(of: Observation, **changes: Any) -> Observation:  # noqa: ANN401 - fields of Move
    """Change the move of a look, or give it one: a planned move to the standby that we hold."""
    move = replace((of.state and of.state.move) or MOVE, **changes)
    return stated(of, move=move, active=STANDBY if move.phase in HANDED else HOME)


DARK = look(WELL, {**UNSEEN, "mark": OLD}, DEAF, pulse=replace(PULSE, at=AT - 100.0))
"""Home is gone, by two of three places."""
DEAD = look(WELL, SILENT, DEAF)
"""The database at home is dead."""


@dataclass(frozen=True)
class Row:
    """What is seen and wanted, and what is done: the verb, and a piece of the reason; the rest where it is not None."""

    what: str
    seen: Observation
    verb: Verb
    reason: str
    policy: Policy = POLICY
    want: Want | None = None
    site: str | None = None
    denies: frozenset[int] | None = None
    seconds: float | None = None


def departure(row: Row) -> str:
    """Decide, and give the action where it is not the row's; an empty text where it is.

    It has to be decided on the document that was seen, once there is one.
    """
    action, state = decide(row.seen, row.policy, row.want), row.seen.state
    pairs = ((row.site, action.site), (row.denies, action.denies), (row.seconds, action.seconds))
    kept = action.verb is row.verb and row.reason in action.reason
    kept = kept and (state is None or state.serial == 0 or action.before == state)
    return "" if kept and all(wanted in (None, done) for wanted, done in pairs) else str(action)
