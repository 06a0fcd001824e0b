"""Resource types whose work may take long, so that it must not be done on the loop that answers requests.

These are all types that the lab has made anew: their handlers call the emulator itself, and wait for the answer.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

from ministack.services.cloudformation import provisioners, stacks

from dr_templates.lab.emulator import patches

_types: set[str] = set()


def blocking(types: Iterable[str]) -> None:
    """Let what is done for resources of these types run on threads of their own."""
    _types.update(types)


@contextlib.contextmanager
def noticed() -> Iterator[None]:
    """Make each type blocking whose handlers are added or changed while the block runs."""
    before = _handlers()
    yield
    blocking(kind for kind, handlers in _handlers().items() if handlers != before.get(kind))


def install() -> None:
    """Let ministack ask here as well."""

    def runs_on_worker_thread(resource_type: str) -> bool:
        return resource_type in _types or bool(stock(resource_type))

    stock = patches.replace(stacks, "_runs_on_worker_thread", runs_on_worker_thread)


def _handlers() -> dict[str, dict[str, Any]]:
    return {kind: dict(handlers) for kind, handlers in provisioners._RESOURCE_HANDLERS.items()}
