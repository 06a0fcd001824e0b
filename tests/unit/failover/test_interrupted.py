"""Interrupted anywhere: whoever goes on, after a crash at any moment of any step, ends where an unbroken run ends."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from dr_templates.failover.loop import LostError, UnableError
from dr_templates.failover.model import Action, Want
from dr_templates.failover.state import Phase
from simulation.drive import End, drive, end, until
from simulation.net import HOME, STANDBY
from simulation.pair import CrashError, SimulatedPair
from simulation.runner import Staff
from simulation.stories import STORIES, Story, begun

SETTLE_SECONDS = 200.0
"""Longer than any watchdog takes to open or shut what the end asks for."""

AGAIN_SECONDS = 900.0
"""Enough for the controller to suspect, wait for the patience, and move, all over again."""


@dataclass
class Moments:
    """Counts the moments of a runner, and lets it die at one of them."""

    fatal: int | None = None
    count: int = 0
    last: str = ""

    def __call__(self, moment: str) -> None:
        self.count += 1
        self.last = moment
        if self.count == self.fatal:
            raise CrashError(moment)


def _run(story: Story, held: Moments, *, twice: bool = False) -> tuple[Staff, Want, bool]:
    staff, want = begun(story)
    pair = SimulatedPair(staff.world, "first", story.policy, held=held, twice=twice)
    try:
        drive(pair, want)
    except CrashError:
        return staff, want, True
    return staff, want, False


def _go_on(staff: Staff, want: Want, runner: str) -> None:
    """Once the lock has run out, run it again: a person by hand, the controller by its next ticks."""
    staff.world.advance(staff.policy.hold + 1)
    if not want.cause:
        drive(SimulatedPair(staff.world, runner, staff.policy), want)
        return
    staff.world.executions[f"epoch-{want.epoch}"] = False
    staff.world.starting, staff.on_duty = staff.execution, True
    until(staff.world, lambda: _over(staff), seconds=AGAIN_SECONDS, step=20.0)


def _over(staff: Staff) -> bool:
    state = staff.world.truth()
    return state is not None and state.move is None and state.last is not None


def _unbroken(story: Story) -> tuple[End, int]:
    held = Moments()
    staff, _, crashed = _run(story, held)
    world = staff.world
    assert not crashed
    world.advance(SETTLE_SECONDS)
    assert world.facts.violations == []
    return end(world), held.count


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_the_unbroken_run(story: Story) -> None:
    over, _ = _unbroken(story)
    away = STANDBY if story.to == HOME else HOME
    assert over.active == (story.to if story.moves else away)
    assert over.serving == (over.active,)
    assert over.moving is None
    assert over.moved is story.moves
    assert over.backups[(HOME, STANDBY).index(over.active)]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_crash_at_any_moment_ends_in_the_same_place(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    unbroken, moments = _unbroken(story)
    assert moments > 60
    for fatal in range(1, moments + 1):
        held = Moments(fatal)
        staff, want, crashed = _run(story, held)
        world = staff.world
        assert crashed
        _go_on(staff, want, "second")
        world.advance(SETTLE_SECONDS)
        assert world.facts.violations == [], held.last
        assert end(world) == unbroken, held.last
    with capsys.disabled():
        print(f"\n{story.name}: {moments} crash points, one end", end="")  # noqa: T201 - the count is a result


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_two_crashes_in_a_row_end_there_too(story: Story) -> None:
    """The second runner dies as well, a few moments after it has taken over."""
    unbroken, moments = _unbroken(story)
    for fatal in range(1, moments + 1, 7):
        staff, want, _ = _run(story, Moments(fatal))
        world = staff.world
        again = Moments(3 + fatal % 11)
        world.advance(story.policy.hold + 1)
        try:
            drive(SimulatedPair(world, "second", story.policy, held=again), want)
        except CrashError:
            _go_on(staff, want, "third")
        world.advance(SETTLE_SECONDS)
        assert world.facts.violations == []
        assert end(world) == unbroken


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_every_effect_may_happen_twice(story: Story) -> None:
    unbroken, _ = _unbroken(story)
    staff, _, _ = _run(story, Moments(), twice=True)
    world = staff.world
    world.advance(SETTLE_SECONDS)
    assert world.facts.violations == []
    assert end(world) == unbroken


@dataclass(frozen=True)
class _Stammering:
    """A pair that performs every action again, as a retried task of the state machine does."""

    pair: SimulatedPair
    again: Callable[[Action, str], None]

    def perform(self, action: Action) -> None:
        self.pair.perform(action)
        try:
            self.pair.perform(action)
        except (LostError, UnableError) as error:
            self.again(action, type(error).__name__)
        else:
            self.again(action, "")


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_every_action_may_be_performed_twice(story: Story) -> None:
    """What has been written is not written again, and what has been done does no harm."""
    unbroken, _ = _unbroken(story)
    staff, want = begun(story)
    world = staff.world
    pair = SimulatedPair(world, "first", story.policy)
    told: list[tuple[Action, str]] = []
    stammering = _Stammering(pair, lambda action, error: told.append((action, error)))
    steps = drive(pair, want, body=stammering.perform)
    world.advance(SETTLE_SECONDS)
    assert world.facts.violations == []
    assert end(world) == unbroken
    assert all(error == "LostError" for action, error in told if action.after is not None)
    assert len(told) == len(steps)


def test_a_sealed_move_is_never_called_off() -> None:
    """Past the seal a crash leads on and not back, whatever the pair looks like meanwhile."""
    story = STORIES[0]
    _, moments = _unbroken(story)
    sealed = 0
    for fatal in range(1, moments + 1):
        staff, want, _ = _run(story, Moments(fatal))
        world = staff.world
        state = world.truth()
        assert state is not None
        if state.move is None or state.move.phase is not Phase.SEALED:
            continue
        sealed += 1
        world.stall = "replay"
        world.net.isolate(HOME)
        _go_on(staff, want, "second")
        world.net.heal()
        world.advance(SETTLE_SECONDS)
        assert end(world).serving == (STANDBY,)
        assert world.facts.violations == []
    assert sealed > 10
