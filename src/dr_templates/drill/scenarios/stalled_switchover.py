"""A planned move whose replica stops replaying: it is called off, and everything is as before."""

from dr_templates.drill.act import Act
from dr_templates.drill.scenario import Scenario
from dr_templates.failover.state import Kind


def play(act: Act) -> None:
    """Hold the replica's replay, ask for the move, and wait until it has been given up."""
    act.database("hold-replay", act.away)
    act.broke(f"{act.away} has stopped replaying, and somebody asks to have it primary")
    act.ask_for(Kind.SWITCHOVER, act.away)
    act.until(act.called_off, "the move is called off")
    act.until(act.served, f"{act.home} takes writes again", 60.0)
    act.database("release-replay", act.away)
    act.broke(f"{act.away} replays again")
    act.stay(30.0)


SCENARIO = Scenario(
    name="stalled-switchover",
    title="A switchover that stalls",
    breaks="replay on the replica",
    expected="the move is called off, home is open again and serves on, and nothing is lost",
    play=play,
    moves=False,
    asked=True,
)
