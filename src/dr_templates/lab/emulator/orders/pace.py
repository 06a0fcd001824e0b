"""How long the creation of a resource takes, when a benchmark wants AWS's times rather than the emulator's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DATABASE = "AWS::RDS::DBInstance"
STACK = "AWS::CloudFormation::Stack"


@dataclass(frozen=True)
class Pace:
    """Seconds by resource type, before they are multiplied by ``scale``.

    ``*`` stands for every type that is not named, nested stacks apart; a database is looked up as
    ``AWS::RDS::DBInstance/primary`` or ``/replica`` first.
    """

    scale: float = 0.0
    types: Mapping[str, float] = field(default_factory=dict)

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
    match said:
        case {"scale": int() | float() as scale, "types": dict() as types} if scale >= 0:
            if all(isinstance(seconds, int | float) and seconds >= 0 for seconds in types.values()):
                return Pace(float(scale), {str(kind): float(seconds) for kind, seconds in types.items()})
    words = 'a pace is {"scale": 0.05, "types": {"*": 20, "AWS::KMS::Key": 5}}, with no number below zero'
    raise ValueError(words)
