"""A planned move while clients write."""

from dr_templates.drill.act import Act
from dr_templates.drill.scenario import Scenario
from dr_templates.failover.state import Kind


def play(act: Act) -> None:
    """Ask for the move, as a person does."""
    act.broke(f"somebody asks to have {act.away} primary")
    act.ask_for(Kind.SWITCHOVER, act.away)
    act.until_moved(act.away)


SCENARIO = Scenario(
    name="switchover",
    title="A planned move under load",
    breaks="nothing: a person asks for it",
    expected="the standby is primary, and no acknowledged write is lost",
    play=play,
    moves=True,
    planned=True,
)
