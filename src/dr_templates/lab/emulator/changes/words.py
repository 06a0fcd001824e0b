"""The content of change sets in CloudFormation's words, as records and as the XML that carries them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from dr_templates.lab.emulator.changes.replacement import ALWAYS, NEVER


@dataclass(frozen=True)
class Detail:
    """One reason why a resource is modified: what of it changes, how far that is known, and through what."""

    attribute: str
    name: str
    recreation: str
    evaluation: str
    source: str = ""
    entity: str = ""

    def told(self) -> dict[str, Any]:
        """Give it as a change set shows it; what is empty is left out."""
        target = {"Attribute": self.attribute, "Name": self.name, "RequiresRecreation": self.recreation}
        rest = {"Evaluation": self.evaluation, "ChangeSource": self.source, "CausingEntity": self.entity}
        return {"Target": _filled(target), **_filled(rest)}


@dataclass(frozen=True)
class Modify:
    """A resource that is modified, and why."""

    details: tuple[Detail, ...]

    @property
    def replacement(self) -> str:
        """Say whether another takes its place: True, False, or Conditional."""
        needs = {(one.recreation, one.evaluation) for one in self.details}
        if (ALWAYS, "Static") in needs:
            return "True"
        return "Conditional" if any(recreation != NEVER for recreation, _ in needs) else "False"

    @property
    def scope(self) -> list[str]:
        """Name the attributes that change."""
        return list(dict.fromkeys(one.attribute for one in self.details))


def xml(value: object) -> str:
    """Write a value as the query protocol does: an element for each key, ``member`` for each item."""
    if isinstance(value, Mapping):
        return "".join(f"<{key}>{xml(item)}</{key}>" for key, item in value.items())
    if isinstance(value, list | tuple):
        return "".join(f"<member>{xml(item)}</member>" for item in value)
    if isinstance(value, bool):
        return str(value).lower()
    return escape(str(value))


def _filled(said: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in said.items() if value}
