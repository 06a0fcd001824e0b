"""Numbers of the denies in the NACL before a database: who closed the gate, and for which epoch.

A deny is closed and opened by its number. Each epoch has one of its own, so that a runner that is late can neither open
what a later move has closed nor be mistaken for it; the site's own watchdog has another, for when it is cut off.
"""

from __future__ import annotations

from typing import Final

from dr_templates.failover.model import Gate

EPOCHS: Final = range(103, 193)
"""Between the allows of our own functions (from 100 on) and those of clients (from 200 on)."""
AHEAD: Final = 10
OWN: Final = 199
"""The watchdog's deny."""


def number(epoch: int) -> int:
    """Give the number of an epoch's deny; it comes again after ninety moves."""
    return EPOCHS[epoch % len(EPOCHS)]


def next_to(epoch: int) -> frozenset[int]:
    """Give the denies of the epochs that come next: a move that began after the state was read has one of them."""
    return frozenset(number(epoch + ahead) for ahead in range(1, AHEAD + 1))


def known(gate: Gate) -> bool:
    """Tell whether both directions of the gate could be read."""
    return gate.entering is not None and gate.leaving is not None


def shut_by(gate: Gate, deny: int) -> bool:
    """Tell whether a deny stands in both directions: nothing comes in, and no late answer goes out (fact A49)."""
    return deny in (gate.entering or ()) and deny in (gate.leaving or ())


def shut(gate: Gate) -> bool:
    """Tell whether anybody has closed the gate in both directions."""
    return any(shut_by(gate, deny) for deny in denies(gate))


def denies(gate: Gate) -> frozenset[int]:
    """Give every deny that stands in at least one direction."""
    return (gate.entering or frozenset()) | (gate.leaving or frozenset())


def of_moves(gate: Gate) -> frozenset[int]:
    """Give the denies that moves have left, whatever their epoch."""
    return frozenset(deny for deny in denies(gate) if deny in EPOCHS)
