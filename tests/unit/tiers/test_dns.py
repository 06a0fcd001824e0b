"""The name that moves: which site answers, for every value of the metric, by Route 53's own rules."""

from typing import Any

import pytest

from dr_templates.tiers.dns import ACTIVE_AT, HOME, STANDBY

Templates = dict[str, dict[str, Any]]


def healthy(dns: dict[str, Any], check: str, metric: float | None) -> bool:
    """Answer as Route 53 does for a check on an alarm; with no data ever, LastKnownStatus of a new check is healthy."""
    config = dns["Resources"][check]["Properties"]["HealthCheckConfig"]
    alarm = dns["Resources"][config["AlarmIdentifier"]["Name"]["Ref"]]["Properties"]
    if metric is None:
        return str(config["InsufficientDataHealthStatus"]) == "LastKnownStatus"
    breaching = {
        "GreaterThanOrEqualToThreshold": metric >= alarm["Threshold"],
        "LessThanThreshold": metric < alarm["Threshold"],
    }
    return not breaching[alarm["ComparisonOperator"]]


def answered(dns: dict[str, Any], role: str, metric: float | None) -> str:
    """Choose among weighted records as fact B9 says: zero weights count only when every other record is unhealthy."""
    records = {place: dns["Resources"][f"{place}{role}Record"]["Properties"] for place in (HOME, STANDBY)}
    well = {
        place: body for place, body in records.items() if healthy(dns, body["HealthCheckId"]["Fn::GetAtt"][0], metric)
    } or records
    weighed = {place: body for place, body in well.items() if body["Weight"] > 0} or well
    (place,) = weighed
    return place


@pytest.mark.parametrize(
    ("metric", "writer", "reader"),
    [(None, HOME, STANDBY), (ACTIVE_AT[HOME], HOME, STANDBY), (ACTIVE_AT[STANDBY], STANDBY, HOME)],
)
def test_the_name_follows_the_metric(templates: Templates, metric: float | None, writer: str, reader: str) -> None:
    assert answered(templates["dns"], "Writer", metric) == writer
    assert answered(templates["dns"], "Reader", metric) == reader


@pytest.mark.parametrize("metric", [0, 0.5, 1, 1.5, 1.99, 2, 3])
def test_the_two_checks_never_agree(templates: Templates, metric: float) -> None:
    dns = templates["dns"]
    assert healthy(dns, "HomeActiveCheck", metric) != healthy(dns, "StandbyActiveCheck", metric)


def test_route_53_can_follow_both_alarms(templates: Templates) -> None:
    alarms = [b["Properties"] for b in templates["dns"]["Resources"].values() if b["Type"] == "AWS::CloudWatch::Alarm"]
    assert len(alarms) == 2
    for alarm in alarms:
        assert alarm["Statistic"] in {"Average", "Minimum", "Maximum", "Sum", "SampleCount"}
        assert not {"Metrics", "DatapointsToAlarm", "ExtendedStatistic"} & set(alarm)
        assert alarm["Period"] == 60


def test_the_two_checks_ask_the_same_question(templates: Templates) -> None:
    home, standby = (templates["dns"]["Resources"][f"{place}InactiveAlarm"]["Properties"] for place in (HOME, STANDBY))
    same = ("Namespace", "MetricName", "Dimensions", "Statistic", "Period", "EvaluationPeriods", "Threshold")
    assert [home[key] for key in same] == [standby[key] for key in same]


def test_weighted_siblings_have_one_ttl_of_at_most_ten_seconds(templates: Templates) -> None:
    records = [
        b["Properties"] for b in templates["dns"]["Resources"].values() if b["Type"] == "AWS::Route53::RecordSet"
    ]
    assert [record["TTL"] for record in records] == [{"Ref": "RecordTtlSeconds"}] * 4
    assert templates["control"]["Parameters"]["RecordTtlSeconds"]["MaxValue"] == 10


def test_the_connection_uri_finds_the_writable_database_without_dns(templates: Templates) -> None:
    uri = templates["dns"]["Outputs"]["ConnectionUri"]["Value"]["Fn::Sub"]
    assert uri.startswith("postgresql://${HomeDatabaseEndpoint}:5432,${StandbyDatabaseEndpoint}:5432/")
    assert "target_session_attrs=read-write" in uri
    assert "sslmode=verify-full" in uri
    assert "@" not in uri
