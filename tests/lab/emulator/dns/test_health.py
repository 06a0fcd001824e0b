"""What a check says of a metric: the facts B7 and B8, and the lab's model of time."""

from dataclasses import replace

import pytest

from dr_templates.lab.emulator.dns.health import Alarm, Check, Point, judge, read

START = 6_000_000.0
"""The beginning of a period."""
ALARM = Alarm("DatabaseRecovery", "ActiveSite", {}, "Maximum", "GreaterThanOrEqualToThreshold", 2.0)
HOME = Check(ALARM, START)
AWAY = Check(replace(ALARM, comparison="LessThanThreshold"), START)


def at(seconds: float, value: float) -> Point:
    return Point(START + seconds, 1, value, value, value)


def healthy(check: Check, now: float, *points: Point) -> bool:
    return judge(check, points, START + now).healthy


def test_a_check_changes_its_mind_when_the_period_closes_and_not_before() -> None:
    points = (at(5, 1), at(65, 2))
    assert healthy(HOME, 119.999, *points)
    assert not healthy(HOME, 120, *points)
    assert not healthy(HOME, 179.999, *points)


def test_the_order_of_points_does_not_matter() -> None:
    assert not healthy(HOME, 120, at(65, 2), at(5, 1))


def test_a_period_rests_on_all_of_its_points() -> None:
    assert not healthy(HOME, 120, at(61, 2), at(119, 1))
    assert healthy(HOME, 180, at(61, 2), at(119, 1), at(120, 1))


def test_a_point_in_a_period_that_is_open_does_not_count() -> None:
    assert healthy(HOME, 60, at(60, 2))


@pytest.mark.parametrize("value", [0.0, 1.0, 1.5, 2.0, 3.0])
@pytest.mark.parametrize("now", [60.0, 100.0, 1000.0])
def test_opposite_comparisons_never_agree_once_something_was_published(value: float, now: float) -> None:
    assert healthy(HOME, now, at(30, value)) != healthy(AWAY, now, at(30, value))


def test_both_are_healthy_before_anything_was_published() -> None:
    assert healthy(HOME, 500)
    assert healthy(AWAY, 500)


def test_the_last_answer_stands_when_nobody_publishes() -> None:
    points = (at(5, 1), at(65, 2))
    for now in (180, 240, 100_000):
        status = judge(HOME, points, START + now)
        assert not status.healthy
        assert (status.begun, status.ended, status.value) == (START + 60, START + 120, 2)
        assert status.why == "insufficient data: last known status"


@pytest.mark.parametrize(("said", "now_healthy"), [("Healthy", True), ("Unhealthy", False)])
@pytest.mark.parametrize("value", [1.0, 2.0])
def test_missing_data_is_taken_as_the_check_says(said: str, value: float, *, now_healthy: bool) -> None:
    check = replace(HOME, insufficient=said)
    assert healthy(check, 60, at(5, value)) == (value < 2)
    assert healthy(check, 120, at(5, value)) == now_healthy
    assert healthy(check, 120) == now_healthy


def test_a_check_knows_nothing_of_what_was_before_it() -> None:
    later = replace(HOME, made=START + 120)
    assert healthy(later, 120, at(65, 2))
    assert healthy(later, 1000, at(65, 2))
    assert not healthy(later, 180, at(130, 2))


def test_an_inverted_check_says_the_other() -> None:
    check = replace(HOME, inverted=True)
    assert not healthy(check, 60, at(5, 1))
    assert healthy(check, 60, at(5, 2))


def test_a_disabled_check_is_healthy_and_the_other_way_round_when_inverted() -> None:
    assert healthy(replace(HOME, disabled=True), 60, at(5, 2))
    assert not healthy(replace(HOME, disabled=True, inverted=True), 60, at(5, 1))


def test_a_check_that_follows_no_alarm_is_healthy() -> None:
    assert healthy(Check(None, START), 60)


