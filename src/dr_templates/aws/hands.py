"""With what a step is done, and how a step that AWS refuses is told."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dr_templates.aws.asked import REFUSALS
from dr_templates.aws.clients import Clients
from dr_templates.aws.names import Names
from dr_templates.aws.settings import Upkeep
from dr_templates.aws.table import Table, table_at
from dr_templates.failover.loop import UnableError
from dr_templates.topology import CONTROL


@dataclass(frozen=True)
class Hands:
    """What to act with. ``clock`` tells seconds since 1970, ``pause`` waits for some, ``hold`` is a lock's length.

    ``state_place`` is the place whose table holds the state. With ``control_gone`` nobody can publish or be told in the
    control region, and a step that only does that counts as done.
    """

    names: Names
    clients: Clients
    clock: Callable[[], float]
    pause: Callable[[float], None]
    upkeep: Upkeep
    hold: float
    state_place: str = CONTROL
    control_gone: bool = False

    def table(self, place: str) -> Table:
        """Give the table of a place."""
        return table_at(place, self.names, self.clients)

    @property
    def state(self) -> Table:
        """Give the table that holds the state."""
        return self.table(self.state_place)


@contextlib.contextmanager
def unable(doing: str) -> Iterator[None]:
    """Turn what AWS or a probe refuses while ``doing`` something into an ``UnableError`` with its own words."""
    try:
        yield
    except REFUSALS as error:
        raise UnableError(reason=f"{doing} failed: {error}") from error
