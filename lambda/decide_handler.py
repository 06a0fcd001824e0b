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
from dr_templates.failover.decide import at_once, decide
from dr_templates.failover.model import Action, Observation, Want

TICK_SECONDS = 58.0
"""The next tick of the schedule comes after a minute: one that holds no lock leaves to it what it would do later."""
SHORT_SECONDS = 5.0
"""What is waited for no longer than this is waited for by the function that performs: it can tell parts of a second,
which a state machine cannot."""
BLIND_SECONDS = 600.0
"""How long a move's execution goes on looking when the state cannot be read: it may be half way."""
BLIND_PAUSE_SECONDS = 5


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Return the action, what follows it at once, whether that ends this execution, and what to wait after it.

    A short wait is given as the time ``until`` which it lasts, a long one in ``seconds``.
    """
    seen = decode(Observation, event["observation"])
    want = None if event.get("want") is None else decode(Want, event["want"])
    policy = settings.policy(os.environ)
    action = decide(seen, policy, want)
    following = at_once(seen, action, policy, want)
    running = time.time() - datetime.fromisoformat(event["started"]).timestamp()
    blind = want is not None and seen.state is None and running < BLIND_SECONDS
    return {
        "action": encode(action),
        "then": encode(following),
        "last": (action.settled and not blind)
        or (want is None and running + action.seconds > TICK_SECONDS and not _holds(action, seen.runner)),
        **_pause(seen.at, BLIND_PAUSE_SECONDS if blind else (following or action).seconds),
    }


def _pause(at: float, seconds: float) -> dict[str, float]:
    short = seconds <= SHORT_SECONDS
    return {"until": at + seconds if short else 0.0, "seconds": 0 if short else math.ceil(seconds)}


def _holds(action: Action, runner: str) -> bool:
    """Tell whether the runner has the lock of a move, and so has to go on with it."""
    state = action.after or action.before
    return state is not None and state.move is not None and state.move.holder == runner
