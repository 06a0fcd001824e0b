"""The controller cannot reach home any more, while home feeds its replica and its clients: it is alive."""

from dr_templates.drill.act import Act
from dr_templates.drill.scenario import Scenario
from dr_templates.failover.cause import Cause
from dr_templates.topology import CONTROL

CUT = 400.0


def play(act: Act) -> None:
    """Cut the way from control to home for longer than the patience; nothing else."""
    act.network((CONTROL, act.home, "api"))
    act.broke(f"calls from the control region do not reach {act.home}")
    act.stay(CUT)
    act.network()
    act.broke("the way is open again")
    act.stay(60.0)


SCENARIO = Scenario(
    name="one-way-partition",
    title="A one-way partition",
    breaks="the way from the control region to home; replication and clients are well",
    expected="home stays primary without a gap, and nothing is promoted",
    play=play,
    moves=False,
    gap=10.0,
    cause=Cause.STREAMING,
)
