"""E9117: an alarm that a Route 53 health check cannot follow."""

from collections.abc import Iterator
from typing import ClassVar

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from dr_templates.rules._intrinsics import UNKNOWN, number, spell
from dr_templates.rules._records import HEALTH_CHECK
from dr_templates.rules._values import Resource, fault, possible, present, resources

ALARM = "AWS::CloudWatch::Alarm"
MINUTE = 60


class HealthAlarm(CloudFormationLintRule):
    """Route 53 follows the alarm's metric and not its state, so it takes plain alarms only (fact B7)."""

    id = "E9117"
    shortdesc = "A Route 53 health check follows an alarm it does not support"
    description = (
        "A health check of type CLOUDWATCH_METRIC evaluates the metric itself. It refuses alarms on metric math "
        "(Metrics), on extended statistics, of M out of N data points (DatapointsToAlarm other than EvaluationPeriods) "
        "and on high-resolution metrics (a Period under 60 seconds)."
    )
    source_url = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html"
    tags: ClassVar[list[str]] = ["resources", "route53", "cloudwatch"]

    def match(self, cfn: Template) -> Iterator[RuleMatch]:
        """Yield a fault at each property of a followed alarm that Route 53 does not take."""
        followed = {
            spell(name.value)
            for check in resources(cfn, HEALTH_CHECK)
            for name in present(check.properties, "HealthCheckConfig", "AlarmIdentifier", "Name")
        }
        for alarm in resources(cfn, ALARM):
            if any(_is_name_of(name, alarm) for name in followed):
                yield from _faults(cfn, alarm)


def _is_name_of(spelling: str, alarm: Resource) -> bool:
    names = {spell(name.value) for name in present(alarm.properties, "AlarmName")}
    return UNKNOWN not in spelling and spelling in {f"${{{alarm.name}}}", *names}


def _faults(cfn: Template, alarm: Resource) -> Iterator[RuleMatch]:
    for name in ("Metrics", "ExtendedStatistic"):
        for value in present(alarm.properties, name):
            yield fault(value.path, f"A Route 53 health check cannot follow an alarm with {name}")
    for needed in present(alarm.properties, "DatapointsToAlarm"):
        for periods in present(alarm.properties, "EvaluationPeriods"):
            one, all_ = number(cfn, needed.value), number(cfn, periods.value)
            if one is not None and all_ is not None and one != all_ and possible(cfn, needed, periods):
                yield fault(needed.path, "A Route 53 health check cannot follow an alarm of M out of N data points")
    for period in present(alarm.properties, "Period"):
        seconds = number(cfn, period.value)
        if seconds is not None and seconds < MINUTE:
            yield fault(period.path, "A Route 53 health check cannot follow a high-resolution metric")
