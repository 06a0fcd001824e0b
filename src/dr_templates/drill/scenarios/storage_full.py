"""The primary's storage is full. A move would not help; more storage does."""

from dr_templates.drill.act import Act
from dr_templates.drill.scenario import Scenario
from dr_templates.failover.cause import Cause

FULL = 300.0


def play(act: Act) -> None:
    """Fill the storage, watch for longer than the patience, and then give it more as a person would."""
    act.database("fill-storage", act.home)
    act.broke(f"the storage of {act.home} is full")
    act.stay(FULL)
    act.give_storage(act.home)
    act.broke("a person gives it more storage")
    act.until(act.served, f"{act.home} takes writes again", 300.0)


SCENARIO = Scenario(
    name="storage-full",
    title="Storage full",
    breaks="the primary's storage",
    expected="home stays primary, nothing is promoted; it serves again once it has more storage, and nothing is lost",
    play=play,
    moves=False,
    cause=Cause.STORAGE_FULL,
    usual=False,
)
