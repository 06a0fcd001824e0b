"""What goes on in the lab while a drill runs: steps of the controller, what each site is, where the name points.

It is written down as it happens, and kept for whoever reckons up at the end. Whatever does not answer for a moment is
asked again.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from threading import Event, Thread
from typing import Any

from dr_templates.aws import journal, trigger
from dr_templates.aws.clients import AWS_ERRORS
from dr_templates.aws.journal import Entry
from dr_templates.aws.table import GarbledError, read_state, table_at
from dr_templates.drill.report.model import Acted, Named, Noted, Proved, Stood
from dr_templates.drill.report.recorder import Recorder
from dr_templates.drill.sampler import Sample
from dr_templates.drill.stage import Stage
from dr_templates.errors import DrError
from dr_templates.failover.cause import WORDS, Cause
from dr_templates.failover.model import Stance, Verb
from dr_templates.failover.state import State, Suspicion
from dr_templates.topology import CONTROL

EVERY_SECONDS = 0.4
EVERYWHERE = 6
"""Every so many looks the tables of the sites are read as well."""
NEWEST = 60
AGREED = 3
"""A stance, or a target of the name, is one once it was seen in as many samples on end."""


@dataclass
class _Seen:
    """Something that changes, and how often its newest value has been seen on end."""

    told: object = None
    newest: object = None
    times: int = 0

    def settled(self, value: object, agreed: int = AGREED) -> bool:
        """Take a value, and tell whether it is a new one that has been seen often enough."""
        self.times = self.times + 1 if value == self.newest else 1
        self.newest = value
        if value == self.told or self.times < agreed:
            return False
        self.told = value
        return True


@dataclass
class Watching:
    """What was seen so far. ``samples`` and ``steps`` are in order; ``suspicions`` by the epoch they led to.

    ``shut`` tells by epoch when the site to be parted from its clients was first seen shut, by the lab's clock;
    ``causes`` is all that the controller has named, with the real time it was seen to; ``addresses`` tells the site of
    each address a database has had.
    """

    stage: Stage
    recorder: Recorder
    samples: list[Sample] = field(default_factory=list)
    steps: list[Entry] = field(default_factory=list)
    suspicions: dict[int, Suspicion] = field(default_factory=dict)
    shut: dict[int, float] = field(default_factory=dict)
    causes: list[tuple[str, float]] = field(default_factory=list)
    addresses: dict[str, str] = field(default_factory=dict)
    _running: Mapping[str, bool | None] = field(default_factory=dict)
    _gated: frozenset[str] = frozenset()
    _changing: dict[tuple[str, str], _Seen] = field(default_factory=dict)
    _known: set[tuple[int, float, str, str]] = field(default_factory=set)
    _tick: str = ""

    def stances(self) -> Mapping[str, bool | None]:
        """Tell which site's database is in recovery, as far as was known a moment ago."""
        return self._running

    def take(self, sample: Sample) -> None:
        """Keep a sample, and write down what has changed with it."""
        self.samples.append(sample)
        for site in self.stage.names.sites:
            answers = [told.get(site) for told in sample.writable.values()]
            stance = stood(sample.stances.get(site), answers, shut=site in self._gated)
            if self._changed("stance", site, stance):
                self.recorder.note(Stood(site, stance), at=sample.at)
        for place, target in sample.name.items():
            if self._changed("name", place, target):
                self.recorder.note(Named(place, target), at=sample.at)

    def look(self) -> None:
        """Ask the lab and control's table once. What does not answer tells nothing."""
        with contextlib.suppress(DrError):
            told = self.stage.ask("databases")
            by_region = {one["region"]: one for one in told if one["identifier"] in self._identifiers()}
            self.addresses |= {
                one["address"]: site
                for site in self.stage.names.sites
                if (one := by_region.get(self.stage.region(site))) is not None
            }
            servers = {site: by_region.get(self.stage.region(site), {}) for site in self.stage.names.sites}
            self._running = {site: _serving(told) for site, told in servers.items()}
            self._gated = frozenset(site for site, told in servers.items() if told.get("shut"))
        with contextlib.suppress(*AWS_ERRORS, GarbledError):
            state = read_state(self.stage.table)
            if state is not None:
                self._state(state)
        with contextlib.suppress(*AWS_ERRORS):
            self._controller()
        with contextlib.suppress(*AWS_ERRORS, GarbledError):
            self._journal(CONTROL)

    def look_everywhere(self) -> None:
        """Look, and read also what was written at the sites: there, who moves without the control region writes."""
        self.look()
        for site in self.stage.names.sites:
            with contextlib.suppress(*AWS_ERRORS, GarbledError):
                self._journal(site)

    def _state(self, state: State) -> None:
        if state.suspicion is not None:
            self.suspicions[state.epoch + 1] = state.suspicion
            self._concluded(state.suspicion.cause, WORDS[Cause(state.suspicion.cause)])
        if state.move is not None and state.move.fenced is not None:
            self.shut.setdefault(state.move.epoch, state.move.fenced)

    def _controller(self) -> None:
        """Write down what the controller's last tick has made of what it saw."""
        machine, names = self.stage.clients.stepfunctions(self.stage.region(CONTROL)), self.stage.names
        ended = trigger.newest(machine, names)
        if ended is None or ended == self._tick:
            return
        self._tick = ended
        last = trigger.outcome(machine, names, ended).last
        if last is not None and last.verb == Verb.KEEP:
            self._concluded(last.cause, last.reason)

    def _concluded(self, cause: str, words: str) -> None:
        self.causes.append((cause, time.time()))
        if self._changing.setdefault(("cause", ""), _Seen()).settled(words, 1):
            self.recorder.note(Noted(f"the controller: {words}"))

    def _journal(self, place: str) -> None:
        entries = journal.read(table_at(place, self.stage.names, self.stage.clients), NEWEST)
        for one in reversed(entries):
            key = (one.epoch, one.at, one.verb, one.runner)
            if key in self._known:
                continue
            self._known.add(key)
            self.steps.append(one)
            at = self.stage.clock.real(one.at)
            acted = Acted(one.verb, one.reason, one.runner, one.site, one.epoch, one.trouble or None)
            self.recorder.note(acted, at=at)
            if one.proof is not None:
                proof = one.proof
                self.recorder.note(
                    Proved(one.epoch, proof.shut, proof.system, proof.timeline, proof.written, proof.replayed), at=at
                )

    def _identifiers(self) -> set[str]:
        return {self.stage.names.instance(site) for site in self.stage.names.sites}

    def _changed(self, what: str, of: str, value: object) -> bool:
        return self._changing.setdefault((what, of), _Seen()).settled(value)


