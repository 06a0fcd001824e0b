"""Moves that are turned back after their seal: what befalls the target then, and a person who has enough of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from dr_templates.failover import orders
from dr_templates.failover.model import Verb, Want
from dr_templates.failover.state import Kind
from simulation.drive import drive
from simulation.holdings import Manner
from simulation.net import CONTROL, HOME, STANDBY
from simulation.pair import CrashError, SimulatedPair
from simulation.runner import Staff
from simulation.stories import BRISK, POLICY, Case
from simulation.world import World

SEALED = "seal is done"
PATIENCE_SECONDS = 100.0
"""So long a person waits for a target that does not come up."""


@dataclass(frozen=True)
class Mishap:
    """What befalls the target of a sealed move."""

    name: str
    befall: Callable[[World], None]


def _cut_off(world: World) -> None:
    world.net.isolate(STANDBY)
    world.stream = False


def _unseen(world: World) -> None:
    """Cut it off from whoever moves it, and not from the other site."""
    world.net.cut((CONTROL, STANDBY), (STANDBY, CONTROL))


MISHAPS = (
    Mishap("nothing", lambda _: None),
    Mishap("dark", lambda world: world.power(STANDBY, on=False)),
    Mishap("cut off", _cut_off),
    Mishap("cut off from control", _unseen),
    Mishap("RDS refuses", lambda world: world.net.broken.add((STANDBY, "rds"))),
    Mishap("its probe refuses", lambda world: world.net.broken.add((STANDBY, "probe"))),
)


def dying(after: int) -> Callable[[str], None]:
    """Die so many moments after the seal has been written."""
    moments: list[str] = []

    def held(moment: str) -> None:
        if moments or moment == SEALED:
            moments.append(moment)
        if len(moments) > after:
            raise CrashError(moment)

    return held


def sealed(mishap: Mishap, after: int, runner: str = "second", manner: Manner = BRISK) -> tuple[Staff, Want] | None:
    """Bring a planned move past its seal, let its runner die and the target fail, and have a person turn it back.

    ``runner`` is to carry that out. None where the target has taken a write by then, and the order is refused.
    """
    world = World(manner=manner)
    staff = Staff(world, POLICY).at_work()
    staff.on_duty = False
    state = world.truth()
    assert state is not None
    world.advance(50.0)
    try:
        drive(
            SimulatedPair(world, "first", POLICY, held=dying(after)),
            Want(Kind.SWITCHOVER, STANDBY, state.epoch + 1, "ann"),
        )
    except CrashError:
        mishap.befall(world)
        world.advance(PATIENCE_SECONDS)
    state = world.tables[CONTROL].state
    assert state is not None
    try:
        turned = orders.turn_back(state, "ann", runner, world.now, world.now + POLICY.hold)
    except orders.RefusedError:
        return None
    assert world.write_state(CONTROL, state, turned)
    return staff, Want(Kind.FAILOVER, HOME, turned.epoch, "ann")


@cache
def looks() -> tuple[Case, ...]:
    """Give what whoever turns a move back has seen: of many looks that led to the same step, the first."""
    seen: dict[tuple[str, Verb], Case] = {}
    for mishap in MISHAPS:
        begun = sealed(mishap, 1, "me")
        assert begun is not None
        staff, want = begun
        for step in drive(SimulatedPair(staff.world, "me", POLICY), want):
            seen.setdefault((mishap.name, step.action.verb), (step.seen, POLICY, want))
    return tuple(seen.values())
