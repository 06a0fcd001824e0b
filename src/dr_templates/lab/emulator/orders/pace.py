"""How long AWS takes for its work, when it is to be AWS's times rather than the emulator's own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DATABASE = "AWS::RDS::DBInstance"
STACK = "AWS::CloudFormation::Stack"
ACTIONS = frozenset({"promotion", "failover", "reboot", "backup"})
"""What RDS does to an instance that is there."""


@dataclass(frozen=True)
class Pace:
    """Seconds by resource type, before they are multiplied by ``scale``.

    ``*`` stands for every type that is not named, nested stacks apart; a database is looked up as
    ``AWS::RDS::DBInstance/primary`` or ``/replica`` first. ``actions`` are the least that RDS takes for them, in the
    lab's seconds and not scaled.
    """

    scale: float = 0.0
    types: Mapping[str, float] = field(default_factory=dict)
    actions: Mapping[str, float] = field(default_factory=dict)

    def seconds(self, kind: str, properties: Mapping[str, Any]) -> float:
        """Give the scaled seconds that the creation of such a resource takes."""
        role = "replica" if properties.get("SourceDBInstanceIdentifier") else "primary"
        named = [f"{kind}/{role}"] if kind == DATABASE else []
        general = [] if kind == STACK else ["*"]
        for name in (*named, kind, *general):
            if name in self.types:
                return self.scale * self.types[name]
        return 0.0


def read(said: object) -> Pace:
    """Read a pace from what JSON gives. Raises ValueError that says what is wrong with it."""
    if isinstance(said, dict) and said and said.keys() <= {"scale", "types", "actions"}:
        scale, types, actions = said.get("scale", 0), said.get("types", {}), said.get("actions", {})
        paired = ("scale" in said) == ("types" in said)
        if paired and _seconds(scale) and _table(types) and _table(actions) and actions.keys() <= ACTIONS:
            return Pace(float(scale), _floats(types), _floats(actions))
    example = '{"scale": 0.05, "types": {"*": 20, "AWS::KMS::Key": 5}}, {"actions": {"promotion": 120}} or both'
    words = f"a pace is {example}, with no number below zero; the actions are {', '.join(sorted(ACTIONS))}"
    raise ValueError(words)


def _table(table: object) -> bool:
    return isinstance(table, dict) and all(_seconds(number) for number in table.values())


def _seconds(number: object) -> bool:
    return isinstance(number, int | float) and not isinstance(number, bool) and 0 <= number < math.inf


def _floats(table: Mapping[str, float]) -> dict[str, float]:
    return {str(name): float(seconds) for name, seconds in table.items()}
