"""Whoever runs a planned move is killed after each of its steps, and somebody else goes on."""

from functools import partial

from dr_templates.drill.act import Act
from dr_templates.drill.scenario import Scenario
from dr_templates.failover.model import Verb
from dr_templates.failover.state import Kind

STEPS = (Verb.LOCK, Verb.FENCE, Verb.SEAL, Verb.NAME, Verb.VERIFY, Verb.DETACH)


def play(act: Act) -> None:
    """Start the move; after each step, end the execution that has taken it."""
    act.broke(f"somebody asks to have {act.away} primary")
    act.ask_for(Kind.SWITCHOVER, act.away)
    for verb in STEPS:
        act.until(partial(act.taken, verb), f"the step {verb} is taken")
        act.kill_runner()
        act.broke(f"the runner is killed after {verb}")
    act.until_moved(act.away)


SCENARIO = Scenario(
    name="killed-mid-move",
    title="A move whose runner is killed, again and again",
    breaks="the execution that carries the move out, after each of its steps",
    expected="the next one goes on from there: the standby is primary, and nothing is lost",
    play=play,
    moves=True,
    planned=True,
)
