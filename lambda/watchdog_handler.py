"""The watchdog of one site: watches for nearly the whole minute until its schedule starts it again."""

from __future__ import annotations

import os
import sys
import time
from typing import Final

from dr_templates.aws import settings
from dr_templates.aws.station import Memory, Station, hasty
from dr_templates.aws.watch import watch
from dr_templates.failover.model import Verb

WATCH_SECONDS: Final = 52.0
MEMORY: Final = Memory()
"""Stays as long as the sandbox does, so that a table of its own which fails does not make the site forget."""


def handler(_event: object, _context: object) -> None:
    """Watch, and print what was done or went wrong; turns in which all is well leave no line."""
    station = Station(
        site=settings.site(os.environ),
        names=settings.names(os.environ),
        clients=hasty(),
        lease=settings.lease(os.environ),
        clock=time.time,
    )
    for turn in watch(station, MEMORY, time.sleep, WATCH_SECONDS):
        if turn.action.verb is not Verb.KEEP or turn.trouble:
            sys.stdout.write(turn.line + "\n")
