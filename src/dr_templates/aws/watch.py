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

from dr_templates.aws import asked, nacl, table
from dr_templates.aws.news import hear
from dr_templates.aws.station import Memory, Station, together
from dr_templates.failover.guard import Post, due, guard, shut_for
from dr_templates.failover.model import Action, Gate, Mark, Verb
from dr_templates.failover.state import State

EVERY_SECONDS = 5.0
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
    a mark first, so a runner that counts it as gone has not seen it open. Another mark is left at the end by a site
    that has just learnt of a move to it: a planned one waits for that.
    """
    memory.trouble = []
    gate = _look(station, memory)
    mark = _mark(station, memory, gate)
    news = hear(station, memory)
    post = Post(station.clock(), station.site, memory.acked, gate, news.state, news.sure, news.replica, memory.state)
    action = guard(post, station.lease)
    _act(station, memory, action)
    _keep(station, memory, news.state)
    if due(memory.state, station.site) not in (0, mark.due):
        _mark(station, memory, gate)
    return Tick(post, action, tuple(memory.trouble))


def _recall(station: Station, memory: Memory) -> None:
    """Learn from the own table when another place last took a mark: another sandbox may have been at work meanwhile.

    A table that cannot be read is no proof that none ever did: the lease then runs from now, or a site whose memory is
    out of order would serve for ever. One that is not there, or is empty, belongs to a site that is just being made.
    """
    calls = {"own": partial(table.read_acked, station.own, station.site)}
    answers = together(memory, calls, nothing=(table.MISSING,))
    if "own" not in answers and memory.acked is None:
        memory.acked = station.clock()
    memory.acked = max((at for at in (memory.acked, answers.get("own")) if at is not None), default=None)


def _look(station: Station, memory: Memory) -> Gate:
    """Read the gate; once an invocation, find out whether it could be shut."""
    ec2 = station.clients.ec2(station.region)
    calls = {"gate": partial(nacl.find, ec2, station.names.acl(station.site))}
    found: nacl.Acl | None = together(memory, calls).get("gate")
    if found is None:
        return UNSEEN
    memory.acl = found.id
    if not memory.armed:
        memory.armed = together(memory, {"dry run": partial(nacl.may_close, ec2, found.id)}).get("dry run", False)
    return found.gate


def _mark(station: Station, memory: Memory, gate: Gate) -> Mark:
    """Leave a mark in both other places; one that takes it is enough.

    A table that is not there counts as one that took it: nobody can rely on what it would say.
    """
    at = station.clock()
    shut = shut_for(Post(at, station.site, memory.acked, gate, memory.state))
    mark = Mark(at, memory.armed, shut, due=due(memory.state, station.site))
    calls = {place: partial(table.write_mark, station.of(place), station.site, mark) for place in station.elsewhere}
    if together(memory, calls, nothing=(table.MISSING,)):
        memory.acked = at
    return mark


def _act(station: Station, memory: Memory, action: Action) -> None:
    """Set or lift the denies. Whoever is in is put out as well, without waiting for it: no packet passes any more."""
    if action.verb not in (Verb.FENCE, Verb.UNFENCE):
        return
    if memory.acl is None:
        memory.trouble.append("the gate has never been found, so it cannot be moved")
        return
    ec2 = station.clients.ec2(station.region)
    if action.verb is Verb.UNFENCE:
        together(memory, {"opening": partial(nacl.open_, ec2, memory.acl, action.denies)})
        return
    shut = {
        f"{'answers' if leaving else 'questions'} {deny}": partial(nacl.close, ec2, memory.acl, deny, leaving=leaving)
        for deny in sorted(action.denies)
        for leaving in (False, True)
    }
    together(memory, {**shut, "sessions": partial(_end_sessions, station)})


def _end_sessions(station: Station) -> None:
    asked.dismiss(station.clients.lambda_(station.region), station.names.probe(station.site))


def _keep(station: Station, memory: Memory, state: State | None) -> None:
    """Keep in the own table when we were last heard, and the document if it is newer than the copy there."""
    calls: dict[str, Callable[[], Any]] = {}
    if memory.acked is not None:
        calls["own mark"] = partial(table.write_acked, station.own, station.site, memory.acked)
    known = memory.state
    if state is not None and (known is None or state.newer_than(known)):
        calls["copy"] = partial(table.save_copy, station.own, state, known)
    if "copy" in together(memory, calls):
        memory.state = state
