"""Work on a server that the API does not wait for: the instance's status tells when it is done."""

from __future__ import annotations

import contextvars
import logging
import threading
from collections.abc import Callable
from typing import Protocol

from dr_templates.lab.emulator.clocks.state import clock
from dr_templates.lab.emulator.orders.state import SETTINGS
from dr_templates.lab.emulator.rds.instances import Record
from dr_templates.lab.upkeep import TROUBLES

_LOG = logging.getLogger(__name__)
_turns: dict[str, threading.Lock] = {}
"""By DbiResourceId, which is never given twice."""


class Until(Protocol):
    """Waits until a share of an action's time has passed, or ``less`` seconds before that."""

    def __call__(self, share: float, *, less: float = 0.0) -> None:
        """Wait; not at all when that is over."""


def begin(
    record: Record, work: Callable[[], None], done: str, then: Callable[[], None] | None = None
) -> threading.Thread:
    """Do the work on a thread of its own; afterwards the instance's status is ``done``, or failed.

    Work on one instance is done in turn: a deletion begins when what is under way has ended, and is still to be seen.
    What is to come ``then`` comes if the work was done.
    """
    before = record["DBInstanceStatus"]
    turn = _turns.setdefault(record["DbiResourceId"], threading.Lock())

    def run() -> None:
        outcome = "failed"
        with turn:
            try:
                work()
                outcome = done
            except TROUBLES:
                _LOG.exception("%s failed while %s", record["DBInstanceIdentifier"], before)
            finally:
                if record["DBInstanceStatus"] == before:
                    record["DBInstanceStatus"] = outcome
        if then is not None and outcome == done:
            then()

    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(run,), name=record["DBInstanceIdentifier"], daemon=True)
    thread.start()
    return thread


def seconds(action: str) -> float:
    """Tell how long an action of RDS is to take at least, in the lab's seconds."""
    return SETTINGS.pace.actions.get(action, 0.0)


def during(action: str) -> Until:
    """Begin an action now, and give what waits for a share of the time it is to take at least."""
    began, takes = clock().now(), seconds(action)

    def until(share: float, *, less: float = 0.0) -> None:
        clock().pause(began + share * takes - less - clock().now())

    return until
