"""Clients take every connection there is: the probe gets none, and nothing must move."""

from dr_templates.drill.act import Act
from dr_templates.drill.scenario import Scenario
from dr_templates.drill.storm import every_connection
from dr_templates.failover.cause import Cause

STORM = 300.0


def play(act: Act) -> None:
    """Take all connections and keep them for longer than the patience."""
    with every_connection(act, act.home) as taken:
        act.broke(f"{taken} idle sessions leave no connection free at {act.home}")
        act.stay(STORM)
    act.broke("the storm is over")
    act.stay(30.0)


SCENARIO = Scenario(
    name="connection-storm",
    title="A storm of connections",
    breaks="every free connection of the primary, for longer than the controller is patient",
    expected="home stays primary, nothing is promoted and nothing lost",
    play=play,
    moves=False,
    gap=10.0,
    cause=Cause.OVERLOADED,
)
