"""The time without writes, split into phases: they add up, whatever was reached when, and AWS's part is told apart."""

import math
from collections.abc import Sequence
from dataclasses import fields, replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dr_templates.drill.phases import Clocks, Course, imposed, measured, overhead, owned, parts
from dr_templates.drill.report.model import Phases, Projected

CLOCKS = Clocks(rate=10.0, settle=3.0, ttl=5.0)
FAILOVER = Course(
    broke=100.5,
    agreed=118.0,
    locked=118.5,
    fenced=119.0,
    sealed=120.0,
    asked=120.25,
    open=132.0,
    named=132.5,
    verified=133.0,
    found=137.5,
)
"""An unplanned move by a clock ten times as fast: an outage from 100 to 139."""
SWITCHOVER = Course(
    broke=99.0,
    locked=99.5,
    fenced=100.5,
    sealed=101.5,
    asked=101.75,
    open=113.0,
    named=113.25,
    verified=120.0,
    found=119.0,
)

proven = settings(max_examples=300, deadline=None, derandomize=True)

MOMENTS = st.floats(0, 1000, allow_nan=False)
COURSES = st.builds(Course, MOMENTS, *(st.none() | MOMENTS for _ in range(9)))
OUTAGES = st.tuples(MOMENTS, MOMENTS).map(lambda two: (min(two), max(two)))
CLOCKED = st.builds(Clocks, st.floats(1, 60), st.floats(0, 30), st.floats(0, 300), st.floats(0, 600))


def near(seconds: float) -> object:
    return pytest.approx(seconds, abs=1e-6)


def test_an_unplanned_move_is_split_at_what_was_reached() -> None:
    told = measured((100.0, 139.0), FAILOVER, CLOCKS)
    assert told.phases == Phases(
        detect=18.0, decide=0.5, fence=0.5, drain=1.0, promote=12.0, verify=1.0, move=4.5, reconnect=1.5
    )
    assert (told.began, told.outage_seconds, told.rto_seconds) == (100.0, 39.0, 38.5)


def test_what_aws_imposed_is_told_apart_from_what_the_tool_took() -> None:
    assert imposed((100.0, 139.0), FAILOVER, CLOCKS) == (
        (100.0, 118.0),  # patience
        (119.0, 119.3),  # the gate settles: 3 s
        (120.25, 132.0),  # the promotion
        (132.5, 138.0),  # the metric's period, and the TTL: 5 s
    )
    own = (119.0 - 118.0) + (120.25 - 119.3) + (132.5 - 132.0) + (139.0 - 138.0)
    assert overhead((100.0, 139.0), FAILOVER, CLOCKS) == near(own)
    assert measured((100.0, 139.0), FAILOVER, CLOCKS).own_seconds == near(own)
    assert list(parts((100.0, 139.0), FAILOVER, CLOCKS)) == ["detection", "settling", "promotion", "name"]
    spent = dict(owned((100.0, 139.0), FAILOVER, CLOCKS).each())
    assert {phase: round(seconds, 6) for phase, seconds in spent.items() if seconds} == {
        "decide": 0.5,
        "fence": 0.5,
        "drain": 0.7,
        "promote": 0.25,
        "verify": 0.5,
        "reconnect": 1.0,
    }


def test_at_awss_clocks_what_it_imposes_takes_ten_times_as_long_and_the_rest_as_long_as_here() -> None:
    told = measured((100.0, 139.0), FAILOVER, CLOCKS).projected
    assert [seconds for _, seconds in told.phases.each()] == [
        near(seconds) for seconds in (180.0, 0.5, 0.5, 3.0 + 0.7, 0.25 + 117.5, 0.5 + 5.0, 45.0, 5.0 + 1.0)
    ]
    assert told.outage_seconds == near(358.95)


def test_a_planned_move_has_nothing_to_detect_and_a_name_that_moves_before_it_is_verified_takes_that_time() -> None:
    told = measured((100.0, 121.0), SWITCHOVER, CLOCKS)
    assert told.phases == Phases(fence=0.5, drain=1.0, promote=11.5, move=6.0, reconnect=2.0)
    assert told.rto_seconds == 22.0


def test_where_nothing_moved_the_outage_is_all_awss_and_nothing_is_said_of_the_tools_own() -> None:
    told = measured((100.0, 109.0), Course(broke=100.0), CLOCKS)
    assert (told.own_seconds, told.phases) == (None, Phases(detect=9.0))
    assert told.projected == Projected(90.0, Phases(detect=90.0), at_most_seconds=90.0)


