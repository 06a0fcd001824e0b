"""What every verb of the deployer begins with: the configuration, credentials that fit it, clients that are patient."""

import time
from pathlib import Path

from dr_templates import render
from dr_templates.aws import operator
from dr_templates.aws.clients import PATIENT, Clients, brisk
from dr_templates.cli import view
from dr_templates.config import load
from dr_templates.deploy.deployment import Deployment
from dr_templates.errors import DrError, Exit
from dr_templates.topology import CONTROL

ACCOUNT = 4
"""Which part of an ARN is the account."""


def take(config: Path) -> Deployment:
    """Read the configuration, and see that the credentials are of its account. Raises ``DrError``.

    Where nobody says whose they are, nothing is done: names alone do not tell one account from another.
    """
    read = load(config)
    with view.progress("asking AWS who you are"):
        caller = operator.caller(read.topology.region(CONTROL), time.time)
    if caller.arn is None:
        raise DrError(
            what="AWS does not say whose account the credentials are of",
            where=f"STS in {read.topology.region(CONTROL)}",
            hint="Nothing has been changed. Try again: `aws sts get-caller-identity` asks the same.",
        )
    account = caller.arn.split(":")[ACCOUNT]
    if account != read.account:
        raise DrError(
            what=f"the credentials are of account {account}, the configuration is of {read.account}",
            where=str(config),
            hint="Name the right credentials with AWS_PROFILE, or correct account.",
            code=Exit.USAGE,
        )
    return Deployment(read, Clients(make=brisk(), config=PATIENT), time.sleep)


def current(folder: Path) -> None:
    """See that what was reviewed is what would be deployed. Raises ``DrError`` (pending) for stale templates."""
    stale = render.stale(folder) if folder.is_dir() else ()
    if stale:
        raise DrError(
            what=f"not what the source gives: {', '.join(stale)}",
            where=str(folder),
            hint="Write them anew with: make templates, and look at the difference.",
            code=Exit.PENDING,
        )
