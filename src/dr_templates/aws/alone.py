"""Going on without the control region, on a person's word: a site's copy of the state becomes the truth."""

from __future__ import annotations

from dataclasses import replace

from dr_templates.aws import operator, table
from dr_templates.aws.table import Table
from dr_templates.errors import DrError, Exit
from dr_templates.failover import orders
from dr_templates.failover.loop import LostError
from dr_templates.failover.model import Observation
from dr_templates.failover.state import Phase, State


def taken(seen: Observation, to: str, *, by: str, runner: str, hold: float, where: str) -> tuple[Observation, State]:
    """Take the copy at the site to move to as the truth, as a new epoch; and give the copy as it stands.

    A move that waits for a yes has it by the same word: there is nowhere left to give another. ``hold`` is how long the
    lock lasts, in seconds. Raises ``DrError`` (held) without a copy, and for a move that leads elsewhere.
    """
    if seen.state is None or seen.state.serial == 0:
        raise DrError(
            what=f"{to} has no copy of the state that could be read",
            where=where,
            hint="Nobody can tell here who is active. Check that you may read this table.",
            code=Exit.HELD,
        )
    move = seen.state.move
    if move is not None and move.towards != to:
        raise DrError(
            what=f"epoch {move.epoch} is under way to {move.towards}: it can only be gone on with",
            where=where,
            hint=f"Say --to {move.towards}",
            code=Exit.HELD,
        )
    waits = move is not None and move.phase is Phase.OPEN and move.approved is None
    agreed = orders.approve(seen.state, by) if waits else seen.state
    broken = orders.break_glass(agreed, runner, seen.at + hold)
    return replace(seen, state=broken), seen.state


def break_glass(kept: Table, before: State, after: State, *, where: str) -> None:
    """Write the new epoch over exactly the copy that was read. Raises ``DrError`` (held) when it has changed since."""
    try:
        with operator.explained(where):
            table.write_state(kept, before, after)
    except LostError as error:
        raise DrError(
            what=f"the copy has just changed, so the control region may not be gone: {error}",
            where=where,
            hint="Look again: drctl status",
            code=Exit.HELD,
        ) from error