def test_at_most_all_of_an_outage_goes_by_awss_clocks() -> None:
    assert measured((100.0, 139.0), FAILOVER, CLOCKS).projected.at_most_seconds == near(390.0)


def test_detection_is_imposed_for_no_longer_than_policy_and_schedule_may_take() -> None:
    hasty = replace(CLOCKS, detection=120.0)
    assert imposed((100.0, 139.0), FAILOVER, hasty)[0] == (100.0, 112.0)
    assert overhead((100.0, 139.0), FAILOVER, hasty) == near(overhead((100.0, 139.0), FAILOVER, CLOCKS) + 6.0)


def test_an_outage_that_was_over_before_anything_was_broken_has_no_recovery_time_below_zero() -> None:
    assert measured((100.0, 101.0), Course(broke=105.0), CLOCKS).rto_seconds == 0.0


def test_a_clock_of_rate_one_projects_nothing_else_than_what_was_measured() -> None:
    told = measured((100.0, 139.0), FAILOVER, Clocks(rate=1.0, settle=3.0, ttl=5.0))
    assert told.projected.outage_seconds == near(39.0)
    assert told.projected.phases == told.phases


@pytest.mark.parametrize(
    ("course", "joined"),
    [
        # The gate settles within the patience of the witnesses.
        (Course(0.0, agreed=8.0, fenced=5.0, asked=9.0, open=10.0), ((1.0, 8.0), (9.0, 10.0))),
        # The promotion begins while the gate settles.
        (Course(0.0, fenced=5.0, asked=5.2, open=7.0), ((5.0, 7.0),)),
        # The name follows before the database is open, and a promotion that took no time is none.
        (Course(0.0, asked=3.0, open=3.0, named=2.0, found=6.0), ((2.0, 6.5),)),
        # Each begins when the last one ends.
        (Course(0.0, agreed=4.0, fenced=4.0, asked=4.3, open=6.0), ((1.0, 6.0),)),
    ],
)
def test_times_that_overlap_are_counted_once(course: Course, joined: Sequence[tuple[float, float]]) -> None:
    assert [(near(begin), near(end)) for begin, end in joined] == list(imposed((1.0, 10.0), course, CLOCKS))


@proven
@given(OUTAGES, COURSES, CLOCKED)
def test_phases_add_up_to_the_outage_whatever_was_reached_when(
    outage: tuple[float, float], course: Course, clocks: Clocks
) -> None:
    told = measured(outage, course, clocks)
    assert told.phases.total == near(outage[1] - outage[0])
    assert told.projected.phases.total == near(told.projected.outage_seconds)
    assert all(seconds >= 0 for _, seconds in (*told.phases.each(), *told.projected.phases.each()))


@proven
@given(OUTAGES, COURSES, CLOCKED)
def test_each_phase_takes_longer_at_awss_clocks_or_as_long_and_never_more_than_the_rate_has_it(
    outage: tuple[float, float], course: Course, clocks: Clocks
) -> None:
    told = measured(outage, course, clocks)
    for (_, here), (_, there) in zip(told.phases.each(), told.projected.phases.each(), strict=True):
        assert here - 1e-6 <= there <= here * clocks.rate + 1e-6


@proven
@given(OUTAGES, COURSES, CLOCKED)
def test_what_was_imposed_is_in_order_apart_and_with_the_tools_own_time_the_whole_outage(
    outage: tuple[float, float], course: Course, clocks: Clocks
) -> None:
    found = imposed(outage, course, clocks)
    assert all(begin <= end for begin, end in found)
    assert all(one[1] < other[0] for one, other in pairwise(found))
    own = overhead(outage, course, clocks)
    within = math.fsum(max(0.0, min(end, outage[1]) - max(begin, outage[0])) for begin, end in found)
    assert own + within == near(outage[1] - outage[0])
    assert own >= -1e-6
    told = measured(outage, course, clocks)
    assert told.projected.outage_seconds == near(own + within * clocks.rate)
    assert owned(outage, course, clocks).total == near(own)


@proven
@given(OUTAGES, COURSES)
def test_a_moment_that_nobody_knows_of_leaves_its_phase_empty(outage: tuple[float, float], course: Course) -> None:
    told = dict(measured(outage, course, CLOCKS).phases.each())
    unknown = {"decide": course.locked, "fence": course.fenced, "drain": course.sealed, "promote": course.open}
    for phase, reached in unknown.items():
        if reached is None or reached <= outage[0]:
            assert told[phase] == 0.0
    assert [one.name for one in fields(Phases)] == list(told)