@contextlib.contextmanager
def watching(stage: Stage, recorder: Recorder) -> Iterator[Watching]:
    """Watch while inside, some times a second; look once more at the end."""
    seen, over = Watching(stage, recorder), Event()

    def run() -> None:
        for turn in count(1):
            if over.wait(EVERY_SECONDS):
                return
            (seen.look if turn % EVERYWHERE else seen.look_everywhere)()

    seen.look()
    thread = Thread(target=run, name="watching", daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
        seen.look_everywhere()


def _serving(told: Mapping[str, Any]) -> bool | None:
    """Say whether a database is in recovery; None when it does not answer, or nobody can get to it."""
    return told.get("in_recovery") if told.get("open") else None


def stood(in_recovery: bool | None, answers: Sequence[bool | None], *, shut: bool) -> Stance:
    """Name what a site is, by its server's word, its gate, and what came of clients' writes (None: no answer in time).

    As for the controller, a primary is fenced when its gate is shut, and one that nobody hears from is unknown.
    """
    if in_recovery is not False:
        return Stance.REPLICA if in_recovery else Stance.UNKNOWN
    if any(answers):
        return Stance.PRIMARY
    if shut:
        return Stance.FENCED
    return Stance.PRIMARY if False in answers else Stance.UNKNOWN
