"""One observation in words: both sites side by side, and what holds for the pair. Pure; ``view`` prints it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dr_templates.aws.names import Names
from dr_templates.cli.durations import spoken
from dr_templates.failover import cause, gate
from dr_templates.failover.codec import encode
from dr_templates.failover.look import Look
from dr_templates.failover.model import Gate, Observation, Policy, Sight, Stance
from dr_templates.failover.opened import question
from dr_templates.failover.stance import peer, stance, writable
from dr_templates.failover.state import Ended, Move, Phase, State

UNKNOWN = "not known"
Row = tuple[str, ...]


@dataclass(frozen=True)
class Portrait:
    """``pair`` holds what is true of both, ``sites`` a row for each question with an answer for each site.

    ``alarming`` says that the pair is not as it should be; ``plain`` is all of it for a program.
    """

    pair: tuple[Row, ...]
    columns: Row
    sites: tuple[Row, ...]
    alarming: bool
    plain: dict[str, Any]


def draw(seen: Observation, policy: Policy, names: Names) -> Portrait:
    """Say in words what was seen."""
    found = cause.name(seen, policy)
    active = seen.state.active if seen.state else None
    columns = tuple(f"{site} (active)" if site == active else site for site in names.sites)
    questions = (
        ("region", names.region),
        ("stance", lambda site: str(stance(seen.sites[site]))),
        ("database", lambda site: _database(seen.sites[site])),
        ("RDS", lambda site: _instance(seen.sites[site])),
        ("lag", lambda site: _lag(seen, site)),
        ("gate", lambda site: _gate(seen.sites[site].gate, seen.state)),
        ("copy of the state", lambda site: _copy(seen, site)),
        ("watchdog", lambda site: _mark(seen, site)),
    )
    return Portrait(
        pair=tuple(_pair(seen, policy, names, found)),
        columns=columns,
        sites=tuple((question, *(answer(site) for site in names.sites)) for question, answer in questions),
        alarming=found is not cause.Cause.NOTHING,
        plain={
            "environment": names.environment,
            "mode": policy.mode.value,
            "cause": {"name": found.value, "words": found.words, "acts": found.acts},
            "stances": {site: stance(sight).value for site, sight in seen.sites.items()},
            "lag": {site: dict(zip(("seconds", "bytes"), lag(seen, site), strict=True)) for site in names.sites},
            "observation": encode(seen),
        },
    )


def blank(seen: Observation) -> bool:
    """Tell whether nothing at all could be read, or nothing is there, as in the wrong account."""
    return (seen.state is None or seen.state.serial == 0) and all(
        sight.copy is None
        and sight.mark is None
        and not sight.heard
        and sight.instance.status in (None, "absent")
        and not gate.known(sight.gate)
        and sight.sql.error is None
        and sight.sql.in_recovery is None
        for sight in seen.sites.values()
    )


def lag(seen: Observation, site: str) -> tuple[float | None, int | None]:
    """Give how far a replica is behind: seconds by its newest heartbeat, bytes by what its primary has written."""
    sql, source = seen.sites[site].sql, seen.sites[peer(seen, site)].sql
    if sql.in_recovery is not True:
        return None, None
    age = None if sql.beat is None else max(0.0, seen.at - sql.beat.written_at)
    known = source.written is not None and sql.replayed is not None and sql.system == source.system
    return age, max(0, (source.written or 0) - (sql.replayed or 0)) if known else None


def when(at: float) -> str:
    """Write a time of the day in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _pair(seen: Observation, policy: Policy, names: Names, found: cause.Cause) -> Iterator[Row]:
    yield "environment", names.environment
    yield "seen", when(seen.at)
    yield "cause", f"{found}: {found.words}"
    state = seen.state
    if state is None:
        yield "state", f"the state table in {names.region('control')} cannot be read"
        return
    if state.serial == 0:
        yield "state", "none is written yet; the controller writes it once it has seen a primary and its replica"
        yield "new", "controller and watchdogs look once a minute: after a first deploy, look again in two"
        return
    yield "active", f"{state.active}, epoch {state.epoch}"
    yield "mode", policy.mode.value
    if state.suspicion:
        yield "suspicion", f"{state.suspicion.cause}, for {spoken(seen.at - state.suspicion.since)}"
    if state.pause and state.paused(seen.at):
        yield "paused", f"by {state.pause.by} until {when(state.pause.until)}: {state.pause.reason}"
    if seen.at < state.cool_until:
        yield "cooling", f"no move by itself for another {spoken(state.cool_until - seen.at)}"
    if state.move:
        yield from _under_way(Look(seen, policy, None, state), state.move)
    for site in names.sites:
        if state.doubts(site):
            yield "kept shut", f"{site}, for readers too: a move to it was turned back, and may promote it yet"
    yield "last move", _ended(state.last) if state.last else "none"


