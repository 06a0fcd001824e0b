"""The deployer driven as the command line drives it, without its words: for tests against the emulator."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from botocore.config import Config as Settings

from dr_templates.aws.clients import PATIENT, Clients, brisk
from dr_templates.config import Config
from dr_templates.deploy import applying, destroying, following, planning, shipping
from dr_templates.deploy.applying import Terms
from dr_templates.deploy.deployment import Deployment, Source
from dr_templates.deploy.looking import look
from dr_templates.deploy.plan import Plan, StackPlan
from dr_templates.deploy.steps import Step
from dr_templates.lab.emulator import Emulator

INTERVAL = 0.05
Agreed = Callable[[StackPlan], bool]


def clients(emulator: Emulator, settings: Settings = PATIENT) -> Clients:
    """Give clients that reach the emulator, whatever the environment says."""
    keys = {"aws_access_key_id": emulator.account, "aws_secret_access_key": "lab"}
    return Clients(make=brisk(endpoint_url=emulator.endpoint, **keys), config=settings)


def deployment(emulator: Emulator, config: Config, settings: Settings = PATIENT) -> Deployment:
    """Give a deployment to the emulator."""
    return Deployment(config, clients(emulator, settings), time.sleep, INTERVAL)


def plan(on: Deployment, source: Source) -> Plan:
    """Ship and plan."""
    shipping.ship_all(on, source, _quiet)
    return planning.make(on, source, _quiet)


def apply(
    on: Deployment, source: Source, made: Plan, *, allowed: tuple[str, ...] = (), agreed: Agreed = lambda _: False
) -> list[Step]:
    """Carry a plan out."""
    return list(applying.apply(on, source, made, Terms(allowed, agreed, _quiet)))


def deploy(on: Deployment, source: Source) -> list[Step]:
    """Ship, plan and carry out."""
    return apply(on, source, plan(on, source))


def deploy_on(on: Deployment, source: Source) -> list[Step]:
    """Follow what an earlier run has left at work, then deploy."""
    return [*following.resume(on, look(on)), *deploy(on, source)]


def meddle(steps: Iterable[Step], when: Callable[[Step], bool], do: Callable[[], object]) -> None:
    """Do something each time such a step has been taken, as somebody else would meanwhile."""
    for step in steps:
        if when(step):
            do()


def destroy(on: Deployment) -> list[Step]:
    """Take the environment down."""
    return list(destroying.destroy(on, look(on), _quiet))


def _quiet(_: str) -> None:
    pass
