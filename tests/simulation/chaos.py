"""Everything that may befall a pair, in any order: faults, repairs, people, crashes, slow runners.

One thing is left out, since nothing could hold against it and the design says so: a watchdog that can no longer fence,
at a site that is cut off at the same time. So a watchdog only fails at a site that is within reach, and a site is not
cut off until a failed watchdog's last mark has been seen to be old.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from dr_templates.failover import orders
from dr_templates.failover.decide import decide
from dr_templates.failover.model import Mode, Policy, Want
from dr_templates.failover.state import Kind, State
from simulation.database import SERVING, Health, Role
from simulation.holdings import Manner
from simulation.net import CONTROL, HOME, PAIRS, PLACES, SITES, STANDBY, Link, other
from simulation.pair import CrashError
from simulation.rds import rebuild
from simulation.runner import Brain, Staff
from simulation.world import World

UNWATCHED_SECONDS = 240.0
"""So long after a watchdog has failed its site may be cut off: by then a tick has noticed."""
LONGEST_STALL = 80.0
"""A step that takes longer is ended by its function's time-out, which is shorter than a lock lasts."""
POLICIES = (
    Policy(mode=Mode.AUTOMATIC, patience=130.0, cooldown=300.0),
    Policy(mode=Mode.AUTOMATIC, patience=180.0, cooldown=0.0, rpo=90.0),
    Policy(mode=Mode.AUTOMATIC, patience=130.0, lease=90.0, margin=10.0, cooldown=60.0),
    Policy(mode=Mode.APPROVE, patience=130.0, cooldown=300.0),
)


@dataclass
class Chaos:
    """A world with its staff, and a die."""

    die: random.Random
    brain: Brain = decide
    world: World = field(init=False)
    staff: Staff = field(init=False)
    failed: dict[str, float] = field(default_factory=dict)
    wants: list[Want] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    restless: bool = True

    def __post_init__(self) -> None:
        die = self.die
        offset = {HOME: die.choice((-2.5, 0.0, 2.5)), STANDBY: die.choice((-2.5, 0.0, 2.5))}
        manner = Manner(
            lag=die.choice((0.2, 0.4, 3.0)),
            linger=die.choice((0.0, 6.0, 20.0)),
            reboot=die.choice((5.0, 40.0)),
            finish=die.choice((2.0, 30.0)),
            cuts_stream=die.random() < 0.2,
        )
        self.world = World(offset=offset, manner=manner)
        self.staff = Staff(self.world, die.choice(POLICIES), self.brain, self._pace).at_work()

    def step(self, name: str) -> None:
        """Let one thing happen, and time pass."""
        self.log.append(f"{self.world.now:.0f} {name}")
        BEFALLS[name](self)
        self.world.check()
        self.world.advance(self.die.choice((0.5, 3.0, 20.0, 60.0, 200.0)))

    def mend(self) -> None:
        """Make everything well, rebuild what has been lost, and let nobody be slow or crash any more."""
        self.restless = False
        self.world.mend()

    def _pace(self, moment: str) -> float:
        if not self.restless:
            return 0.0
        roll = self.die.random()
        if roll > 0.03:
            return 0.0
        if roll > 0.004 or "watchdog" in moment:
            return self.die.uniform(0.2, 4.0)
        if roll > 0.002:
            return self.die.uniform(10.0, LONGEST_STALL)
        raise CrashError(moment)

    def may_be_cut(self, site: str) -> bool:
        """Tell whether nobody relies on this site's watchdog who should not."""
        return self.world.now - self.failed.get(site, 0.0) > UNWATCHED_SECONDS


def _links(chaos: Chaos) -> None:
    pairs = chaos.die.sample(PAIRS, chaos.die.randint(1, 3))
    if all(chaos.may_be_cut(site) for site in SITES):
        chaos.world.net.cut(*pairs, to=chaos.die.choice((Link.DOWN, Link.DOWN, Link.DEAF)))


def _isolate(chaos: Chaos) -> None:
    place = chaos.die.choice(PLACES)
    if all(chaos.may_be_cut(site) for site in SITES):
        chaos.world.net.isolate(place)
        chaos.world.stream = chaos.world.stream and place == CONTROL


def _mend_links(chaos: Chaos) -> None:
    chaos.world.net.heal()
    chaos.world.stream = True


def _stream(chaos: Chaos) -> None:
    chaos.world.stream = not chaos.world.stream


def _stall(chaos: Chaos) -> None:
    chaos.world.stall = chaos.die.choice(("", "receive", "replay"))


def _power(chaos: Chaos) -> None:
    place = chaos.die.choice(PLACES)
    if place in chaos.world.net.dark or all(chaos.may_be_cut(site) for site in SITES):
        chaos.world.power(place, on=place in chaos.world.net.dark)


