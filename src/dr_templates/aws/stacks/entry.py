"""One entry of a change set in our words: what it does to a resource, and which properties it touches. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dr_templates.aws.stacks.model import Effect, Touch


def effect(raw: Mapping[str, Any]) -> Effect:
    """Say what a change does; what CloudFormation leaves open, or calls by a word we do not know, may replace."""
    match raw["Action"], raw.get("Replacement", "False"):
        case (("Add" | "Import"), _):
            return Effect.ADD
        case "Remove", _:
            return Effect.REMOVE
        case (("Modify" | "SyncWithActual"), "True"):
            return Effect.REPLACE
        case (("Modify" | "SyncWithActual"), "False"):
            return Effect.CHANGE
        case _:
            return Effect.PERHAPS


def touches(raw: Mapping[str, Any]) -> tuple[Touch, ...]:
    """Name the properties that change, each once. Where the action itself is left open they excuse nothing: none."""
    if raw["Action"] == "Dynamic":
        return ()
    targets = (detail.get("Target", {}) for detail in raw.get("Details", ()))
    found = (
        Touch(
            target.get("Name") or target.get("Attribute", ""),
            target.get("RequiresRecreation", "Never"),
            target.get("BeforeValue"),
            target.get("AfterValue"),
        )
        for target in targets
    )
    return tuple(dict.fromkeys(found))


def follows_alone(raw: Mapping[str, Any]) -> bool:
    """Tell that a nested stack is listed only since CloudFormation looks into every one: no tag, no attribute."""
    return set(raw.get("Scope", ())) <= {"Properties"}