def _under_way(look: Look, move: Move) -> Iterator[Row]:
    yield "move", _move(move, look.at)
    if move.told and move.phase is Phase.OPEN and move.approved is None:
        yield "waits", question(look, move) or "for the next look"
    if move.phase is Phase.SEALED and not writable(look.sight(move.target).sql):
        back = "" if move.back else f"; drctl failover --to {move.source} turns it back"
        yield "waits", f"for {move.target} to come up: nobody can write until then{back}"


def _move(move: Move, at: float) -> str:
    lock = f"good for {spoken(move.until - at)}" if at <= move.until else f"left {spoken(at - move.until)} ago"
    asked = f", approved by {move.approved}" if move.approved else ""
    turns = move.phase is Phase.TURNING
    age = spoken(at - (move.begun if turns else move.turned or move.begun))
    kind = "turned back" if turns or move.back else move.kind
    return (
        f"epoch {move.epoch}, {kind} to {move.towards}: {move.phase} for {age}, "
        f"held by {move.holder} ({lock}), asked for by {move.by}{asked}"
    )


def _ended(last: Ended) -> str:
    how = "turned back" if last.back else "moved" if last.moved else "did not move"
    left = f"; left: {', '.join(last.left)}" if last.left else ""
    return f"epoch {last.epoch}, {last.kind} to {last.target} {how}, {when(last.at)}: {last.result}{left}"


def _database(sight: Sight) -> str:
    sql = sight.sql
    parts = [sql.answer.value]
    if sql.in_recovery is not None:
        free = "would take writes, but for its gate" if stance(sight) is Stance.FENCED else "takes writes"
        parts.append("in recovery" if sql.in_recovery else free)
    if sql.in_recovery and sql.streaming is not None:
        parts.append("streaming" if sql.streaming else "not streaming")
    if sql.sessions is not None:
        parts.append(f"{sql.sessions} sessions")
    return ", ".join(parts) + (f": {sql.error}" if sql.error else "")


def _instance(sight: Sight) -> str:
    instance = sight.instance
    if instance.status is None:
        return UNKNOWN
    roles = {True: ", replica", False: ", not a replica", None: ""}
    moving = ", Multi-AZ failover under way" if instance.failing_over else ""
    kept = "" if instance.backup_days is None else f", backups {instance.backup_days} days"
    return f"{instance.status}{roles[instance.replica]}{kept}{moving}"


def _lag(seen: Observation, site: str) -> str:
    if stance(seen.sites[site]) is not Stance.REPLICA:
        return "-"
    age, behind = lag(seen, site)
    heartbeat = "heartbeat not known" if age is None else f"heartbeat {spoken(age)} old"
    return f"{heartbeat}, {'bytes not known' if behind is None else f'{behind:,} bytes'}"


def _gate(seen: Gate, state: State | None) -> str:
    if not gate.known(seen):
        return UNKNOWN
    said = []
    for deny in sorted(gate.denies(seen)):
        whose = "by its watchdog" if deny == gate.OWN else f"by number {deny}"
        if state and deny != gate.OWN and deny == gate.number(state.epoch):
            whose = f"for epoch {state.epoch}"
        said.append(f"{'shut' if gate.shut_by(seen, deny) else 'half shut'} {whose}")
    return ", ".join(said) or "open"


def _copy(seen: Observation, site: str) -> str:
    """Tell of the copy in a site's own table. The other site's marks stand there too: they tell whether it was read."""
    copy = seen.sites[site].copy
    if copy is None:
        return "none" if seen.sites[peer(seen, site)].heard else UNKNOWN
    alone = f", alone by the word of {copy.alone}" if copy.alone else ""
    return f"epoch {copy.epoch}, {copy.active} active{alone}"


def _mark(seen: Observation, site: str) -> str:
    sight = seen.sites[site]
    if sight.mark is None:
        return "no mark" if sight.heard else UNKNOWN
    armed = "armed" if sight.mark.armed else "could not fence"
    shut = f", has shut its gate for epoch {sight.mark.shut}" if sight.mark.shut else ""
    return f"mark {spoken(seen.at - sight.mark.at)} old, {armed}{shut}"
