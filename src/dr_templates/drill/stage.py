"""The stage of a drill: an emulator of its own, and the environment deployed to it by the real deployer."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from dr_templates.aws.clients import IMPATIENT, PATIENT, Clients, brisk, marked
from dr_templates.aws.names import Names
from dr_templates.aws.observe import Eyes, observe
from dr_templates.aws.settings import Upkeep
from dr_templates.aws.table import Table, table_at
from dr_templates.config import Config
from dr_templates.deploy import applying, deployment, planning, shipping
from dr_templates.deploy.applying import Terms
from dr_templates.deploy.deployment import Deployment
from dr_templates.deploy.steps import Begun, Done
from dr_templates.errors import DrError
from dr_templates.failover.cause import Cause, name
from dr_templates.failover.model import Observation, Policy
from dr_templates.lab import emulator, orders
from dr_templates.lab.clock import Clock
from dr_templates.lab.emulator import Emulator
from dr_templates.topology import CONTROL

Told = Callable[[str], None]
INTERVAL_SECONDS = 0.4
"""Real seconds between two looks of the deployer: the emulator's stacks are made in seconds."""
READY_SECONDS = 900.0
"""Seconds of the lab's clock until the controller has seen a pair that is well: it looks once a minute."""
LOOK_SECONDS = 0.5
MARK = "lab-"
"""Before a region, tells the lab where a call comes from."""


@dataclass(frozen=True)
class Stage:
    """Where a drill takes place: the emulator, the environment in it, and clients that nothing there can cut off."""

    emulator: Emulator
    config: Config
    names: Names
    clients: Clients
    upkeep: Upkeep

    @property
    def clock(self) -> Clock:
        """Give the lab's clock."""
        return self.emulator.clock

    @property
    def policy(self) -> Policy:
        """Give what the failover is allowed here."""
        return self.config.policy

    @property
    def table(self) -> Table:
        """Give control's table."""
        return table_at(CONTROL, self.names, self.clients)

    def region(self, place: str) -> str:
        """Give the region of a site or of control."""
        return self.names.region(place)

    def order(self, what: str, said: object) -> Any:  # noqa: ANN401 - JSON is of every type
        """Order something of the lab."""
        return orders.order(self.emulator, what, said)

    def ask(self, what: str) -> Any:  # noqa: ANN401 - as above
        """Ask the lab how things are."""
        return orders.ask(self.emulator, what)

    def clients_at(self, site: str) -> Clients:
        """Give clients of somebody who is in the region of a site: what is cut off from there is for them."""
        mark = f"{MARK}{self.region(site)}"
        return Clients(make=lambda service, region, config: self.clients.make(service, region, marked(config, mark)))

    def look(self) -> Observation:
        """Look at the pair as the controller does, from where nothing is dark."""
        return observe(Eyes(self.names, self.clients, self.clock.now, "drill"))


@contextlib.contextmanager
def stage(config: Config, rate: float, told: Told) -> Iterator[Stage]:
    """Start an emulator whose clock runs ``rate`` times as fast, deploy to it, and wait until the pair is well.

    Everything is gone afterwards, however the block is left. Raises ``DrError`` when it cannot be set.
    """
    told("starting the lab")
    with emulator.running(account=config.account, rate=rate) as there:
        led = emulator.environment(there)
        make = brisk(
            endpoint_url=there.endpoint,
            aws_access_key_id=led["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=led["AWS_SECRET_ACCESS_KEY"],
        )
        _deploy(Deployment(config, Clients(make=make, config=PATIENT), time.sleep, INTERVAL_SECONDS), told)
        at = Stage(
            emulator=there,
            config=config,
            names=Names(config.name, config.suffix, config.account, config.topology),
            clients=Clients(make=make, config=IMPATIENT),
            upkeep=Upkeep(
                config.database.backup_retention_days, config.database.backup_window, config.secrets.rotation_days
            ),
        )
        _await(at, told)
        yield at


def _deploy(on: Deployment, told: Told) -> None:
    told("deploying")
    source = deployment.source(on.config)
    shipping.ship_all(on, source, told)
    plan = planning.make(on, source, lambda _: None)
    terms = Terms((), lambda _: True, lambda _: None)
    done = 0
    for step in applying.apply(on, source, plan, terms):
        match step:
            case Begun(root=root):
                told(f"deploying: {root}, {done} of {len(plan.stacks)} done")
            case Done():
                done += 1


def _await(at: Stage, told: Told) -> None:
    """Wait until nothing is wrong with the pair, and the controller has noted so: it is a witness of what comes."""
    until = at.clock.now() + READY_SECONDS
    while True:
        seen = at.look()
        cause = name(seen, at.policy)
        if cause is Cause.NOTHING and seen.pulse is not None and seen.pulse.fed is not None:
            return
        if at.clock.now() > until:
            raise DrError(
                what=f"the pair in the lab does not become well: {cause.words}",
                where=str(at.emulator.home),
                hint="The drill has not begun. Try again; a machine that is very busy may be too slow for this rate.",
            )
        told(f"waiting until the pair is well: {cause.words}")
        time.sleep(LOOK_SECONDS)
