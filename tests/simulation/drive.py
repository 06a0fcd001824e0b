"""Driving the real loop over a simulated pair, with the world going on while it waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dr_templates.failover import gate, loop
from dr_templates.failover.model import Action, Observation, Want
from dr_templates.failover.state import Phase
from simulation.net import SITES
from simulation.pair import SimulatedPair
from simulation.world import World

LONGEST = 2000
"""More turns than any move takes: a loop that has not settled by then never will."""


@dataclass(frozen=True)
class _Body:
    """A pair's eyes with other hands."""

    observe: Callable[[], Observation]
    perform: Callable[[Action], None]


def drive(
    pair: SimulatedPair, want: Want | None, *, limit: int = LONGEST, body: Callable[[Action], None] | None = None
) -> list[loop.Step]:
    """Run the loop until it is settled, and give its turns; ``body`` performs in the pair's place.

    Raises ``AssertionError`` when it does not settle.
    """
    steps: list[loop.Step] = []
    for step in loop.run(_Body(pair.observe, body or pair.perform), pair.policy, want, pair.world.advance):
        steps.append(step)
        assert len(steps) < limit, f"not settled: {step.action.verb}, {step.action.reason}, {step.trouble}"
    return steps


@dataclass(frozen=True)
class End:
    """What is left when all is over, without times, serials and epochs, that may differ.

    ``shut`` tells of each site whether a move and whether its own watchdog has closed it.
    """

    active: str
    moving: Phase | None
    serving: tuple[str, ...]
    roles: tuple[str, ...]
    shut: tuple[tuple[bool, bool], ...]
    backups: tuple[bool, ...]
    copied: tuple[bool, ...]
    moved: bool | None


def end(world: World) -> End:
    """Give the end as it stands."""
    state = world.truth()
    assert state is not None
    return End(
        active=state.active,
        moving=state.move.phase if state.move else None,
        serving=tuple(site for site in SITES if world.open(site)),
        roles=tuple(world.databases[site].role for site in SITES),
        shut=tuple(
            (bool(gate.of_moves(world.gates[site].look())), gate.OWN in world.gates[site].entering) for site in SITES
        ),
        backups=tuple(world.databases[site].backup_days > 0 for site in SITES),
        copied=tuple(world.secret_copied[site] for site in SITES),
        moved=state.last.moved if state.last else None,
    )


def until(world: World, true: Callable[[], object], *, seconds: float, step: float = 5.0) -> None:
    """Let time pass until something is true. Raises ``AssertionError`` when it is not in time."""
    passed = 0.0
    while not true():
        assert passed < seconds, "it did not come about"
        world.advance(step)
        passed += step
