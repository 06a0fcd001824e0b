"""The primary dies while Route 53's control plane is down: the name has to move without it."""

from dr_templates.drill.act import Act
from dr_templates.drill.calls import called, refuse
from dr_templates.drill.scenario import Scenario
from dr_templates.failover.cause import Cause


def play(act: Act) -> None:
    """Have every call to Route 53 refused, and kill the server."""
    refuse(act, "route53")
    act.database("kill", act.home)
    act.broke(f"Route 53 takes no changes, and the server of {act.home} is killed")
    act.until_moved(act.away)
    times = called(act.stage, "route53")
    act.check("Route 53 is not called", passed=not times, words=f"{times} calls")


SCENARIO = Scenario(
    name="route53-down",
    title="Without Route 53's control plane",
    breaks="Route 53's control plane, and the primary",
    expected="the standby is primary and the name points at it, without a single call to Route 53",
    play=play,
    moves=True,
    lost=None,
    cause=Cause.DEAD,
)
