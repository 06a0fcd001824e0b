"""The replica hears nothing any more, so many writes are made, and then home is lost: all of them are."""

from dr_templates.drill.act import Act
from dr_templates.drill.scenario import Scenario
from dr_templates.failover.cause import Cause

LOST = 137


def play(act: Act) -> None:
    """Cut the link while nobody writes and nothing is under way, write exactly so much, and lose the region."""
    act.clients.hold()
    act.until(act.caught_up, "the replica has everything", 60.0)
    act.network((act.home, act.away, "replication"), (act.away, act.home, "replication"))
    act.unlinked("replication is cut off")
    act.clients.write(LOST)
    act.network(*act.dark(act.home))
    act.broke(f"{LOST} writes after the last one that was replicated, the region of {act.home} is lost")
    act.clients.go_on()
    act.until_moved(act.away)


SCENARIO = Scenario(
    name="lost-link-then-region",
    title="The link is lost, then the region",
    breaks=f"replication, and {LOST} commits later the home region",
    expected=f"the standby is primary, and exactly {LOST} acknowledged writes are reported lost",
    play=play,
    moves=True,
    lost=LOST,
    cause=Cause.GONE,
)
