"""What a length of time, a time and a count may be, so that whatever is in a report can be shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LEAST: Final = 0.001
"""A millisecond: phases add up to the outage as closely, and nothing shorter is counted by."""

_LONG: Final = 1e9
_LATE: Final = 2.5e11  # a date that can still be written
_MANY: Final = 2**63


def length(name: str, seconds: float, *, least: float = 0.0) -> None:
    """Refuse what is no length of time. Raises ``ValueError``."""
    if not least <= seconds <= _LONG:
        fault = f"{name}: {seconds} is no length of time"
        raise ValueError(fault)


def moment(name: str, at: float) -> None:
    """Refuse what is no time. Raises ``ValueError``."""
    if not 0.0 <= at <= _LATE:
        fault = f"{name}: {at} is no time"
        raise ValueError(fault)


def counts(counted: Mapping[str, int]) -> None:
    """Refuse what are no counts. Raises ``ValueError``."""
    for name, count in counted.items():
        if not 0 <= count < _MANY:
            fault = f"{name}: {count} is no count"
            raise ValueError(fault)
