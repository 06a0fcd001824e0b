"""The world: time, power, two databases and the stream between them, gates, tables, and clients that never rest.

Nothing in here knows the brain's rules. What is true of the pair is noted in ``facts`` after every event, whatever
anybody believes.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from dr_templates.failover.model import Beat, Want
from dr_templates.failover.state import State
from simulation.database import SERVING, SESSIONS, Database, Health, Role, Row
from simulation.facts import Facts
from simulation.holdings import Doors, Manner, Table
from simulation.net import HOME, PLACES, SITES, STANDBY, Net, other
from simulation.stream import Road, follow

EPOCH = 1_000_000.0
"""When the world begins."""
RECOVERY_SECONDS = 120.0
"""Assumed: after a site's power returns, its database takes minutes to take connections, and its watchdog's next tick
comes before that. A site whose database were back first would serve until the watchdog has looked."""
WRITE_SECONDS = 1.0
"""How often the clients of a site commit."""
BEAT_SECONDS = 60.0
"""The schedule of a site's probe."""

Agent = Iterator[float]
"""Somebody who acts: every turn gives how long to wait for the next."""


@dataclass
class World:
    """Everything there is. ``stall`` holds back what the replica receives (``receive``) or replays (``replay``)."""

    offset: Mapping[str, float] = field(default_factory=dict)
    manner: Manner = field(default_factory=Manner)
    now: float = EPOCH
    net: Net = field(default_factory=Net)
    facts: Facts = field(default_factory=Facts)
    stream: bool = True
    stall: str = ""
    watching: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(SITES, True))
    armed: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(SITES, True))
    secret_copied: dict[str, bool] = field(default_factory=lambda: {HOME: False, STANDBY: True})
    databases: dict[str, Database] = field(
        default_factory=lambda: {
            HOME: Database(Role.PRIMARY, backup_days=14),
            STANDBY: Database(Role.REPLICA, replica=True),
        }
    )
    gates: dict[str, Doors] = field(default_factory=lambda: {site: Doors() for site in SITES})
    tables: dict[str, Table] = field(default_factory=lambda: {place: Table() for place in PLACES})
    executions: dict[str, bool] = field(default_factory=dict)
    starting: Callable[[str, Want], Agent] | None = None
    _queue: list[tuple[float, int, Agent]] = field(default_factory=list)
    _seq: int = 0
    _numbers: int = 0
    _beats: int = 0
    _due: dict[str, float] = field(default_factory=lambda: dict.fromkeys(SITES, EPOCH))

    # Time

    def clock(self, place: str) -> float:
        """Give the time as a place has it."""
        return self.now + self.offset.get(place, 0.0)

    def add(self, agent: Agent, delay: float = 0.0) -> None:
        """Let somebody act from then on."""
        self._seq += 1
        heapq.heappush(self._queue, (self.now + delay, self._seq, agent))

    def later(self, delay: float, change: Callable[[], None]) -> None:
        """Let something happen then."""
        self.add(_once(change), delay)

    def advance(self, seconds: float) -> None:
        """Let time pass, with all that happens in it."""
        end = self.now + seconds
        while self._queue and self._queue[0][0] <= end:
            at, _, agent = heapq.heappop(self._queue)
            self._pass(at)
            delay = next(agent, None)
            self.check()
            if delay is not None:
                self.add(agent, delay)
        self._pass(end)

    # What is true

    def open(self, site: str) -> bool:
        """Tell whether a client of this site can write now and is told so."""
        return not self._stopped(self.gates[site].leaving) and self._committing(site)

    def truth(self) -> State | None:
        """Give the newest document of all tables."""
        states = [table.state for table in self.tables.values() if table.state is not None]
        return max(states, key=lambda state: (state.epoch, state.serial), default=None)

    def check(self) -> None:
        """Hold the world against what must always be so."""
        serving = [site for site in SITES if self.open(site)]
        if len(serving) > 1:
            self.facts.accuse(self.now, "both sites accept clients' writes")
        truth = self.truth()
        if serving and truth is not None and serving != [truth.active]:
            self.facts.accuse(self.now, f"{serving[0]} accepts writes and is not the active site")

    # What happens to it

    def power(self, place: str, *, on: bool) -> None:
        """Cut or restore the power of a whole place: database, watchdog, interfaces, table."""
        if on and place in self.net.dark:
            self.net.dark.discard(place)
            if place in SITES and self.databases[place].health is Health.STARTING:
                self.later(RECOVERY_SECONDS, partial(self._recovered, place))
        elif not on:
            self.net.dark.add(place)
            if place in SITES:
                self.ail(place, Health.STARTING)
        self.check()

    def ail(self, site: str, health: Health, status: str | None = None) -> None:
        """Make a server ill, or well again. A server that stops has no sessions left, and says nothing more."""
        database = self.databases[site]
        database.health = health
        if status is not None:
            database.status = status
        if health not in (*SERVING, Health.HUNG):
            database.sessions = 0
        self.check()

    def restart(self, site: str) -> None:
        """Let a server recover, as after a crash."""
        self.ail(site, Health.STARTING)
        self.later(RECOVERY_SECONDS, partial(self._recovered, site))

    def write_state(self, place: str, before: State, after: State) -> bool:
        """Put a document in a table if its serial there is still that of ``before``; tell whether it was."""
        table = self.tables[place]
        if (table.state.serial if table.state else 0) != before.serial:
            return False
        table.state = after
        return True

    def beat(self, site: str) -> None:
        """Write a heartbeat where the database takes one."""
        database = self.databases[site]
        if database.role is Role.PRIMARY and database.health is Health.RUNNING:
            self._beats += 1
            self._commit(database, acked=False, beat=Beat(site, self._beats, self.clock(site)))

    def mend(self) -> None:
        """Make everything well again: power, links, servers, watchdogs, the stream."""
        self.net.heal()
        self.stream, self.stall = True, ""
        for place in tuple(self.net.dark):
            self.power(place, on=True)
        for site in SITES:
            self.watching[site] = self.armed[site] = True
            database = self.databases[site]
            database.failing_over = False
            if database.status == "modifying":
                continue
            database.status = "available" if database.role is not Role.ABSENT else "absent"
            if database.health is Health.STARTING:
                self.later(RECOVERY_SECONDS, partial(self._recovered, site))
            else:
                database.health = Health.RUNNING
        self.check()

    def probes(self, site: str) -> Agent:
        """Beat every minute, as a site's probe does by its schedule."""
        while True:
            if site not in self.net.dark and (site, "probe") not in self.net.broken:
                self.beat(site)
            yield BEAT_SECONDS

    # Within

    def _road(self, site: str) -> Road:
        """Give how the stream to a replica is at this moment."""
        doors = self.gates[other(site)]
        shut = self.manner.cuts_stream and self._stopped(doors.entering) and self._stopped(doors.leaving)
        reached = self.stream and other(site) not in self.net.dark and not shut
        return Road(self.now, self.manner.lag, self.stall, reached, site in self.net.dark)

    def _recovered(self, site: str) -> None:
        if site not in self.net.dark and self.databases[site].health is Health.STARTING:
            self.databases[site].health = Health.RUNNING

    def _committing(self, site: str) -> bool:
        """Tell whether a site's database commits for clients: new ones, or those whose session nobody has ended."""
        database = self.databases[site]
        if site in self.net.dark or not database.serving:
            return False
        return database.sessions > 0 or not self._stopped(self.gates[site].entering)

    def _stopped(self, way: dict[int, float]) -> bool:
        """Tell whether a deny is in force in this direction, which it is a little later than EC2 says so."""
        return any(at + self.manner.late <= self.now for at in way.values())

    def _commit(self, database: Database, *, acked: bool, beat: Beat | None = None) -> None:
        self._numbers += 1
        database.commit(Row(self._numbers, self.now, acked, beat))

    def _pass(self, to: float) -> None:
        while self.now < to:
            step = min(to, self.now + WRITE_SECONDS)
            if not any(self.open(site) for site in SITES):
                self.facts.dark(self.now, step)
            self.now = step
            for site in SITES:
                self._serve(site)
            for site in SITES:
                if self.databases[site].role is Role.REPLICA:
                    follow(self.databases[site], self.databases[other(site)], self._road(site))

    def _serve(self, site: str) -> None:
        database, doors = self.databases[site], self.gates[site]
        if not self._committing(site):
            return
        if not self._stopped(doors.entering) and not self._stopped(doors.leaving):
            database.sessions = SESSIONS
        if self.now >= self._due[site]:
            self._due[site] = self.now + WRITE_SECONDS
            self._commit(database, acked=not self._stopped(doors.leaving))


def _once(change: Callable[[], None]) -> Agent:
    """Make an agent that has one turn, and nothing after it."""
    yield from ()
    change()
