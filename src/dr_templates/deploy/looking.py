"""The root stacks as they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from dr_templates.aws.operator import explained
from dr_templates.aws.stacks import read
from dr_templates.aws.stacks.model import Stack
from dr_templates.deploy import roots
from dr_templates.deploy.deployment import Deployment
from dr_templates.deploy.roots import Root

AT_ONCE = 8
Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


def look(on: Deployment) -> dict[Root, Stack | None]:
    """Read every root stack of the environment."""
    every = roots.every(on.topology)
    return dict(zip(every, each(lambda one: look_at(on, one), every), strict=True))


def look_at(on: Deployment, one: Root) -> Stack | None:
    """Read one root stack."""
    with explained(on.where(one)):
        return read.stack(on.client(one), on.stack(one))


def each(ask: Callable[[Asked], Answer], of: Iterable[Asked]) -> list[Answer]:
    """Ask about several roots, or plans of some, at once; the first fault is raised when all have been heard."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(ask, of))
