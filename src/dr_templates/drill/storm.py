"""A storm of connections: sessions that do nothing, until the database lets no more in."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from dr_templates.drill.act import Act
from dr_templates.drill.ledger.way import FAULTS, Bounds, Session, connect, why
from dr_templates.errors import DrError

CROWDED = "53300"
MOST = 2000
REFUSALS = 5
"""So many refusals, a moment apart, and nothing is free any more, not even what somebody has just left."""
MOMENT_SECONDS = 0.1


@contextlib.contextmanager
def every_connection(act: Act, site: str) -> Iterator[int]:
    """Take every connection that the database of a site has left, keep them inside, and say how many they are.

    Raises ``DrError`` when it lets in more than anybody would have.
    """
    taken: list[Session] = []
    try:
        refused = 0
        while refused < REFUSALS:
            if _come(act, site, taken):
                refused = 0
            else:
                refused += 1
                time.sleep(MOMENT_SECONDS)
        yield len(taken)
    finally:
        for session in taken:
            session.close()


def _come(act: Act, site: str, taken: list[Session]) -> bool:
    """Take one more; tell whether there was one."""
    way, login = act.way_in.ways[site], act.way_in.databases[site]
    try:
        taken.append(connect(way, login, way.resolve(login.name), Bounds()))
    except FAULTS as error:
        words, sqlstate = why(error)
        if sqlstate == CROWDED:
            return False
        raise DrError(what=f"no storm could be made: {words}", where=login.name, hint="Run the drill again.") from error
    if len(taken) > MOST:
        raise DrError(what=f"{MOST} connections are not enough", where=login.name, hint="Lower max_connections.")
    return True
