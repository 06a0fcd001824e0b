"""Alarms of one site. The same at both, whatever role it has: a metric that the role does not have breaches nothing."""

from troposphere import Ref, Template, rds

from dr_templates.tiers import alarms, sheet, topic
from dr_templates.tiers.alarms import ALARMS

EVENTS = (
    "availability",
    "deletion",
    "failover",
    "failure",
    "low storage",
    "maintenance",
    "notification",
    "read replica",
    "recovery",
)
"""Event categories of an instance that somebody should know of: replication stopped and resumed, failovers, storage
(fact A36)."""


def build() -> Template:
    """Give the encrypted topic, RDS's events on it, and every alarm of ``alarms.ALARMS``."""
    template = sheet.begin(
        "Monitoring of one site: topic, events, alarms.",
        (
            *topic.TAKES,
            "DatabaseIdentifier",
            "ProbeFunctionName",
            "RotationFunctionName",
            "WatchdogFunctionName",
            *alarms.thresholds(ALARMS),
        ),
    )
    told = topic.add(template, "AlarmsAndDatabaseEvents", ["cloudwatch", "events.rds"])
    template.add_resource(
        rds.EventSubscription(
            "DatabaseEvents",
            SubscriptionName=sheet.physical(),
            SnsTopicArn=Ref(told),
            SourceType="db-instance",
            SourceIds=[Ref("DatabaseIdentifier")],
            EventCategories=list(EVENTS),
            Enabled=True,
        )
    )
    alarms.add(template, ALARMS, Ref(told))
    sheet.give(template, "TopicArn", Ref(told), "Where alarms and database events of this site are announced.")
    return template
