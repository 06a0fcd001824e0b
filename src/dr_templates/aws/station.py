"""Where a watchdog stands, what it remembers, and clients that wait no longer than it may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from dr_templates.aws.clients import HASTY, Clients, Make, boto
from dr_templates.aws.names import Names
from dr_templates.aws.table import Table
from dr_templates.failover.state import State
from dr_templates.topology import CONTROL


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
        return Table(self.clients.dynamodb(self.names.region(place)), self.names.table(place))

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
