"""The watchdog's body: looks at its own site, leaves marks in the two other places, and shuts the gate when cut off.

Nothing that AWS or the network does is raised here: what is not answered in time is not known, and the next tick asks
again. Every wait is bounded, also the one for a name that no resolver answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from dr_templates.aws import nacl, sights, table, together
from dr_templates.aws.clients import AWS_ERRORS
from dr_templates.aws.station import Memory, Station
from dr_templates.failover.guard import Post, guard, shut_for
from dr_templates.failover.model import Action, Gate, Mark, Verb
from dr_templates.failover.state import State
from dr_templates.topology import CONTROL

EVERY_SECONDS = 5.0
BOUND_SECONDS = 4.0
"""How long a tick waits for calls that run side by side; a client's own waits are shorter (``HASTY``)."""
ASSURED_SECONDS = 75.0
"""How long control's table has to have been read before its word opens a gate. When a control region comes back its
document may be older than a move made without it; its first tick, a minute later at most, sees to that."""
UNSEEN = Gate()


@dataclass(frozen=True)
class Tick:
    """One turn: what the site's place was, what was done about it, and what could not be done or asked."""

    post: Post
    action: Action
    trouble: tuple[str, ...]

    @property
    def line(self) -> str:
        """Give the turn as a line of JSON, for the log."""
        reached = None if self.post.acked is None else round(self.post.at - self.post.acked, 1)
        said = {"verb": self.action.verb, "reason": self.action.reason, "denies": sorted(self.action.denies)}
        return json.dumps({**said, "unheard_seconds": reached, "trouble": self.trouble})


@dataclass(frozen=True)
class _News:
    """What was read after the gate; ``sure`` as ``guard`` wants it, ``replica`` None for not known."""

    state: State | None
    sure: bool
    replica: bool | None


def watch(station: Station, memory: Memory, pause: Callable[[float], None], seconds: float) -> Iterator[Tick]:
    """Take turns, five seconds apart, for as many seconds; the first at once."""
    end = station.clock() + seconds
    memory.armed = False
    memory.trouble = []
    _recall(station, memory)
    while True:
        following = station.clock() + EVERY_SECONDS
        yield tick(station, memory)
        if following > end:
            return
        pause(max(0.0, following - station.clock()))


def tick(station: Station, memory: Memory) -> Tick:
    """Look, leave marks, read who is active, decide, act, and keep what was learnt.

    The gate is looked at before the marks are left and the state is read after it: a site that opens its gate has left
    a mark first, so a runner that counts it as gone has not seen it open.
    """
    memory.trouble = []
    gate = _look(station, memory)
    _mark(station, memory, gate)
    news = _ask(station, memory)
    post = Post(station.clock(), station.site, memory.acked, gate, news.state, news.sure, news.replica)
    action = guard(post, station.lease)
    _act(station, memory, action)
    _keep(station, memory, news.state)
    return Tick(post, action, tuple(memory.trouble))


def _recall(station: Station, memory: Memory) -> None:
    """Learn from the own table when another place last took a mark: another sandbox may have been at work meanwhile.

    A table that cannot be read is no proof that none ever did: the lease then runs from now, or a site whose memory is
    out of order would serve for ever. One that is not there, or is empty, belongs to a site that is just being made.
    """
    answers = _together(
        memory, {"own": partial(table.read_acked, station.own, station.site)}, ResourceNotFoundException=None
    )
    if "own" not in answers and memory.acked is None:
        memory.acked = station.clock()
    memory.acked = max((at for at in (memory.acked, answers.get("own")) if at is not None), default=None)


def _look(station: Station, memory: Memory) -> Gate:
    """Read the gate; once an invocation, find out whether it could be shut."""
    ec2 = station.clients.ec2(station.region)
    calls = {"gate": partial(nacl.find, ec2, station.names.acl(station.site))}
    found: nacl.Acl | None = _together(memory, calls).get("gate")
    if found is None:
        return UNSEEN
    memory.acl = found.id
    if not memory.armed:
        memory.armed = _together(memory, {"dry run": partial(nacl.may_close, ec2, found.id)}).get("dry run", False)
    return found.gate


def _mark(station: Station, memory: Memory, gate: Gate) -> None:
    """Leave a mark in both other places; one that takes it is enough.

    A table that is not there counts as one that took it: nobody can rely on what it would say.
    """
    at = station.clock()
    shut = shut_for(Post(at, station.site, memory.acked, gate, memory.state))
    mark = Mark(at, memory.armed, shut)
    calls = {place: partial(table.write_mark, station.of(place), station.site, mark) for place in station.elsewhere}
    if _together(memory, calls, ResourceNotFoundException=None):
        memory.acked = at