def _ill(chaos: Chaos) -> None:
    site = chaos.die.choice(SITES)
    database = chaos.world.databases[site]
    if database.health is Health.RUNNING and site not in chaos.world.net.dark:
        chaos.world.ail(site, chaos.die.choice((Health.DOWN, Health.HUNG, Health.CROWDED, Health.FULL, Health.SLOW)))


def _restart(chaos: Chaos) -> None:
    site = chaos.die.choice(SITES)
    if chaos.world.databases[site].health in (*SERVING, Health.DOWN) and site not in chaos.world.net.dark:
        chaos.world.restart(site)


def _well(chaos: Chaos) -> None:
    for site in SITES:
        if site not in chaos.world.net.dark and chaos.world.databases[site].health is not Health.STARTING:
            chaos.world.ail(site, Health.RUNNING)


def _services(chaos: Chaos) -> None:
    place = chaos.die.choice(SITES)
    chaos.world.net.broken.add((place, chaos.die.choice(("rds", "probe", "secrets"))))


def _watchdog(chaos: Chaos) -> None:
    site = chaos.die.choice(SITES)
    if site in chaos.failed:
        chaos.world.watching[site] = True
        del chaos.failed[site]
    elif (
        all(chaos.world.net.together(site, place) for place in PLACES) and (site, "probe") not in chaos.world.net.broken
    ):
        chaos.world.watching[site] = False
        chaos.failed[site] = chaos.world.now


def _ask(kind: Kind) -> Callable[[Chaos], None]:
    def befall(chaos: Chaos) -> None:
        state = chaos.world.tables[CONTROL].state
        if state is not None:
            want = Want(kind, other(state.active), state.epoch + 1, "ann")
            if chaos.staff.begin(want):
                chaos.wants.append(want)

    return befall


def _duplicate(chaos: Chaos) -> None:
    """Run what has been asked for once more, under a name of its own, as ``drctl --here`` does."""
    if chaos.wants and CONTROL not in chaos.world.net.dark:
        name = f"ann-{len(chaos.log)}"
        chaos.world.add(chaos.staff.execution(name, chaos.die.choice(chaos.wants)))


def _order(change: Callable[[Chaos, State], State]) -> Callable[[Chaos], None]:
    def befall(chaos: Chaos) -> None:
        try:
            chaos.staff.order(lambda state: change(chaos, state))
        except orders.RefusedError:
            chaos.log.append("refused")

    return befall


def _turn_back(chaos: Chaos) -> None:
    """Have a sealed move go back, as drctl does: its runner is a new execution."""
    state = chaos.world.tables[CONTROL].state
    if state is None or CONTROL in chaos.world.net.dark:
        return
    epoch, now = state.epoch + 1, chaos.world.now
    try:
        turned = orders.turn_back(state, "ann", f"epoch-{epoch}", now, now + chaos.staff.policy.hold)
    except orders.RefusedError:
        chaos.log.append("refused")
        return
    if turned.move is not None and chaos.world.write_state(CONTROL, state, turned):
        chaos.staff.begin(Want(Kind.FAILOVER, turned.move.source, epoch, "ann"))


def _rebuild(chaos: Chaos) -> None:
    """Rebuild the site that is not active as a replica, as reprotecting does once no move is under way."""
    state = chaos.world.tables[CONTROL].state
    if state is None or state.move is not None:
        return
    site = other(state.active)
    source, lost = chaos.world.databases[state.active], chaos.world.databases[site]
    well = source.role is Role.PRIMARY and source.health is Health.RUNNING and not chaos.world.net.dark
    if well and lost.role is Role.PRIMARY and state.active not in chaos.world.net.dark:
        rebuild(chaos.world, site)


BEFALLS: dict[str, Callable[[Chaos], None]] = {
    "links": _links,
    "isolate": _isolate,
    "mend links": _mend_links,
    "stream": _stream,
    "stall": _stall,
    "power": _power,
    "ill": _ill,
    "restart": _restart,
    "well": _well,
    "services": _services,
    "watchdog": _watchdog,
    "switchover": _ask(Kind.SWITCHOVER),
    "failover": _ask(Kind.FAILOVER),
    "duplicate": _duplicate,
    "approve": _order(lambda _, state: orders.approve(state, "ann")),
    "deny": _order(lambda chaos, state: orders.deny(state, "ann", chaos.world.now, 60.0)),
    "turn back": _turn_back,
    "pause": _order(lambda chaos, state: orders.pause(state, "ann", "because", chaos.world.now + 200.0)),
    "resume": _order(lambda _, state: orders.resume(state)),
    "rebuild": _rebuild,
    "mend": lambda chaos: chaos.world.mend(),
    "nothing": lambda _: None,
}
