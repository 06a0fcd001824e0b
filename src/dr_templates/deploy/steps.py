"""What a deployment tells while it goes on, as data for whoever shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dr_templates.aws.stacks.model import Event
from dr_templates.deploy.roots import Root


@dataclass(frozen=True)
class Begun:
    """CloudFormation is at work on a root; ``why`` is what for."""

    root: Root
    region: str
    stack: str
    why: str


@dataclass(frozen=True)
class Happened:
    """An event of a root's stack, or of one nested in it, to which ``path`` leads by logical ids."""

    root: Root
    path: tuple[str, ...]
    event: Event


@dataclass(frozen=True)
class Done:
    """CloudFormation is done with a root."""

    root: Root
    stack: str
    status: str
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Idle:
    """Nothing new; AWS is asked again soon."""


Step = Begun | Happened | Done | Idle
