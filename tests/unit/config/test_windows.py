"""Backup and maintenance windows, and when they meet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dr_templates.config.windows import daily, overlap, weekly

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEK = 7 * 24 * 60


def clock(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


@pytest.mark.parametrize(
    ("backup", "maintenance", "meet"),
    [
        ("03:00-04:00", "sun:05:00-sun:06:00", False),
        ("03:00-04:00", "sun:04:00-sun:05:00", False),
        ("03:00-04:00", "sun:03:59-sun:05:00", True),
        ("04:00-05:00", "sun:03:00-sun:04:00", False),
        ("04:00-05:00", "sun:03:00-sun:04:01", True),
        ("23:30-00:30", "sun:23:00-mon:00:00", True),
        ("23:30-00:30", "mon:00:30-mon:01:30", False),
        ("00:00-00:30", "sun:23:30-mon:00:01", True),
        ("12:00-12:30", "tue:08:00-wed:07:00", True),
    ],
)
def test_windows_meet_across_midnight_and_the_end_of_the_week(backup: str, maintenance: str, meet: bool) -> None:
    assert overlap(backup, maintenance) is meet


@given(
    first=st.integers(0, 1439),
    length=st.integers(30, 1439),
    start=st.integers(0, WEEK - 1),
    lasts=st.integers(30, 1439),
)
def test_windows_meet_exactly_when_they_share_a_minute(first: int, length: int, start: int, lasts: int) -> None:
    backup = f"{clock(first)}-{clock(first + length)}"
    end = (start + lasts) % WEEK
    maintenance = f"{DAYS[start // 1440]}:{clock(start)}-{DAYS[end // 1440]}:{clock(end)}"
    assert daily(backup) == (first, length)
    assert weekly(maintenance) == (start, lasts)
    nightly = {(day * 1440 + first + minute) % WEEK for day in range(7) for minute in range(length)}
    shared = any((start + minute) % WEEK in nightly for minute in range(lasts))
    assert overlap(backup, maintenance) is shared
