"""The whole home region goes dark: network, APIs, functions, database."""

from dr_templates.drill.act import Act
from dr_templates.drill.scenario import Scenario
from dr_templates.failover.cause import Cause


def play(act: Act) -> None:
    """Cut every way to, from and within the region; its database runs on where nobody can reach it."""
    act.network(*act.dark(act.home))
    act.broke(f"the region of {act.home} is lost")
    act.until_moved(act.away)


SCENARIO = Scenario(
    name="lost-region",
    title="The home region is lost",
    breaks="the home region: its network, its APIs, and so its functions",
    expected="the standby is primary by the word of two of three places; what it had not received is counted",
    play=play,
    moves=True,
    lost=None,
    cause=Cause.GONE,
)
