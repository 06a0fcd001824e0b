"""A preflight: who we are, what the configuration wants, what the account tells, and what the checks find in it."""

import time
from collections.abc import Callable

from dr_templates.aws.account import look
from dr_templates.aws.account.reading import Doors
from dr_templates.aws.operator import caller
from dr_templates.config import Config
from dr_templates.deploy.preflight import account, actions
from dr_templates.deploy.preflight.checks import checked
from dr_templates.deploy.preflight.finding import Finding, Verdict
from dr_templates.deploy.preflight.keys import ALIAS
from dr_templates.deploy.preflight.wanted import Wanted, wanted
from dr_templates.errors import DrError

EVERYBODYS = "us-east-1"
"""A region that every account has."""


def examine(config: Config, doors: Doors, tell: Callable[[str], None]) -> tuple[Finding, ...]:
    """Look at the account and check it; ``tell`` says how far it is. Nothing is changed.

    With credentials of another account that is all that is found. Raises ``DrError`` when AWS does not know the
    credentials, or does not answer at all.
    """
    arn, region = _identity(config)
    ours = account.account(config, arn)
    if ours.verdict is Verdict.BLOCKER:
        return (ours,)
    tell("reading the templates")
    here = wanted(config)
    enabled = look.regions(doors, region)
    usable = account.usable(config.topology.regions, enabled)
    seen = look.look(_wish(here, arn, usable), doors, tell) if usable else look.Seen()
    return (ours, *account.regions(here, enabled), *checked(here, seen))


def _identity(config: Config) -> tuple[str, str]:
    """Ask who we are in one region after the other: one that is not enabled knows nobody. Gives ARN and region."""
    fault = None
    for region in dict.fromkeys((*config.topology.regions, EVERYBODYS)):
        try:
            arn = caller(region, time.time).arn
        except DrError as error:
            fault = error
        else:
            if arn is not None:
                return arn, region
    raise fault or DrError(
        what="AWS does not answer",
        where=f"STS in {', '.join(config.topology.regions)}",
        hint="Check that you are on line; nothing was looked at.",
    )


def _wish(here: Wanted, arn: str, regions: tuple[str, ...]) -> look.Wish:
    database = here.config.database
    return look.Wish(
        environment=here.environment,
        account=here.config.account,
        caller=arn,
        version=database.engine_version,
        instance_class=database.instance_class,
        regions=regions,
        sites=here.sites,
        stacks={region: here.stacks(region) for region in regions},
        buckets={region: here.config.bucket(region) for region in regions},
        vpcs={site: f"{here.environment}-{site}" for site in here.sites},
        aliases={region: tuple(one.name for one in here.at(region, ALIAS)) for region in regions},
        actions={region: actions.actions(here, region) for region in regions},
    )
