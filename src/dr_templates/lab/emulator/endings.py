"""What is to be done when the emulator ends: whoever starts something there says here how it ends."""

from __future__ import annotations

import logging
from collections.abc import Callable

_LOG = logging.getLogger(__name__)
_actions: list[Callable[[], None]] = []


def at_end(action: Callable[[], None]) -> None:
    """Do ``action`` when the emulator ends; the last one given is done first."""
    _actions.append(action)


def run() -> None:
    """Do all that was given; one that fails is logged and keeps no other from its turn."""
    while _actions:
        action = _actions.pop()
        try:
            action()
        except Exception:  # noqa: BLE001 - whatever fails here, the others must still be ended
            _LOG.exception("%s did not end in order", action)
