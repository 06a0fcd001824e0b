"""Alarms of one site. The same at both, whatever role it has: a metric that the role does not have breaches nothing."""

from typing import Any

from awacs.aws import Allow, Bool, Condition, Deny, Principal, Statement, StringEquals
from awacs.sns import Publish
from troposphere import AccountId, Ref, Sub, Template, cloudwatch, rds, sns

from dr_templates.tiers import policy, sheet
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
            "Name",
            "EnvironmentSuffix",
            "SiteName",
            "NotificationKeyArn",
            "AlarmEmail",
            "DatabaseIdentifier",
            "ProbeFunctionName",
            "RotationFunctionName",
            *(alarm.threshold for alarm in ALARMS if isinstance(alarm.threshold, str)),
        ),
    )
    topic = _topic(template)
    template.add_resource(
        rds.EventSubscription(
            "DatabaseEvents",
            SubscriptionName=sheet.physical(),
            SnsTopicArn=Ref(topic),
            SourceType="db-instance",
            SourceIds=[Ref("DatabaseIdentifier")],
            EventCategories=list(EVENTS),
            Enabled=True,
        )
    )
    for alarm in ALARMS:
        template.add_resource(
            cloudwatch.Alarm(
                f"{alarm.logical}Alarm",
                AlarmName=sheet.physical(alarm.purpose),
                AlarmDescription=Sub(f"${{Name}}-${{EnvironmentSuffix}} at ${{SiteName}}: {alarm.means}"),
                Namespace=alarm.source.namespace,
                MetricName=alarm.metric,
                Dimensions=[cloudwatch.MetricDimension(Name=n, Value=v) for n, v in alarm.source.dimensions],
                Statistic=alarm.statistic,
                Period=60,
                EvaluationPeriods=alarm.minutes,
                ComparisonOperator=alarm.comparison,
                Threshold=Ref(alarm.threshold) if isinstance(alarm.threshold, str) else alarm.threshold,
                TreatMissingData=alarm.missing,
                AlarmActions=[Ref(topic)],
                OKActions=[Ref(topic)],
            )
        )
    sheet.give(template, "TopicArn", Ref(topic), "Where alarms and database events of this site are announced.")
    return template


def _topic(template: Template) -> sns.Topic:
    topic = template.add_resource(
        sns.Topic("Topic", TopicName=sheet.physical(), KmsMasterKeyId=Ref("NotificationKeyArn"), Tags=sheet.tags())
    )
    told = sheet.unless(template, "TellsSomebody", "AlarmEmail", "")
    template.add_resource(
        sns.SubscriptionResource(
            "TopicReader", Condition=told, TopicArn=Ref(topic), Protocol="email", Endpoint=Ref("AlarmEmail")
        )
    )
    publishers: list[Any] = ["cloudwatch.amazonaws.com", "events.rds.amazonaws.com"]
    template.add_resource(
        sns.TopicPolicy(
            "TopicPolicy",
            Topics=[Ref(topic)],
            PolicyDocument=policy.document(
                Statement(
                    Sid="AlarmsAndDatabaseEvents",
                    Effect=Allow,
                    Principal=Principal("Service", publishers),
                    Action=[Publish],
                    Resource=[Ref(topic)],
                    Condition=Condition(StringEquals("aws:SourceAccount", AccountId)),
                ),
                Statement(
                    Sid="OnlyOverTls",
                    Effect=Deny,
                    Principal=Principal("*"),
                    Action=[Publish],
                    Resource=[Ref(topic)],
                    Condition=Condition(Bool("aws:SecureTransport", "false")),
                ),
            ),
        )
    )
    return topic