def _ask(station: Station, memory: Memory) -> _News:
    """Read who is active and whether the database is a replica.

    The newest document counts, wherever it was read; but the own copy alone does not, for the site may have slept
    through a move. A copy is never sure, save the own one of a site that a person has sent on alone.
    """
    reads = {place: partial(table.read_state, station.of(place)) for place in (*station.elsewhere, station.site)}
    answers = _together(memory, {**reads, "replica": partial(_replica, station)}, ResourceNotFoundException=None)
    memory.state = own = answers.get(station.site, memory.state)
    truth = answers.get(CONTROL)
    told = [state for place in station.elsewhere if (state := answers.get(place))]
    alone = own is not None and own.alone != ""
    if own is not None and (told or alone):
        told.append(own)
    newest = max(told, key=lambda state: (state.epoch, state.serial), default=None)
    sure = newest is not None and ((newest == truth and _assured(station, memory)) or (alone and newest == own))
    if truth is None or newest != truth:
        memory.assured = None
    return _News(newest, sure=sure, replica=answers.get("replica"))


def _assured(station: Station, memory: Memory) -> bool:
    """Tell whether control has been back for long enough that it has learnt of a move made without it."""
    now = station.clock()
    memory.assured = now if memory.assured is None else memory.assured
    return now - memory.assured >= ASSURED_SECONDS


def _replica(station: Station) -> bool | None:
    """Tell whether the database is a replica: by RDS, and by the database itself while RDS is at work on it.

    RDS names a source until it has done with a promotion, so its word alone does not do for an instance that is not
    ``available`` (fact A27).
    """
    instance = None
    try:
        found = station.clients.rds(station.region).describe_db_instances(
            DBInstanceIdentifier=station.names.instance(station.site)
        )["DBInstances"]
        instance = sights.instance(found[0]) if found else None
    except AWS_ERRORS:
        pass
    if instance is not None and (instance.replica is False or instance.status == "available"):
        return instance.replica
    answer = station.clients.lambda_(station.region).invoke(
        FunctionName=station.names.probe(station.site), Payload=json.dumps({"beat": False}).encode()
    )
    try:
        return sights.sql(json.loads(answer["Payload"].read())).in_recovery
    except ValueError:
        return None


def _act(station: Station, memory: Memory, action: Action) -> None:
    """Set or lift the denies. Whoever is in is put out as well, without waiting for it: no packet passes any more."""
    if action.verb not in (Verb.FENCE, Verb.UNFENCE):
        return
    if memory.acl is None:
        memory.trouble.append("the gate has never been found, so it cannot be moved")
        return
    ec2 = station.clients.ec2(station.region)
    if action.verb is Verb.UNFENCE:
        _together(memory, {"opening": partial(nacl.open_, ec2, memory.acl, action.denies)})
        return
    shut = {
        f"{'answers' if leaving else 'questions'} {deny}": partial(nacl.close, ec2, memory.acl, deny, leaving=leaving)
        for deny in sorted(action.denies)
        for leaving in (False, True)
    }
    _together(memory, {**shut, "sessions": partial(_end_sessions, station)})


def _end_sessions(station: Station) -> None:
    station.clients.lambda_(station.region).invoke(
        FunctionName=station.names.probe(station.site),
        InvocationType="Event",
        Payload=json.dumps({"end_sessions": True}).encode(),
    )


def _keep(station: Station, memory: Memory, state: State | None) -> None:
    """Keep in the own table when we were last heard, and the document if it is newer than the copy there."""
    calls: dict[str, Callable[[], Any]] = {}
    if memory.acked is not None:
        calls["own mark"] = partial(table.write_acked, station.own, station.site, memory.acked)
    known = memory.state
    if state is not None and (known is None or state.newer_than(known)):
        calls["copy"] = partial(table.save_copy, station.own, state, known)
    if calls:
        _together(memory, calls)
    memory.state = state or known


def _together(memory: Memory, calls: together.Calls, **instead: None) -> dict[str, Any]:
    answers, wrong = together.call(calls, BOUND_SECONDS, instead)
    memory.trouble.extend(f"{name}: {reason}" for name, reason in sorted(wrong.items()))
    return answers
