"""Decides on the next step: pure, so it needs neither AWS nor any right but to write its log."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dr_templates.aws import settings
from dr_templates.failover.codec import decode, encode
from dr_templates.failover.decide import decide
from dr_templates.failover.model import Action, Observation, Want

TICK_SECONDS = 45.0
"""The next tick of the schedule comes after a minute; one that holds no lock leaves the rest to it by then."""
BLIND_SECONDS = 600.0
"""How long a move's execution goes on looking when the state cannot be read: it may be half way."""
BLIND_PAUSE_SECONDS = 5


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Return the action, whether it is the last one of this execution, and how many seconds to wait after it."""
    seen = decode(Observation, event["observation"])
    want = None if event.get("want") is None else decode(Want, event["want"])
    action = decide(seen, settings.policy(os.environ), want)
    running = time.time() - datetime.fromisoformat(event["started"]).timestamp()
    blind = want is not None and seen.state is None and running < BLIND_SECONDS
    return {
        "action": encode(action),
        "last": (action.settled and not blind)
        or (want is None and running > TICK_SECONDS and not _holds(action, seen.runner)),
        "seconds": BLIND_PAUSE_SECONDS if blind else max(0, math.ceil(action.seconds)),
    }


def _holds(action: Action, runner: str) -> bool:
    """Tell whether the runner has the lock of a move, and so has to go on with it."""
    state = action.after or action.before
    return state is not None and state.move is not None and state.move.holder == runner
