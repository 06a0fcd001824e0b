"""Failures that a test orders in advance: of calls to AWS, and of resources in a stack."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

EVERYWHERE = "*"
OUTSIDE = "outside"
"""The place of whoever is no function of the emulator's: a person, a test."""
FOREVER = 1_000_000_000
REMEMBERED = 100_000
"""How many calls are remembered: an emulator may run for days."""


@dataclass(frozen=True)
class Call:
    """One call as it came in. ``stamp`` is in seconds since 1970, ``place`` the region of the function it came from."""

    service: str
    region: str
    action: str
    stamp: float = 0.0
    place: str = OUTSIDE


@dataclass(frozen=True)
class CallFault:
    """The next ``times`` calls that fit are answered with AWS's error instead."""

    service: str
    action: str
    region: str = EVERYWHERE
    code: str = "Throttling"
    message: str = "Rate exceeded"
    status: int = 400
    times: int = FOREVER

    def fits(self, call: Call) -> bool:
        """Say whether this is such a call."""
        pairs = ((self.service, call.service), (self.action, call.action), (self.region, call.region))
        return all(wanted in (EVERYWHERE, given) for wanted, given in pairs)


@dataclass(frozen=True)
class ResourceFault:
    """The next ``times`` operations on such a resource in a stack fail, for this reason."""

    resource: str
    logical_id: str = EVERYWHERE
    operation: str = EVERYWHERE
    reason: str = "Resource handler returned message: ordered by a test"
    times: int = FOREVER

    def fits(self, kind: str, logical_id: str, operation: str) -> bool:
        """Say whether this is such an operation: CREATE, UPDATE, DELETE, or ROLLBACK, an update that is undone."""
        pairs = ((self.resource, kind), (self.logical_id, logical_id), (self.operation, operation))
        return all(wanted in (EVERYWHERE, given) for wanted, given in pairs)


@dataclass(frozen=True)
class StackFault:
    """A stack is put into a status, as something outside its template would."""

    stack: str
    status: str
    region: str
    reason: str = ""


F = TypeVar("F", CallFault, ResourceFault)
Fault = CallFault | ResourceFault | StackFault
_KINDS: tuple[tuple[str, type[Fault]], ...] = (
    ("stack", StackFault),
    ("resource", ResourceFault),
    ("service", CallFault),
)


@dataclass
class Armed:
    """What is still to happen, and the calls so far. Resources are deleted on many threads."""

    faults: list[CallFault | ResourceFault] = field(default_factory=list)
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def on_call(self, call: Call) -> CallFault | None:
        """Give the fault that meets this call, and count it; note the call."""
        self.calls.append(call)
        with self.lock:
            for fault in self.faults:
                if isinstance(fault, CallFault) and fault.fits(call):
                    return self._spend(fault)
        return None

    def on_resource(self, kind: str, logical_id: str, operation: str) -> None:
        """Raise ValueError with the reason of the fault that meets this operation, and count it."""
        with self.lock:
            for fault in self.faults:
                if isinstance(fault, ResourceFault) and fault.fits(kind, logical_id, operation):
                    raise ValueError(self._spend(fault).reason)

    def _spend(self, fault: F) -> F:
        place = self.faults.index(fault)
        left = replace(fault, times=fault.times - 1)
        self.faults[place : place + 1] = [left] if left.times > 0 else []
        return fault


def read(said: object) -> list[Fault]:
    """Read faults from what JSON gives: a list of them. Raises ValueError that says what is wrong."""
    if not isinstance(said, list) or not all(isinstance(one, dict) for one in said):
        words = "faults are a list of JSON objects"
        raise ValueError(words)
    return [_read(one) for one in said]


def _read(said: Mapping[str, Any]) -> Fault:
    kind = next((kind for name, kind in _KINDS if name in said), None)
    if kind is None:
        words = f'a fault names "service", "resource" or "stack": {dict(said)}'
        raise ValueError(words)
    try:
        return kind(**said)
    except TypeError as error:
        words = f"{kind.__name__}: {error}"
        raise ValueError(words) from error
