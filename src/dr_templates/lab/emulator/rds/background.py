"""Work on a server that the API does not wait for: the instance's status tells when it is done."""

from __future__ import annotations

import contextvars
import logging
import threading
from collections.abc import Callable

from dr_templates.lab.emulator.rds.instances import Record
from dr_templates.lab.upkeep import TROUBLES

_LOG = logging.getLogger(__name__)
_turns: dict[str, threading.Lock] = {}
"""By DbiResourceId, which is never given twice."""


def begin(record: Record, work: Callable[[], None], done: str) -> None:
    """Do the work on a thread of its own; afterwards the instance's status is ``done``, or failed.

    Work on one instance is done in turn: a deletion begins when what is under way has ended, and is still to be seen.
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

    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(run,), name=record["DBInstanceIdentifier"], daemon=True).start()
