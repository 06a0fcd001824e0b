"""Whoever runs a planned move is killed after each of its steps, and somebody else goes on."""

from functools import partial

from dr_templates.drill.act import Act
from dr_templates.drill.killing import kill_runner, taken_over
from dr_templates.drill.scenario import Scenario
from dr_templates.failover.model import Verb
from dr_templates.failover.state import Kind

STEPS = (Verb.LOCK, Verb.FENCE, Verb.SEAL, Verb.NAME, Verb.VERIFY, Verb.DETACH)
LEAST = len(STEPS) - 1
"""The last step may be followed by the end of the move before anybody can be killed."""


def play(act: Act) -> None:
    """Start the move; after each step, end the execution that has taken it."""
    act.broke(f"somebody asks to have {act.away} primary")
    act.ask_for(Kind.SWITCHOVER, act.away)
    killed = []
    for verb in STEPS:
        act.until(partial(act.taken, verb), f"the step {verb} is taken")
        if runner := kill_runner(act):
            act.broke(f"the runner is killed after {verb}")
            killed.append(runner)
            act.until(partial(taken_over, act, runner), "somebody else goes on")
    act.until_moved(act.away)
    words = f"{len(killed)} were killed, after {len(STEPS)} steps"
    act.check("a runner was killed after each step", passed=len(set(killed)) >= LEAST, words=words)


SCENARIO = Scenario(
    name="killed-mid-move",
    title="A move whose runner is killed, again and again",
    breaks="the execution that carries the move out, after each of its steps",
    expected="the next one goes on from there: the standby is primary, and nothing is lost",
    play=play,
    moves=True,
    planned=True,
    usual=False,
)
