"""Two runners of one move, interleaved moment by moment: one does the work, the other says who does."""

from collections.abc import Generator
from dataclasses import dataclass, field

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dr_templates.failover.decide import decide
from dr_templates.failover.loop import RETRY_SECONDS, LostError, UnableError
from dr_templates.failover.model import Action, Verb, Want
from simulation.drive import drive, end
from simulation.pair import CrashError, SimulatedPair
from simulation.runner import Staff
from simulation.stories import STORIES, Story, begun
from simulation.world import World

TURNS = 300
WORLDLY = frozenset({Verb.FENCE, Verb.UNFENCE, Verb.PROMOTE, Verb.BACKUPS, Verb.DETACH, Verb.NAME, Verb.NOTIFY})


@dataclass
class Runner:
    """One who goes on a moment at a time, whenever it is let; ``wakes`` is when it wants to look again."""

    pair: SimulatedPair
    want: Want
    actions: list[tuple[Action, str]] = field(default_factory=list)
    wakes: float = 0.0
    over: bool = False

    def moments(self) -> Generator[str, None, None]:
        """Look, decide and perform until settled, stopping at every moment."""
        while True:
            seen = yield from self.pair.looking()
            action, trouble = decide(seen, self.pair.policy, self.want), ""
            yield "decided"
            try:
                yield from self.pair.doing(action)
            except LostError:
                trouble = "lost"
            except UnableError as error:
                trouble = error.reason
            self.actions.append((action, trouble))
            if action.settled:
                self.over = True
                return
            self.wakes = self.pair.world.now + max(action.seconds, RETRY_SECONDS if trouble else 0.0)
            yield "waits"


def interleave(world: World, runners: list[Runner], schedule: list[tuple[int, float]]) -> None:
    """Let the runners go on in this order, each turn followed by so many seconds; then take turns to the end."""
    going = [runner.moments() for runner in runners]
    for who, seconds in schedule:
        if not runners[who].over:
            next(going[who], None)
        world.advance(seconds)
    for _ in range(TURNS * 20):
        if all(runner.over for runner in runners):
            return
        for runner, moments in zip(runners, going, strict=True):
            if not runner.over and runner.wakes <= world.now:
                next(moments, None)
        world.advance(0.5)
    pytest.fail(f"not settled: {[runner.actions[-1:] for runner in runners]}")


def _both(story: Story, schedule: list[tuple[int, float]]) -> tuple[Staff, list[Runner]]:
    staff, want = begun(story)
    runners = [Runner(SimulatedPair(staff.world, name, story.policy), want) for name in ("one", "two")]
    interleave(staff.world, runners, schedule)
    return staff, runners


def _alone(story: Story) -> object:
    staff, want = begun(story)
    drive(SimulatedPair(staff.world, "one", story.policy), want)
    staff.world.advance(400.0)
    return end(staff.world)


turns = st.lists(st.tuples(st.integers(0, 1), st.sampled_from((0.0, 0.0, 0.0, 0.5, 1.0))), max_size=TURNS // 3)
long_turns = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from((0.0, 0.0, 0.0, 1.0, 5.0, 130.0))), max_size=TURNS // 3
)
ENDS = {story.name: _alone(story) for story in STORIES}


@given(st.sampled_from(STORIES), turns)
@example(STORIES[0], [(1, 1.0), (0, 1.0), (0, 1.0), (1, 0.0), (1, 0.0), (1, 0.5), *[(1, 1.0)] * 7])
def test_one_does_the_work_and_the_other_says_who(story: Story, schedule: list[tuple[int, float]]) -> None:
    staff, runners = _both(story, schedule)
    worked = [[action for action, _ in runner.actions if action.verb in WORLDLY] for runner in runners]
    assert sum(bool(work) for work in worked) == 1
    (idle,) = (runner for runner, work in zip(runners, worked, strict=True) if not work)
    (busy,) = (runner for runner in runners if runner is not idle)
    told = [action.reason for action, _ in idle.actions if action.settled]
    over = staff.world.truth()
    assert over is not None
    assert over.last is not None
    assert len(told) == 1
    assert f"held by {busy.pair.runner}" in told[0] or told[0] == over.last.result
    staff.world.advance(400.0)
    assert staff.world.facts.violations == []
    assert end(staff.world) == ENDS[story.name]
    assert len(staff.world.facts.promotions) == (story.moves + story.away)


@given(st.sampled_from([story for story in STORIES if story.moves]), long_turns)
def test_a_runner_that_wakes_long_after_its_lock_has_run_out_does_no_harm(
    story: Story, schedule: list[tuple[int, float]]
) -> None:
    """It carries out what it decided long ago, half of it already done; the other has taken over meanwhile."""
    staff, _ = _both(story, schedule)
    staff.world.advance(400.0)
    state = staff.world.truth()
    assert state is not None
    assert staff.world.facts.violations == []
    over = end(staff.world)
    if state.move is not None:
        drive(SimulatedPair(staff.world, "three", story.policy), None)
    moved = state.last is not None and state.last.moved and state.last.epoch > story.away
    assert len(staff.world.facts.promotions) == moved + story.away
    if moved or story.by:  # where nothing but time has come between, somebody serves: who did before, or the other
        assert over.serving == (over.active,)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_every_action_performed_again_at_the_end_does_no_harm(story: Story) -> None:
    """The most belated runner there can be: it has slept through the whole move and what came after."""
    staff, want = begun(story)
    pair = SimulatedPair(staff.world, "one", story.policy)
    steps = drive(pair, want)
    staff.world.advance(400.0)
    over = end(staff.world)
    for step in steps:
        try:
            SimulatedPair(staff.world, "one", story.policy).perform(step.action)
        except (LostError, UnableError, CrashError):
            continue
        staff.world.advance(1.0)
    staff.world.advance(400.0)
    assert staff.world.facts.violations == []
    assert end(staff.world) == over


def test_the_same_name_is_not_started_twice() -> None:
    staff, want = begun(STORIES[0])
    staff.world.starting = staff.execution
    assert staff.begin(want) == "epoch-1"
    assert staff.begin(want) == ""
    staff.world.advance(600.0)
    assert staff.begin(want) == ""
    assert len(staff.world.facts.promotions) == 1
