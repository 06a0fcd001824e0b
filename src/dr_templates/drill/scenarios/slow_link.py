"""The replica is further behind than may be lost, and then home is lost: a person has to say yes."""

from dr_templates.drill.act import Act
from dr_templates.drill.calls import promotions as asked_to_promote
from dr_templates.drill.scenario import Scenario
from dr_templates.failover.cause import Cause

RPO = 90
BEHIND = 200.0


def play(act: Act) -> None:
    """Slow the link down, let the lag grow beyond the limit, and lose the region."""
    act.network(delays=((act.home, act.away, "replication", BEHIND),))
    act.unlinked(f"replication takes {BEHIND:.0f} s")
    act.stay(BEHIND)
    act.network(*act.dark(act.home))
    act.broke(f"the region of {act.home} is lost while its replica is {BEHIND:.0f} s behind, and {RPO} s may be lost")
    act.until(act.asked, "a person is asked")
    act.stay(30.0)
    promotions = asked_to_promote(act.stage)
    act.check("nothing is promoted before the yes", passed=not promotions, words=f"{promotions} promotions")
    act.approve()
    act.until_moved(act.away)


SCENARIO = Scenario(
    name="slow-link",
    title="Too far behind to move alone",
    breaks="the speed of replication, then the home region",
    expected="home counts as gone and nothing is promoted until a person says yes to the loss; then it is counted",
    play=play,
    moves=True,
    lost=None,
    changes={"rpo_seconds": RPO},
    over_rpo=True,
    cause=Cause.GONE,
    usual=False,
)
