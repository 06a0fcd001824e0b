"""The truth table of what can go wrong: each fault, what it is called, and whether the database may be moved for it."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from dr_templates.failover.cause import Cause, name
from dr_templates.failover.model import Mode, Policy
from simulation.database import Health
from simulation.net import CONTROL, HOME, SITES, STANDBY
from simulation.pair import SimulatedPair
from simulation.runner import Staff
from simulation.world import World

POLICY = Policy(mode=Mode.AUTOMATIC)
NAMED_SECONDS = 100.0
"""When it is named: every witness has noticed, and the patience is not over."""
TWENTY_MINUTES = 1200.0


@dataclass(frozen=True)
class Fault:
    """What happens, the name for it, and whether it moves the database, and whether clients can write in the end."""

    what: str
    befall: Callable[[World], None]
    cause: Cause
    moved: bool = False
    serves: bool = True


def ail(site: str, health: Health, status: str | None = None) -> Callable[[World], None]:
    return lambda world: world.ail(site, health, status)


def for_a_while(seconds: float, health: Health, status: str = "available") -> Callable[[World], None]:
    def befall(world: World) -> None:
        world.ail(HOME, health, status)
        world.later(seconds, lambda: world.ail(HOME, Health.RUNNING, "available"))

    return befall


def multi_az(world: World) -> None:
    world.databases[HOME].failing_over = True
    for_a_while(110.0, Health.DOWN)(world)
    world.later(110.0, lambda: setattr(world.databases[HOME], "failing_over", False))


def broken(*services: tuple[str, str]) -> Callable[[World], None]:
    return lambda world: world.net.broken.update(services)


def cut(*pairs: tuple[str, str], stream: bool = True) -> Callable[[World], None]:
    def befall(world: World) -> None:
        world.net.cut(*pairs)
        world.stream = stream

    return befall


def isolated(place: str) -> Callable[[World], None]:
    def befall(world: World) -> None:
        world.net.isolate(place)
        world.stream = place == CONTROL

    return befall


def both(*faults: Callable[[World], None]) -> Callable[[World], None]:
    def befall(world: World) -> None:
        for fault in faults:
            fault(world)

    return befall


def silent_watchdog(world: World) -> None:
    world.watching[HOME] = False


FAULTS = (
    Fault("nothing", lambda _: None, Cause.NOTHING),
    Fault("the server's process is killed", ail(HOME, Health.DOWN), Cause.DEAD, moved=True),
    Fault("the server hangs (SIGSTOP)", ail(HOME, Health.HUNG), Cause.DEAD, moved=True),
    Fault("RDS calls the primary failed", ail(HOME, Health.DOWN, "failed"), Cause.DEAD, moved=True),
    Fault("its connections are exhausted", ail(HOME, Health.CROWDED), Cause.OVERLOADED),
    Fault("it is too slow for the probe", ail(HOME, Health.SLOW), Cause.STREAMING),
    Fault("its storage is full", ail(HOME, Health.FULL), Cause.STORAGE_FULL, serves=False),
    Fault(
        "so it is, and the server has stopped", ail(HOME, Health.DOWN, "storage-full"), Cause.STORAGE_FULL, serves=False
    ),
    Fault("its key cannot be used", ail(HOME, Health.LOCKED), Cause.KEY_UNUSABLE, serves=False),
    Fault("a Multi-AZ failover is under way", multi_az, Cause.MULTI_AZ),
    Fault("a Multi-AZ failover nobody has announced", for_a_while(110.0, Health.DOWN), Cause.DEAD),
    Fault(
        "dead, and RDS does not tell of its events",
        both(ail(HOME, Health.DOWN), broken((HOME, "events"))),
        Cause.UNCLEAR,
        serves=False,
    ),
    Fault("it is rebooted", for_a_while(600.0, Health.STARTING, "rebooting"), Cause.MAINTENANCE),
    Fault("it is stopped by RDS for maintenance", for_a_while(600.0, Health.DOWN, "maintenance"), Cause.MAINTENANCE),
    Fault("it recovers from a crash", for_a_while(900.0, Health.STARTING), Cause.STARTING),
    Fault("RDS's API does not answer", broken((HOME, "rds")), Cause.CONTROL_PLANE),
    Fault("the probe does not answer", broken((HOME, "probe")), Cause.STREAMING),
    Fault("the probe and the stream are down", both(broken((HOME, "probe")), cut(stream=False)), Cause.UNCLEAR),
    Fault("the link to the replica is cut", cut(stream=False), Cause.REPLICATION_BROKEN),
    Fault("the replica is dead", ail(STANDBY, Health.DOWN), Cause.REPLICA_ILL),
    Fault("the replica is being backed up", ail(STANDBY, Health.RUNNING, "backing-up"), Cause.REPLICA_ILL),
    Fault(
        "dead, while the replica is backed up",
        both(ail(HOME, Health.DOWN), ail(STANDBY, Health.RUNNING, "backing-up")),
        Cause.DEAD,
        serves=False,
    ),
    Fault(
        "both databases are dead", both(ail(HOME, Health.DOWN), ail(STANDBY, Health.DOWN)), Cause.UNCLEAR, serves=False
    ),
    Fault("the home region is dark", lambda world: world.power(HOME, on=False), Cause.GONE, moved=True),
    Fault("home is isolated, and alive", isolated(HOME), Cause.GONE, moved=True),
    Fault("home is cut from control alone", cut((HOME, CONTROL), (CONTROL, HOME)), Cause.STREAMING),
    Fault("so it is, and from its replica", cut((HOME, CONTROL), (CONTROL, HOME), stream=False), Cause.CUT_OFF),
    Fault("control cannot call home", cut((CONTROL, HOME)), Cause.STREAMING),
    Fault("home cannot call control", cut((HOME, CONTROL)), Cause.NOTHING),
    Fault("home can call nobody", cut((HOME, CONTROL), (HOME, STANDBY)), Cause.ISOLATED, moved=True),
    Fault("nobody can call home", cut((CONTROL, HOME), (STANDBY, HOME), stream=False), Cause.CUT_OFF),
    Fault("the watchdog is silent", silent_watchdog, Cause.WATCHDOG_SILENT),
    Fault("both sites are out of control's reach", isolated(CONTROL), Cause.BLIND),
    Fault("the standby region is dark", lambda world: world.power(STANDBY, on=False), Cause.REPLICA_ILL),
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
def test_the_truth_table(fault: Fault) -> None:
    world = World()
    staff = Staff(world, POLICY).at_work()
    fault.befall(world)
    world.advance(NAMED_SECONDS)
    assert name(SimulatedPair(world, "a person who looks", POLICY).observe(), POLICY) is fault.cause
    world.advance(TWENTY_MINUTES - NAMED_SECONDS)
    state = world.truth()
    assert state is not None
    assert state.active == (STANDBY if fault.moved else HOME)
    assert [promotion.site for promotion in world.facts.promotions] == [STANDBY] * fault.moved
    assert [site for site in SITES if world.open(site)] == [state.active] * fault.serves
    assert world.facts.violations == []
    assert (staff.steps[-1][1].reason in state.last.result) if state.last and fault.moved else state.last is None


def test_a_replica_that_was_backed_up_is_promoted_when_that_is_over() -> None:
    world = World()
    Staff(world, Policy(mode=Mode.AUTOMATIC, rpo=3600.0)).at_work()
    world.ail(HOME, Health.DOWN)
    world.ail(STANDBY, Health.RUNNING, "backing-up")
    world.later(900.0, lambda: world.ail(STANDBY, Health.RUNNING, "available"))
    world.advance(900.0)
    assert world.facts.promotions == []
    world.advance(600.0)
    assert [site for site in SITES if world.open(site)] == [STANDBY]
    assert world.facts.violations == []


def test_a_site_whose_watchdog_died_long_before_it_was_cut_off_never_counts_as_gone() -> None:
    """Its last mark is old because nobody leaves marks, and nobody would have fenced it: it serves on."""
    world = World()
    Staff(world, POLICY).at_work()
    world.watching[HOME] = False
    world.advance(3600.0)
    isolated(HOME)(world)
    world.advance(TWENTY_MINUTES)
    assert world.facts.promotions == []
    assert world.open(HOME)
    assert world.facts.violations == []
