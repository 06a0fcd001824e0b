"""The primary's server dies for good, in both of its zones."""

from dr_templates.drill.act import Act
from dr_templates.drill.scenario import Scenario
from dr_templates.failover.cause import Cause


def play(act: Act) -> None:
    """Kill the server; RDS goes on saying that it is available."""
    act.database("kill", act.home)
    act.broke(f"the server of {act.home} is killed and does not come back")
    act.until_moved(act.away)


SCENARIO = Scenario(
    name="primary-killed",
    title="The primary dies",
    breaks="the primary's server, in all its zones; the region around it is well",
    expected="the standby is primary; what it had not received is counted",
    play=play,
    moves=True,
    lost=None,
    cause=Cause.DEAD,
)
