"""What every operator's verb begins with: the environment by its configuration, clients for it, and who is asking."""

import getpass
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dr_templates.aws import operator
from dr_templates.aws.clients import Clients
from dr_templates.aws.names import Names
from dr_templates.aws.observe import Eyes
from dr_templates.aws.settings import Upkeep
from dr_templates.aws.table import Table, table_at
from dr_templates.cli import view
from dr_templates.config import load
from dr_templates.errors import DrError, Exit
from dr_templates.failover.model import Policy
from dr_templates.topology import CONTROL


@dataclass(frozen=True)
class Desk:
    """One environment, and whatever a verb needs to deal with it. ``by`` is who asks, as it is written down."""

    names: Names
    policy: Policy
    upkeep: Upkeep
    clients: Clients
    by: str
    clock: Callable[[], float]
    pause: Callable[[float], None]

    @property
    def runner(self) -> str:
        """Name this process, as the holder of a lock."""
        return f"operator@{socket.gethostname()}:{os.getpid()}"

    def table(self, place: str = CONTROL) -> Table:
        """Give the table of a place."""
        return table_at(place, self.names, self.clients)

    def where(self, place: str = CONTROL) -> str:
        """Say which table that is, for errors."""
        return f"table {self.names.table(place)} in {self.names.region(place)}"

    def eyes(self, place: str = CONTROL, *, control_gone: bool = False) -> Eyes:
        """Give what it takes to look at the pair."""
        return Eyes(self.names, self.clients, self.clock, self.runner, place, control_gone)

    def looking(self, *, control_gone: bool = False) -> str:
        """Say who is asked in a look, and how long that takes at most: a region may be slow to say nothing."""
        places = self.names.sites if control_gone else (*self.names.sites, CONTROL)
        named = ", ".join(f"{place} ({self.names.region(place)})" for place in places)
        return f"looking at {named}: a minute at most, whoever answers"

    def site(self, name: str) -> str:
        """Check that there is a site of that name. Raises ``DrError`` (wrong usage)."""
        if name not in self.names.sites:
            raise DrError(
                what=f"there is no site {name}",
                where="option --to",
                hint=f"Choose one of: {', '.join(self.names.sites)}",
                code=Exit.USAGE,
            )
        return name


def take(config: Path, place: str = CONTROL) -> Desk:
    """Read the configuration and ask AWS, in the region of ``place``, who we are.

    Raises ``DrError`` for a configuration that is wrong and for credentials that do not work; when only nobody answers,
    the verb is done in the name of user and machine.
    """
    read = load(config)
    names = Names(read.name, read.suffix, read.account, read.topology)
    region = names.region(place) if place in read.topology.places else names.region(CONTROL)
    caller = operator.caller(region, time.time)
    if caller.ahead:
        view.warn(f"this machine's clock is {caller.ahead:+.0f} s off AWS's; AWS's is used")
    return Desk(
        names=names,
        policy=read.policy,
        upkeep=Upkeep(read.database.backup_retention_days, read.database.backup_window, read.secrets.rotation_days),
        clients=Clients(),
        by=caller.arn or f"{getpass.getuser()}@{socket.gethostname()}",
        clock=lambda: time.time() - caller.ahead,
        pause=time.sleep,
    )
