"""Where a watchdog stands, what it remembers, and how it asks: by clients that wait no longer than a tick may."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from dr_templates.aws.asking import ask_all
from dr_templates.aws.clients import HASTY, Clients, Make, boto
from dr_templates.aws.names import Names
from dr_templates.aws.table import Table, table_at
from dr_templates.failover.state import State
from dr_templates.topology import CONTROL

BOUND_SECONDS = 4.0
"""How long a tick waits for calls that run side by side; a client's own waits are shorter (``HASTY``)."""


@dataclass(frozen=True)
class Station:
    """Where a watchdog stands: its site, what everything is called, and how long the site may go unheard (seconds)."""

    site: str
    names: Names
    clients: Clients
    lease: float
    clock: Callable[[], float]

    @property
    def region(self) -> str:
        """The site's own region."""
        return self.names.region(self.site)

    def of(self, place: str) -> Table:
        """Give the table of a place."""
        return table_at(place, self.names, self.clients)

    @property
    def own(self) -> Table:
        """The site's own table."""
        return self.of(self.site)

    @property
    def elsewhere(self) -> tuple[str, str]:
        """Name the two other places, each of which can vouch for the site."""
        return (CONTROL, self.names.peer(self.site))


@dataclass
class Memory:
    """What outlives a tick, and an invocation as long as the sandbox stays; the site's own table keeps it otherwise.

    ``acked`` is when the newest mark that another place took was sent, None when none ever was; ``assured`` since when
    control's table has been read without a gap. ``trouble`` gathers what went wrong in the tick at hand.
    """

    acked: float | None = None
    assured: float | None = None
    state: State | None = None
    acl: str | None = None
    armed: bool = False
    trouble: list[str] = field(default_factory=list)


def hasty(make: Make = boto) -> Clients:
    """Give clients that wait no longer than a tick may take, the probe's included."""
    return Clients(make=lambda service, region, _: make(service, region, HASTY), config=HASTY)


def together(memory: Memory, calls: Mapping[str, Callable[[], Any]], nothing: Collection[str] = ()) -> dict[str, Any]:
    """Make these calls side by side and give the answers there are; why there is none of the others goes to memory.

    ``nothing`` names AWS's error codes that say that there is nothing, which is an answer.
    """
    answers, troubles = ask_all(calls, BOUND_SECONDS, nothing)
    memory.trouble.extend(f"{name}: {trouble}" for name, trouble in sorted(troubles.items()))
    return answers
