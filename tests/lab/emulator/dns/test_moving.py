"""The name of a pair, as its template makes it, moves by what is published and when its period closes."""

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.lab.emulator.dns.conftest import CONTROL, READER, WRITER, Names, put, until, zone_of
from tests.lab.emulator.types.conftest import client

from dr_templates.lab.emulator import Emulator
from dr_templates.lab.names import Resolver, UnresolvedError
from dr_templates.lab.orders import ask

MINUTE = 60.0


def moved(names: Names, value: int, to: str) -> None:
    """Publish once, and see the name move when that minute is over and not before."""
    begun = names.now()
    names.publish(value)
    closes = (begun // MINUTE + 1) * MINUTE
    while True:
        found, seen = names.target(), names.now()
        if seen < closes:
            assert found != to, f"it moved {closes - seen} s before the period was over"
        if found == to:
            return
        assert seen < closes + 20 * MINUTE
        time.sleep(0.01)


def test_the_name_moves_when_the_period_closes_and_back_and_stays_when_nobody_publishes(names: Names) -> None:
    assert names.target() == "home"
    names.publish(1)
    until(lambda: {one["value"] for one in statuses(names).values()} == {1.0})
    assert (names.target(), names.target(READER)) == ("home", "away")
    moved(names, 2, "away")
    assert names.resolver.look(WRITER)[1] == "127.0.0.2"
    silent = names.now() + 3 * MINUTE
    until(lambda: names.now() > silent)
    assert (names.target(), names.target(READER)) == ("away", "home")
    assert {one["why"] for one in statuses(names).values()} == {"insufficient data: last known status"}
    assert sorted(one["healthy"] for one in statuses(names).values()) == [False, True]
    moved(names, 1, "home")


def test_the_state_of_an_alarm_does_not_move_the_name(names: Names) -> None:
    alarms = client("cloudwatch", CONTROL)
    alarms.set_alarm_state(AlarmName="shop-demo-home-inactive", StateValue="ALARM", StateReason="by hand")
    begun = names.now()
    until(lambda: names.now() > begun + 2 * MINUTE)
    assert names.target() == "home"


def test_a_check_follows_the_alarm_as_it_was_until_it_is_saved_again(names: Names) -> None:
    names.publish(1)
    until(lambda: {one["value"] for one in statuses(names).values()} == {1.0})
    alarms, checks = client("cloudwatch", CONTROL), client("route53")
    alarm = alarms.describe_alarms(AlarmNames=["shop-demo-home-inactive"])["MetricAlarms"][0]
    kept = ("Namespace", "MetricName", "Dimensions", "Statistic", "Period", "EvaluationPeriods", "ComparisonOperator")
    alarms.put_metric_alarm(AlarmName=alarm["AlarmName"], Threshold=1, **{name: alarm[name] for name in kept})
    assert names.target() == "home"
    identifier = check_of(names, "shop-demo-home-inactive")
    checks.update_health_check(HealthCheckId=identifier, AlarmIdentifier=named("shop-demo-home-inactive"))
    assert not statuses(names)[identifier]["healthy"]


def test_a_check_is_refused_for_an_alarm_it_cannot_follow(told: dict[str, Any]) -> None:
    assert told["port"] == 5353
    alarms, checks = client("cloudwatch", CONTROL), client("route53")
    settings = {"Namespace": "N", "MetricName": "M", "Statistic": "Sum", "Period": 60, "Threshold": 1}
    alarms.put_metric_alarm(
        AlarmName="three-of-five",
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=5,
        DatapointsToAlarm=3,
        **settings,
    )
    for name, words in (("three-of-five", "M out of N"), ("nobody", "does not exist")):
        config = {"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": named(name)}
        with pytest.raises(ClientError, match=words):
            checks.create_health_check(CallerReference=name, HealthCheckConfig=config)
    assert not checks.list_health_checks()["HealthChecks"]
    alarms.delete_alarms(AlarmNames=["three-of-five"])


def test_a_check_shows_what_it_follows_and_whether_it_is_inverted(names: Names) -> None:
    checks, identifier = client("route53"), check_of(names, "shop-demo-home-inactive")
    shown = checks.get_health_check(HealthCheckId=identifier)["HealthCheck"]
    assert shown["CloudWatchAlarmConfiguration"] == {
        "EvaluationPeriods": 1,
        "Threshold": 2.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Period": 60,
        "MetricName": "ActiveSite",
        "Namespace": "DatabaseRecovery",
        "Statistic": "Maximum",
        "Dimensions": [{"Name": "Environment", "Value": "shop-demo"}],
    }
    checks.update_health_check(HealthCheckId=identifier, Disabled=True, Inverted=True)
    config = checks.get_health_check(HealthCheckId=identifier)["HealthCheck"]["HealthCheckConfig"]
    assert (config["Disabled"], config["Inverted"]) == (True, True)
    assert statuses(names)[identifier]["why"] == "inverted: disabled"
    assert names.target() == "away"


def test_a_check_of_an_endpoint_is_healthy_and_none_that_is_gone_can_be_saved(
    quick: Emulator,
    told: dict[str, Any],  # noqa: ARG001 - leads the clients
) -> None:
    checks = client("route53")
    config = {"Type": "TCP", "IPAddress": "192.0.2.1", "Port": 5432}
    made = checks.create_health_check(CallerReference="endpoint", HealthCheckConfig=config)["HealthCheck"]["Id"]
    status = ask(quick, "dns/health")[made]
    assert (status["healthy"], status["alarm"]) == (True, None)
    checks.delete_health_check(HealthCheckId=made)
    assert not ask(quick, "dns/health")
    with pytest.raises(ClientError, match="NoSuchHealthCheck"):
        checks.update_health_check(HealthCheckId=made, Inverted=True)


def test_records_and_their_zone_can_be_changed_while_they_are_asked_for(told: dict[str, Any]) -> None:
    resolver = Resolver(told["host"], told["port"])
    vpc = client("ec2").create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    with pytest.raises(UnresolvedError, match="REFUSED"):
        resolver.look("one.changing.internal")
    zone = zone_of(vpc, "changing.internal")
    with pytest.raises(UnresolvedError, match="NXDOMAIN"):
        resolver.look("one.changing.internal")
    for last in (1, 2):
        values = [{"Value": f"127.0.0.{last}"}]
        put(zone, {"Name": "one.changing.internal", "Type": "A", "TTL": 0, "ResourceRecords": values})
        assert resolver.resolve("ONE.changing.internal.") == f"127.0.0.{last}"


def test_a_database_has_the_name_and_the_address_of_its_own(emulator: Emulator, led: None) -> None:  # noqa: ARG001 - where its clients are led to
    databases, said = client("rds"), ask(emulator, "dns")
    made = databases.create_db_instance(
        DBInstanceIdentifier="named",
        Engine="postgres",
        DBInstanceClass="db.t4g.micro",
        AllocatedStorage=20,
        MasterUsername="master",
        MasterUserPassword="Master-Password-1",
    )["DBInstance"]
    databases.get_waiter("db_instance_available").wait(
        DBInstanceIdentifier="named", WaiterConfig={"Delay": 0, "MaxAttempts": 3000}
    )
    host = (
        made.get("Endpoint", {}).get("Address")
        or databases.describe_db_instances()["DBInstances"][0]["Endpoint"]["Address"]
    )
    resolver = Resolver(said["host"], said["port"])
    target, address = resolver.look(host)
    assert target is None
    assert address is not None
    assert address.rpartition(".")[0] == said["host"].rpartition(".")[0]
    databases.delete_db_instance(DBInstanceIdentifier="named", SkipFinalSnapshot=True)
    with pytest.raises(UnresolvedError, match="NXDOMAIN"):
        until(lambda: resolver.look(host) == ())


def statuses(names: Names) -> dict[str, dict[str, Any]]:
    said: dict[str, dict[str, Any]] = ask(names.emulator, "dns/health")
    return said


def check_of(names: Names, alarm: str) -> str:
    return next(identifier for identifier, one in statuses(names).items() if one["alarm"] == alarm)


def named(alarm: str) -> dict[str, str]:
    return {"Name": alarm, "Region": CONTROL}
