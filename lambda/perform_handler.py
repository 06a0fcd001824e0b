"""Performs one step that was decided on: the last task of every turn of the loop."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any

from dr_templates.aws import settings
from dr_templates.aws.clients import Clients
from dr_templates.aws.pair import AwsPair
from dr_templates.failover.codec import decode
from dr_templates.failover.loop import attempt
from dr_templates.failover.model import Action


def handler(event: Mapping[str, Any], _context: object) -> dict[str, str]:
    """Do the step, and return what went wrong: an empty text when nothing did. The next look sees what came of it."""
    pair = AwsPair(
        names=settings.names(os.environ),
        clients=Clients(),
        clock=time.time,
        pause=time.sleep,
        runner="",
        upkeep=settings.upkeep(os.environ),
    )
    return {"trouble": attempt(pair, decode(Action, event["action"]))}