@pytest.mark.parametrize(
    ("statistic", "value"),
    [("Minimum", 1.0), ("Maximum", 9.0), ("Sum", 22.0), ("Average", 5.5), ("SampleCount", 4.0)],
)
def test_each_statistic_is_over_all_points_of_the_period(statistic: str, value: float) -> None:
    check = replace(HOME, alarm=replace(ALARM, statistic=statistic))
    points = (at(1, 3), at(2, 9), Point(START + 3, 2, 10, 1, 9))
    assert judge(check, points, START + 60).value == value


@pytest.mark.parametrize(
    ("comparison", "breaching"),
    [
        ("GreaterThanOrEqualToThreshold", {2.0, 3.0}),
        ("GreaterThanThreshold", {3.0}),
        ("LessThanThreshold", {1.0}),
        ("LessThanOrEqualToThreshold", {1.0, 2.0}),
    ],
)
def test_each_comparison_is_with_the_threshold(comparison: str, breaching: set[float]) -> None:
    check = replace(HOME, alarm=replace(ALARM, comparison=comparison))
    assert {value for value in (1.0, 2.0, 3.0) if not healthy(check, 60, at(5, value))} == breaching


def test_a_set_of_no_samples_is_no_data() -> None:
    assert judge(HOME, [Point(START + 1, 0, 0, 0, 0)], START + 60).why == "insufficient data: new, nothing known yet"


def test_all_periods_must_breach() -> None:
    check = replace(HOME, alarm=replace(ALARM, periods=2))
    points = (at(5, 1), at(65, 2), at(125, 2), at(185, 1))
    assert healthy(check, 120, *points)
    assert not healthy(check, 180, *points)
    assert healthy(check, 240, *points)


def test_one_breaching_period_of_two_decides_nothing_while_the_other_is_missing() -> None:
    check = replace(HOME, alarm=replace(ALARM, periods=2))
    assert not healthy(check, 240, at(5, 2), at(65, 2), at(185, 2))
    assert healthy(replace(check, insufficient="Healthy"), 240, at(5, 2), at(65, 2), at(185, 2))
    assert healthy(check, 240, at(5, 2), at(65, 1), at(185, 2))


def test_a_longer_period_closes_later() -> None:
    start = 300.0 * 20_000
    check = Check(replace(ALARM, period=300), start)
    point = Point(start + 10, 1, 2, 2, 2)
    assert judge(check, [point], start + 299).healthy
    assert not judge(check, [point], start + 300).healthy


KEPT = {
    "Namespace": "DatabaseRecovery",
    "MetricName": "ActiveSite",
    "Dimensions": [{"Name": "Environment", "Value": "shop-demo"}],
    "Statistic": "Maximum",
    "ExtendedStatistic": None,
    "ComparisonOperator": "LessThanThreshold",
    "Threshold": 2,
    "Period": 60,
    "EvaluationPeriods": 1,
}


def test_a_plain_alarm_is_taken_over() -> None:
    taken = read(KEPT)
    assert taken.dimensions == {"Environment": "shop-demo"}
    assert (taken.statistic, taken.comparison, taken.threshold) == ("Maximum", "LessThanThreshold", 2.0)
    assert (taken.period, taken.periods) == (60, 1)
    assert read({**KEPT, "EvaluationPeriods": 3, "DatapointsToAlarm": 3}).periods == 3


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"MetricName": None}, "metric math"),
        ({"Metrics": [{"Id": "m1"}]}, "metric math"),
        ({"ExtendedStatistic": "p99"}, "statistic"),
        ({"Statistic": "TM(10%:90%)"}, "statistic"),
        ({"ComparisonOperator": "GreaterThanUpperThreshold"}, "comparison"),
        ({"EvaluationPeriods": 3, "DatapointsToAlarm": 2}, "M out of N"),
        ({"Period": 10}, "high resolution"),
    ],
)
def test_an_alarm_that_no_check_can_follow_is_refused(changed: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read({**KEPT, **changed})
