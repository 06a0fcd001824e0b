"""Who runs the brain: the schedule's ticks, named executions, and a person with a keyboard."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field

from dr_templates.failover.decide import Brain, at_once, decide
from dr_templates.failover.loop import BLIND_LOOKS, RETRY_SECONDS, LostError, UnableError
from dr_templates.failover.model import Action, Observation, Policy, Verb, Want
from dr_templates.failover.state import Kind, State
from simulation.eyes import Doing, Result
from simulation.net import CONTROL, SITES
from simulation.pair import CrashError, SimulatedPair
from simulation.watch import watchdog
from simulation.world import Agent, World

Pace = Callable[[str], float]
Turn = tuple[Observation, Action, str]

TICK_SECONDS = 60.0
LONGEST_TICK = 58.0
OUTAGE_SECONDS = 10.0
"""How long an execution waits for its region to come back before it looks again."""


def _at_once(_moment: str) -> float:
    return 0.0


@dataclass
class Staff:
    """Everybody who acts in a world. ``pace`` tells how long each moment of a runner takes, and may kill it.

    The schedule begins no tick while nobody is ``on_duty``.
    """

    world: World
    policy: Policy
    brain: Brain = decide
    pace: Pace = _at_once
    steps: list[tuple[str, Action, str]] = field(default_factory=list)
    sightings: list[tuple[Observation, Want | None]] = field(default_factory=list)
    on_duty: bool = True

    def __post_init__(self) -> None:
        self.world.starting = self.execution

    def at_work(self) -> Staff:
        """Let watchdogs, probes and the controller's schedule go about their work, and all that is at rest settle."""
        for site in SITES:
            self.world.add(watchdog(self.world, site, self.policy.lease, self.pace))
            self.world.add(self.world.probes(site))
        self.world.add(self._schedule(), 1.0)
        self.world.advance(130.0)
        return self

    def ask(self, kind: Kind, to: str, *, by: str = "ann") -> str:
        """Start a move as drctl does, in the next epoch; the name of its execution, or empty where it is refused."""
        state = self.world.tables[CONTROL].state or State(active=SITES[0])
        return self.begin(Want(kind, to, state.epoch + 1, by))

    def begin(self, want: Want) -> str:
        """Start an execution in the control region, unless its name is used."""
        name = f"epoch-{want.epoch}"
        if CONTROL in self.world.net.dark or name in self.world.executions:
            return ""
        self.world.executions[name] = True
        self.world.add(self.execution(name, want))
        return name

    def order(self, change: Callable[[State], State]) -> bool:
        """Write what a person orders into the state; tell whether that was possible."""
        state = self.world.tables[CONTROL].state
        if state is None or CONTROL in self.world.net.dark:
            return False
        return self.world.write_state(CONTROL, state, change(state))

    def execution(self, name: str, want: Want | None, place: str = CONTROL, table: str = CONTROL) -> Agent:
        """Run the loop under a name until it is settled; a crash ends it where it is."""
        pair = SimulatedPair(self.world, name, self.policy, place, table)
        started, brain, blind = self.world.now, self.brain, 0
        try:
            while True:
                if place in self.world.net.dark:
                    yield OUTAGE_SECONDS
                    continue
                seen, action, trouble = yield from self._turn(pair, want, brain)
                blind = blind + 1 if seen.state is None and want else 0
                if action.settled and not 0 < blind < BLIND_LOOKS:
                    return
                if want is None and self._enough(action, name, started):
                    return
                yield max(action.seconds, RETRY_SECONDS if trouble or blind else 0.0)
        except CrashError:
            return
        finally:
            self.world.executions[name] = False

    def _turn(
        self, pair: SimulatedPair, want: Want | None, brain: Brain
    ) -> Generator[float, None, tuple[Observation, Action, str]]:
        seen = yield from self._at_pace(pair.looking())
        action = brain(seen, self.policy, want)
        self.sightings.append((seen, want))
        trouble = yield from self._step(pair, action)
        following = None if trouble else at_once(seen, action, self.policy, want, brain)
        if following is not None:
            action, trouble = following, (yield from self._step(pair, following))
        return seen, action, trouble

    def _step(self, pair: SimulatedPair, action: Action) -> Generator[float, None, str]:
        trouble = ""
        try:
            yield from self._at_pace(pair.doing(action))
        except LostError as error:
            trouble = f"somebody else was faster: {error}"
        except UnableError as error:
            trouble = error.reason
        if action.verb is not Verb.KEEP:
            self.steps.append((pair.runner, action, trouble))
        return trouble

    def _at_pace(self, doing: Doing[Result]) -> Generator[float, None, Result]:
        while True:
            try:
                moment = next(doing)
            except StopIteration as ended:
                result: Result = ended.value
                return result
            delay = self.pace(moment)
            if delay > 0:
                yield delay

    def _enough(self, action: Action, name: str, started: float) -> bool:
        """Tell whether a tick may leave the rest to the next one: it only waits, and holds no lock."""
        state = self.world.tables[CONTROL].state
        mine = state is not None and state.move is not None and state.move.holder == name
        return action.verb is Verb.WAIT and not mine and self.world.now + action.seconds - started > LONGEST_TICK

    def _schedule(self) -> Agent:
        number = 0
        while True:
            number += 1
            if self.on_duty and CONTROL not in self.world.net.dark:
                self.world.add(self.execution(f"tick-{number}", None))
            yield TICK_SECONDS
