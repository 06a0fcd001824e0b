"""Home is lost, the standby takes over, and then the old primary comes back as the primary it was."""

from dr_templates.drill.act import Act
from dr_templates.drill.scenario import Scenario
from dr_templates.failover.cause import Cause

BOOT = 60.0


def play(act: Act) -> None:
    """Lose the region, let the other take over, and bring it back: the network first, RDS's instance after a while."""
    act.network(*act.dark(act.home))
    act.database("kill", act.home)
    act.broke(f"the region of {act.home} is lost")
    act.until_moved(act.away)
    act.network()
    act.broke(f"the region of {act.home} is back")
    act.stay(BOOT)
    act.database("start", act.home)
    act.broke(f"RDS has started the old primary at {act.home}")
    act.stay(180.0)


SCENARIO = Scenario(
    name="old-primary-returns",
    title="The old primary returns",
    breaks="the home region, which comes back after the move",
    expected="the old primary finds its gate shut and takes no client's write",
    play=play,
    moves=True,
    lost=None,
    cause=Cause.GONE,
    usual=False,
)
