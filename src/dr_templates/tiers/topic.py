"""The topic of a place: encrypted, read by e-mail, written to by named services of this account alone."""

from collections.abc import Sequence
from typing import Any

from awacs.aws import Allow, Bool, Condition, Deny, Principal, Statement, StringEquals
from awacs.sns import Publish
from troposphere import AccountId, Ref, Template, sns

from dr_templates.tiers import policy, sheet

TAKES = ("Name", "EnvironmentSuffix", "SiteName", "NotificationKeyArn", "AlarmEmail")


def add(template: Template, sid: str, services: Sequence[str], *more: Statement) -> sns.Topic:
    """Add the topic, its reader if there is one, and who may publish: the services, and what ``more`` allows."""
    topic = template.add_resource(
        sns.Topic("Topic", TopicName=sheet.physical(), KmsMasterKeyId=Ref("NotificationKeyArn"), Tags=sheet.tags())
    )
    told = sheet.unless(template, "TellsSomebody", "AlarmEmail", "")
    template.add_resource(
        sns.SubscriptionResource(
            "TopicReader", Condition=told, TopicArn=Ref(topic), Protocol="email", Endpoint=Ref("AlarmEmail")
        )
    )
    publishers: list[Any] = [f"{service}.amazonaws.com" for service in services]
    template.add_resource(
        sns.TopicPolicy(
            "TopicPolicy",
            Topics=[Ref(topic)],
            PolicyDocument=policy.document(
                Statement(
                    Sid=sid,
                    Effect=Allow,
                    Principal=Principal("Service", publishers),
                    Action=[Publish],
                    Resource=[Ref(topic)],
                    Condition=Condition(StringEquals("aws:SourceAccount", AccountId)),
                ),
                *more,
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


def rules() -> Statement:
    """Let EventBridge's rules publish, for ``add``. Without a condition, as EventBridge sends no context to match.

    With one, messages are dropped in silence
    (docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html).
    """
    return Statement(
        Sid="Rules",
        Effect=Allow,
        Principal=Principal("Service", "events.amazonaws.com"),
        Action=[Publish],
        Resource=[Ref("Topic")],
    )
