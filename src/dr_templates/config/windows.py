"""The hours RDS may use: one window every day for backups, one every week for maintenance, both in UTC."""

import re
from typing import Final

_DAY: Final = 24 * 60
_WEEK: Final = 7 * _DAY
_SHORTEST: Final = 30

DAILY: Final = "hh:mm-hh:mm in UTC, such as 03:00-04:00"
WEEKLY: Final = "ddd:hh:mm-ddd:hh:mm in UTC with mon … sun, such as sun:05:00-sun:06:00"
LENGTH: Final = f"a window of at least {_SHORTEST} minutes and less than a day"

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME: Final = r"([01][0-9]|2[0-3]):([0-5][0-9])"
_DAILY: Final = re.compile(rf"{_TIME}-{_TIME}")
_WEEKLY: Final = re.compile(rf"({'|'.join(_DAYS)}):{_TIME}-({'|'.join(_DAYS)}):{_TIME}")


def daily(text: str) -> tuple[int, int]:
    """Read ``hh:mm-hh:mm`` as (first minute of the day, length in minutes); it may run past midnight.

    Raises ``ValueError`` with what is allowed.
    """
    found = _DAILY.fullmatch(text)
    if found is None:
        raise ValueError(DAILY)
    start, end = (int(hour) * 60 + int(minute) for hour, minute in (found.group(1, 2), found.group(3, 4)))
    return _checked(start, (end - start) % _DAY)


def weekly(text: str) -> tuple[int, int]:
    """Read ``ddd:hh:mm-ddd:hh:mm`` as (first minute since Monday 00:00, length in minutes); it may run past Sunday.

    Raises ``ValueError`` with what is allowed.
    """
    found = _WEEKLY.fullmatch(text)
    if found is None:
        raise ValueError(WEEKLY)
    start, end = (
        _DAYS.index(day) * _DAY + int(hour) * 60 + int(minute)
        for day, hour, minute in (found.group(1, 2, 3), found.group(4, 5, 6))
    )
    return _checked(start, (end - start) % _WEEK)


def overlap(backup: str, maintenance: str) -> bool:
    """Tell whether the daily window and the weekly one share a minute: RDS refuses such a pair."""
    first, length = daily(backup)
    start, duration = weekly(maintenance)
    nights = (day * _DAY + first for day in range(7))
    return any((start - night) % _WEEK < length or (night - start) % _WEEK < duration for night in nights)


def _checked(start: int, length: int) -> tuple[int, int]:
    if not _SHORTEST <= length < _DAY:
        raise ValueError(LENGTH)
    return start, length
