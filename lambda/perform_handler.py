"""Performs one step that was decided on: the last task of every turn of the loop."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any, Final

from dr_templates.aws import settings
from dr_templates.aws.clients import Clients
from dr_templates.aws.pair import AwsPair
from dr_templates.failover.codec import decode
from dr_templates.failover.loop import attempt
from dr_templates.failover.model import Action

CLIENTS: Final = Clients()
"""Made when first asked for, and kept as long as the sandbox is."""


def handler(event: Mapping[str, Any], _context: object) -> dict[str, str]:
    """Do the step and what follows it at once, and return what went wrong: an empty text when nothing did.

    The next look, which comes not before ``until``, sees what came of it.
    """
    pair = AwsPair(
        names=settings.names(os.environ),
        clients=CLIENTS,
        clock=time.time,
        pause=time.sleep,
        runner="",
        upkeep=settings.upkeep(os.environ),
    )
    trouble = attempt(pair, decode(Action, event["action"]))
    if not trouble and event.get("then") is not None:
        trouble = attempt(pair, decode(Action, event["then"]))
    pair.pause(max(0.0, event.get("until", 0.0) - pair.clock()))
    return {"trouble": trouble}
