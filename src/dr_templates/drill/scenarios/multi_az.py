"""RDS fails over within the home region, which takes as long as it takes: nothing must move."""

from dr_templates.drill.act import Act
from dr_templates.drill.scenario import Scenario
from dr_templates.failover.cause import Cause

FAILOVER = 240.0
"""Longer than RDS says it takes, and than the controller is patient: it must know what it waits for."""
WATCHED = 330.0


def play(act: Act) -> None:
    """Have RDS fail over to the other zone, and watch for longer than the patience."""
    act.pace(failover=FAILOVER)
    act.database("fail-over", act.home)
    act.broke(f"RDS fails over within {act.home}")
    act.stay(WATCHED)


SCENARIO = Scenario(
    name="multi-az",
    title="A Multi-AZ failover",
    breaks="the primary's zone: RDS fails over to the other one",
    expected="home stays primary, nothing is promoted and nothing lost",
    play=play,
    moves=False,
    cause=Cause.MULTI_AZ,
)
