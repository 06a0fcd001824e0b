"""The control region is lost, and with it who decides; then home is. A person breaks the glass."""

from dr_templates.drill.act import Act
from dr_templates.drill.glass import fail_over_alone
from dr_templates.drill.scenario import Scenario
from dr_templates.topology import CONTROL

ALONE = 120.0


def play(act: Act) -> None:
    """Lose the control region, see that it costs nothing, lose home, and move by hand; then let control come back."""
    act.network(*act.dark(CONTROL))
    act.note("the control region is lost: nobody decides, and home serves on")
    act.stay(ALONE)
    act.network(*act.dark(CONTROL), *act.dark(act.home))
    act.database("kill", act.home)
    act.broke(f"the region of {act.home} is lost as well")
    act.stay(30.0)
    fail_over_alone(act, act.away)
    act.note(f"{act.away} is primary; the name waits for the control region")
    act.network(*act.dark(act.home))
    act.broke("the control region is back")
    act.until_moved(act.away)
    act.until(act.served, "the name has moved, and clients write again", 300.0)


SCENARIO = Scenario(
    name="control-region-down",
    title="Breaking the glass",
    breaks="the control region, then home",
    expected="home serves on without control; a person moves the database, and control takes over when it is back",
    play=play,
    moves=True,
    lost=None,
    usual=False,
)
