"""One look at the pair, by everything that can be asked of AWS.

The order is what conclusions rest on: first the state; then marks, copies and gates, with what RDS and Secrets Manager
say; then the active site's database, and last the other one's. So a position that is read behind a shut gate was
written behind it, and a replica that has reached it has reached all there is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from dr_templates.aws import asked, nacl, sights, table
from dr_templates.aws.asking import PROBE_SECONDS, Asker, Question, asker
from dr_templates.aws.clients import Clients
from dr_templates.aws.names import Names
from dr_templates.aws.table import Table, table_at
from dr_templates.failover.model import Gate, Instance, Mark, Observation, Sight, Sql
from dr_templates.failover.state import State
from dr_templates.topology import CONTROL

DARK_SECONDS = 4.0


@dataclass(frozen=True)
class Eyes:
    """With what to look: ``runner`` is who does, ``clock`` gives seconds since 1970.

    ``state_place`` is the place whose table holds the state. With ``control_gone`` a person has said that the control
    region is lost: nothing is asked there, and the tables that are left count for all.
    """

    names: Names
    clients: Clients
    clock: Callable[[], float]
    runner: str
    state_place: str = CONTROL
    control_gone: bool = False

    def table(self, place: str) -> Table:
        """Give the table of a place."""
        return table_at(place, self.names, self.clients)


@dataclass(frozen=True)
class _Site:
    """What was asked about a site, apart from its database."""

    marks: tuple[Question[Mark], ...]
    copy: Question[State]
    gate: Question[Gate]
    instance: Question[Instance]
    failing_over: Question[bool]
    secret_copied: Question[bool]

    def wait(self) -> None:
        """Wait for what has to be known before a database is asked; what RDS says may come later."""
        for mark in self.marks:
            mark.answered()
        self.copy.answered()
        self.gate.answered()


def observe(eyes: Eyes) -> Observation:
    """Look at everything once, in under a minute. What cannot be seen is told as not known; nothing is raised.

    The time of the look is that of its beginning, so that nothing seems older than it is.
    """
    at, home = eyes.clock(), eyes.names.home
    with asker() as ask:
        kept = eyes.table(eyes.state_place)
        state_asked = ask.ask(partial(table.read_state, kept))
        pulse_asked = ask.ask(partial(table.read_pulse, kept))
        state = state_asked.told()
        if state is None and state_asked.answered() and eyes.state_place == CONTROL:
            state = State(active=home)
        pulse = pulse_asked.told()
        about = {site: _ask(eyes, ask, site) for site in eyes.names.sites}
        for site in about.values():
            site.wait()
        told = _databases(eyes, ask, state, about)
        sites = {site: _sight(about[site], told[site]) for site in eyes.names.sites}
    return Observation(at, eyes.runner, home, sites, state, pulse)


def _ask(eyes: Eyes, ask: Asker, site: str) -> _Site:
    region = eyes.names.region(site)
    rds, name = eyes.clients.rds(region), eyes.names.instance(site)
    ec2, secrets = eyes.clients.ec2(region), eyes.clients.secretsmanager(region)
    peer = eyes.names.peer(site)
    places = (peer,) if eyes.control_gone else (CONTROL, peer)
    return _Site(
        marks=tuple(ask.ask(partial(table.read_mark, eyes.table(place), site)) for place in places),
        copy=ask.ask(partial(table.read_state, eyes.table(site))),
        gate=ask.ask(lambda: nacl.find(ec2, eyes.names.acl(site)).gate),
        instance=ask.ask(partial(asked.instance, rds, name)),
        failing_over=ask.ask(partial(asked.failing_over, rds, name)),
        secret_copied=ask.ask(partial(asked.secret_copied, secrets, eyes.names.secret, region)),
    )


def _databases(eyes: Eyes, ask: Asker, state: State | None, about: Mapping[str, _Site]) -> Mapping[str, Sql]:
    """Ask the databases, the active one first. Where not even the gate was told of, the probe is not waited for long.

    It is written to, which alone shows that it takes writes, unless a move is under way or nobody knows who is active.
    """
    active = state.active if state and state.active in eyes.names.sites else eyes.names.home
    told = {}
    for site in (active, eyes.names.peer(active)):
        beat = state is not None and state.move is None and site == active
        probe = eyes.clients.lambda_(eyes.names.region(site))
        call = partial(asked.invoke, probe, eyes.names.probe(site), beat=beat)
        question = ask.ask(call, PROBE_SECONDS if about[site].gate.answered() else DARK_SECONDS)
        told[site] = sights.sql(question.told())
    return told


def _sight(about: _Site, sql: Sql) -> Sight:
    marks = [mark for question in about.marks if (mark := question.told())]
    instance = about.instance.told() or Instance()
    return Sight(
        sql=sql,
        instance=replace(instance, failing_over=about.failing_over.told()),
        gate=about.gate.told() or Gate(),
        mark=max(marks, key=lambda mark: mark.at, default=None),
        heard=all(question.answered() for question in about.marks),
        copy=about.copy.told(),
        secret_copied=about.secret_copied.told(),
    )
