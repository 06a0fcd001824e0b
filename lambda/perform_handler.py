"""Performs one step that was decided on: the last task of every turn of the loop."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any, Final

from dr_templates.aws import settings
from dr_templates.aws.clients import Kept
from dr_templates.aws.names import Names
from dr_templates.aws.pair import AwsPair
from dr_templates.failover.codec import decode
from dr_templates.failover.loop import attempt
from dr_templates.failover.model import Action

KEPT: Final = Kept()
"""Made when first asked for, and kept as long as the sandbox is."""
LONGEST_SECONDS: Final = 5.0
"""A wait is no longer, whatever another sandbox's clock says of its end."""


def handler(event: Mapping[str, Any], _context: object) -> dict[str, str]:
    """Do the step and what follows it at once, and return what went wrong: an empty text when nothing did.

    The next look, which comes not before ``until``, sees what came of it.
    """
    pair = AwsPair(
        names=settings.names(os.environ),
        clients=KEPT.at(time.time()),
        clock=time.time,
        pause=time.sleep,
        runner="",
        upkeep=settings.upkeep(os.environ),
    )
    trouble = attempt(pair, decode(Action, event["action"]))
    if not trouble and event.get("then") is not None:
        trouble = attempt(pair, decode(Action, event["then"]))
    _make_ready(pair.names)
    pair.pause(min(LONGEST_SECONDS, max(0.0, event.get("until", 0.0) - pair.clock())))
    return {"trouble": trouble}


def _make_ready(names: Names) -> None:
    """Make the clients that a move needs with a step that nobody waits for, as every tick's is, unless they are made.

    To read what EC2 can do takes longer than a fence.
    """
    for region in map(names.region, names.sites):
        for client in (KEPT.at(time.time()).ec2, KEPT.at(time.time()).lambda_, KEPT.at(time.time()).rds):
            client(region)
