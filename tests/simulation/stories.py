"""Whole moves, each from a world that is well to one where it is over: what the proofs interrupt and repeat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from dr_templates.failover import orders
from dr_templates.failover.decide import decide
from dr_templates.failover.model import Mode, Observation, Policy, Want
from dr_templates.failover.state import Kind, State
from simulation.database import Health
from simulation.drive import drive, until
from simulation.holdings import Manner
from simulation.net import CONTROL, HOME, STANDBY
from simulation.pair import SimulatedPair
from simulation.rds import rebuild
from simulation.runner import Staff
from simulation.world import Agent, World

BRISK = Manner(linger=3.0, reboot=5.0, finish=4.0)
"""A promotion that takes twelve seconds, so that there are fewer moments in which nothing is going on."""
POLICY = Policy(mode=Mode.AUTOMATIC, patience=130.0, drain=20.0, rpo=86400.0, cooldown=600.0)

LATE_SECONDS = 400.0
"""Longer than anything within a move is waited for."""
Case = tuple[Observation, Policy, Want | None]
"""What a decision is made of."""


@dataclass(frozen=True)
class Story:
    """A move: what breaks before it, under which policy, and who wants what."""

    name: str
    breaks: Callable[[World], None]
    policy: Policy = POLICY
    kind: Kind = Kind.FAILOVER
    to: str = STANDBY
    by: str = ""
    moves: bool = True
    approver: bool = False
    away: bool = False


def _nothing(_world: World) -> None:
    """Break nothing."""


def _dead(world: World) -> None:
    world.ail(HOME, Health.DOWN)


def _dark(world: World) -> None:
    world.power(HOME, on=False)


def _isolated(world: World) -> None:
    world.net.isolate(HOME)
    world.stream = False


def _stalled(world: World) -> None:
    world.stall = "replay"


STORIES = (
    Story("switchover", _nothing, kind=Kind.SWITCHOVER, by="ann"),
    Story("switchover called off", _stalled, kind=Kind.SWITCHOVER, by="ann", moves=False),
    Story("failover, home dead", _dead),
    Story("failover, home dark", _dark),
    Story("failover, home isolated", _isolated),
    Story("failover by a person", _nothing, by="ann"),
    Story("failover, approved", _dark, policy=replace(POLICY, mode=Mode.APPROVE), approver=True),
    Story("failback", _nothing, kind=Kind.SWITCHOVER, to=HOME, by="ann", away=True),
)


def begun(story: Story) -> tuple[Staff, Want]:
    """Bring a world to where the move is about to begin: what is wrong has been watched for the patience.

    Nobody is on duty any more, so that whoever runs it runs it alone.
    """
    world = World(manner=BRISK)
    staff = Staff(world, story.policy).at_work()
    if story.away:
        _go_away(staff)
    wanted: list[Want] = []

    def starting(name: str, want: Want) -> Agent:
        """Catch what the controller would begin."""
        staff.on_duty = False
        world.executions[name] = True
        wanted.append(want)
        return iter(())

    world.starting = starting
    story.breaks(world)
    if story.approver:
        world.add(_approver(world))
    if story.by:
        state = world.truth()
        assert state is not None
        staff.on_duty = False
        world.advance(50.0)
        return staff, Want(story.kind, story.to, state.epoch + 1, story.by)
    until(world, lambda: wanted, seconds=900.0)
    return staff, wanted[0]


def _go_away(staff: Staff) -> None:
    """Have the move to the other site behind us, the old one rebuilt, and the cool-down over."""
    staff.ask(Kind.SWITCHOVER, STANDBY)
    until(staff.world, lambda: _moved(staff.world), seconds=900.0)
    rebuild(staff.world, HOME)
    staff.order(orders.resume)
    staff.world.advance(130.0)


def _moved(world: World) -> bool:
    state = world.truth()
    return state is not None and state.move is None and state.active == STANDBY


def _approver(world: World) -> Agent:
    """Say yes half a minute after there is something to say yes to."""
    while True:
        state = world.tables[CONTROL].state
        if state is not None and _waits(state, world.now):
            world.write_state(CONTROL, state, orders.approve(state, "ann"))
        yield 10.0


def _waits(state: State, now: float) -> bool:
    move = state.move
    return move is not None and move.phase == "open" and move.approved is None and now - move.begun > 30.0


@cache
def sightings() -> tuple[Case, ...]:
    """Give what runners of these moves have seen, before and during and after, and what was wanted of them.

    Of many looks in a row that led to the same step only the first is given, and each also as if nobody had looked for
    a while.
    """
    seen: dict[tuple[object, ...], Case] = {}
    for story in STORIES:
        staff, want = begun(story)
        pair = SimulatedPair(staff.world, "me", story.policy)
        looks = [*staff.sightings]
        looks += [(step.seen, want) for step in drive(pair, want)]
        staff.world.advance(story.policy.hold)
        looks += [(pair.observe(), None)]
        looks += [(replace(look, at=look.at + LATE_SECONDS), wanted) for look, wanted in looks]
        for look, wanted in looks:
            action = decide(look, story.policy, wanted)
            key = (story.name, wanted is None, action.verb, look.state and look.state.suspicion)
            seen.setdefault(key, (look, story.policy, wanted))
    return tuple(seen.values())
