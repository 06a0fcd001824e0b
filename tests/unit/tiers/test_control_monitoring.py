"""What watches the failover: the alarms of its own region, and the dashboard of both."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from dr_templates.aws.names import Names
from dr_templates.topology import CONTROL

Templates = dict[str, dict[str, Any]]
At = Callable[[str, object], Any]


def alarm(templates: Templates, name: str) -> dict[str, Any]:
    found: dict[str, Any] = templates["control-monitoring"]["Resources"][f"{name}Alarm"]["Properties"]
    return found


@pytest.mark.parametrize(
    ("name", "metric", "missing", "why"),
    [
        ("ControllerSilence", "ActiveSite", "breaching", "silence is what it is there for"),
        ("Drill", "DaysSinceDrill", "breaching", "a drill that is not on record is the worst of all"),
        ("LockAge", "LockAgeSeconds", "notBreaching", "the silence has an alarm of its own"),
        ("FailedMoves", "ExecutionsFailed", "notBreaching", "none is what there should be"),
        ("TimedOutMoves", "ExecutionsTimedOut", "notBreaching", "none is what there should be"),
        *((f"{task}Errors", "Errors", "notBreaching", "none is good") for task in ("Observe", "Decide", "Perform")),
    ],
)
def test_an_alarm_tells_the_control_topic(templates: Templates, name: str, metric: str, missing: str, why: str) -> None:
    body = alarm(templates, name)
    assert (body["MetricName"], body["TreatMissingData"]) == (metric, missing), why
    assert body["AlarmActions"] == [{"Ref": "TopicArn"}]
    assert templates["control"]["Resources"]["ControlMonitoring"]["Properties"]["Parameters"]["TopicArn"] == {
        "Fn::GetAtt": ["Failover", "Outputs.TopicArn"]
    }


def test_five_minutes_without_a_word_of_the_controller_are_silence(templates: Templates) -> None:
    body = alarm(templates, "ControllerSilence")
    assert (body["Statistic"], body["Threshold"], body["ComparisonOperator"]) == ("SampleCount", 1, "LessThanThreshold")
    assert body["Period"] * body["EvaluationPeriods"] == 300


def test_bounds_are_those_of_the_configuration(templates: Templates, at: At) -> None:
    assert at(CONTROL, alarm(templates, "Drill")["Threshold"]) == "90"
    assert at(CONTROL, alarm(templates, "LockAge")["Threshold"]) == "1800"


def test_the_controllers_figures_are_told_by_environment_as_the_names_alarms_read_them(templates: Templates) -> None:
    dns = templates["dns"]["Resources"]["HomeInactiveAlarm"]["Properties"]
    for name in ("ControllerSilence", "Drill", "LockAge"):
        assert alarm(templates, name)["Dimensions"] == dns["Dimensions"]
        assert alarm(templates, name)["Namespace"] == dns["Namespace"]


def graphs(templates: Templates, at: At) -> list[dict[str, Any]]:
    body = at(CONTROL, templates["control-monitoring"]["Resources"]["Dashboard"]["Properties"]["DashboardBody"])
    widgets: list[dict[str, Any]] = json.loads(body)["widgets"]
    return widgets


def shown(templates: Templates, at: At) -> set[tuple[str, str, str]]:
    """Give region, metric and what it is of for every line that the dashboard draws."""
    return {
        (widget["properties"]["region"], line[1], line[-2])
        for widget in graphs(templates, at)
        for line in widget["properties"]["metrics"]
    }


def test_the_dashboard_shows_each_site_from_its_own_region(templates: Templates, names: Names, at: At) -> None:
    """A graph of another region's metric would be drawn without complaint, and be empty (D5)."""
    found = shown(templates, at)
    for site in names.sites:
        region = names.region(site)
        for metric in ("Reachable", "HeartbeatAgeSeconds", "ReplayLagBytes", "ClientSessions"):
            assert (region, metric, site) in found
        for metric in ("ReplicaLag", "DatabaseConnections", "CPUUtilization"):
            assert (region, metric, names.instance(site)) in found
    for metric in ("ActiveSite", "LockAgeSeconds"):
        assert ("eu-central-1", metric, "orders-prod") in found
    assert ("eu-central-1", "ExecutionsFailed", "${StateMachineArn}") in found
    assert {region for region, _, _ in found} == {"eu-central-1", "us-east-1", "eu-west-1"}


def test_no_two_graphs_lie_on_each_other(templates: Templates, at: At) -> None:
    widgets = graphs(templates, at)
    cells = [
        (x, y)
        for widget in widgets
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def test_a_site_that_nobody_would_shut_raises_an_alarm_there(templates: Templates) -> None:
    resources = templates["monitoring"]["Resources"]
    silence, errors = (resources[f"Watchdog{kind}Alarm"]["Properties"] for kind in ("Silence", "Errors"))
    assert (silence["MetricName"], silence["Statistic"], silence["TreatMissingData"]) == (
        "Invocations",
        "Sum",
        "breaching",
    )
    assert (
        silence["Dimensions"]
        == errors["Dimensions"]
        == [{"Name": "FunctionName", "Value": {"Ref": "WatchdogFunctionName"}}]
    )
    assert errors["MetricName"] == "Errors"
