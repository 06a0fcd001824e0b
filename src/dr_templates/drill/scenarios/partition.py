"""Home is cut off from everybody else and goes on running, with its own clients connected."""

from dr_templates.drill.act import Act
from dr_templates.drill.scenario import Scenario
from dr_templates.failover.cause import Cause


def play(act: Act) -> None:
    """Part the region from the two others, and leave everything within it as it is."""
    act.network(*act.apart(act.home))
    act.broke(f"the region of {act.home} is cut off from the others; it runs on, and so do its clients")
    act.until_moved(act.away)


SCENARIO = Scenario(
    name="partition",
    title="The home region is cut off, alive",
    breaks="every way between the home region and the others",
    expected="home shuts itself before the standby is promoted; what it took while it was alone is counted",
    play=play,
    moves=True,
    lost=None,
    rate=6.0,
    cause=Cause.GONE,
)
