"""A KMS key for each purpose, made before anything else: everything after them encrypts (docs/decisions/0002)."""

from collections.abc import Sequence

import awacs.kms as k
from awacs.aws import Allow, ArnLike, Condition, Principal, Statement, StringEquals
from troposphere import AccountId, GetAtt, Ref, Sub, Template, kms

from dr_templates.tiers import arns, policy, sheet

USE = [k.DescribeKey, k.Encrypt, k.Decrypt, k.ReEncryptFrom, k.ReEncryptTo, k.GenerateDataKey]
ADMINISTER = [
    k.CancelKeyDeletion,
    k.CreateAlias,
    k.DeleteAlias,
    k.DescribeKey,
    k.DisableKey,
    k.DisableKeyRotation,
    k.EnableKey,
    k.EnableKeyRotation,
    k.GetKeyPolicy,
    k.GetKeyRotationStatus,
    k.ListGrants,
    k.ListKeyPolicies,
    k.ListResourceTags,
    k.PutKeyPolicy,
    k.RevokeGrant,
    k.ScheduleKeyDeletion,
    k.TagResource,
    k.UntagResource,
    k.UpdateAlias,
    k.UpdateKeyDescription,
]


def build() -> Template:
    """Give five ordinary keys; multi-region keys would be treated as single-region ones anyway (fact D1)."""
    template = sheet.begin(
        "Keys of one site: database, secret, replicated backups, logs, notifications.",
        ("Name", "EnvironmentSuffix", "SiteName", "PeerRegion", "DataDeletionPolicy", "KeyDeletionWindowDays"),
        extensions=True,
    )
    _key(template, "Database", "storage and Performance Insights of the database", [_through("rds")])
    _key(template, "Secret", "the master user's secret", [_through("secretsmanager")])
    _key(template, "Backup", "backups replicated here from the other site", [_through("rds")])
    _key(template, "Log", "log groups", [_logs()])
    _key(template, "Notification", "the SNS topic", [_through("sns"), _publishers("cloudwatch", "events.rds")])
    return template


def control() -> Template:
    """Give the two that the control region needs; its notifications include what a rule of EventBridge sends."""
    template = sheet.begin(
        "Keys of the control region: logs, notifications.",
        ("Name", "EnvironmentSuffix", "SiteName", "DataDeletionPolicy", "KeyDeletionWindowDays"),
        extensions=True,
    )
    _key(template, "Log", "log groups", [_logs()])
    through = _through("sns", from_peer=False)
    _key(template, "Notification", "the SNS topic", [through, _publishers("cloudwatch"), _rules()])
    return template


def _key(template: Template, purpose: str, what: str, statements: Sequence[Statement]) -> None:
    key = template.add_resource(
        kms.Key(
            f"{purpose}Key",
            Description=Sub(f"${{Name}}-${{EnvironmentSuffix}} at ${{SiteName}}: {what}"),
            EnableKeyRotation=True,
            PendingWindowInDays=Ref("KeyDeletionWindowDays"),
            KeyPolicy=policy.document(_administration(), *statements),
            Tags=sheet.tags(purpose.lower()),
            DeletionPolicy=Ref("DataDeletionPolicy"),
            UpdateReplacePolicy=Ref("DataDeletionPolicy"),
        )
    )
    alias = Sub(f"alias/${{Name}}-${{EnvironmentSuffix}}-${{SiteName}}-{purpose.lower()}")
    template.add_resource(kms.Alias(f"{purpose}KeyAlias", AliasName=alias, TargetKeyId=Ref(key)))
    sheet.give(template, f"{purpose}KeyArn", GetAtt(key, "Arn"), f"KMS key for {what}.")


def _administration() -> Statement:
    """Let the account's own IAM policies say who runs the key; without this nobody could ever change it again."""
    return Statement(
        Sid="AdministeredByTheAccount",
        Effect=Allow,
        Principal=Principal("AWS", policy.ACCOUNT),
        Action=ADMINISTER,
        Resource=["*"],
    )


def _through(service: str, *, from_peer: bool = True) -> Statement:
    """Let the account use the key, but only through one service, called in this region or from the other site's.

    RDS and Secrets Manager of the source region act on the destination's key when they set up a replica, replicated
    backups or a replicated secret (facts A1, A37). Control has no other site.
    """
    return Statement(
        Sid="UsedThroughTheService",
        Effect=Allow,
        Principal=Principal("AWS", policy.ACCOUNT),
        Action=[*USE, k.GenerateDataKeyWithoutPlaintext, k.CreateGrant],
        Resource=["*"],
        Condition=policy.through(service, from_peer=from_peer),
    )


def _logs() -> Statement:
    groups = Sub(
        "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:*${Name}-${EnvironmentSuffix}-${SiteName}*"
    )
    return Statement(
        Sid="UsedByOurLogGroups",
        Effect=Allow,
        Principal=Principal("Service", Sub("logs.${AWS::Region}.amazonaws.com")),
        Action=USE,
        Resource=["*"],
        Condition=Condition(ArnLike("kms:EncryptionContext:aws:logs:arn", groups)),
    )


def _publishers(*services: str) -> Statement:
    """Let alarms and RDS events reach an encrypted topic; without this they are dropped in silence."""
    return Statement(
        Sid="UsedByThePublishers",
        Effect=Allow,
        Principal=Principal("Service", [f"{service}.amazonaws.com" for service in services]),
        Action=[k.Decrypt, k.GenerateDataKey],
        Resource=["*"],
        Condition=Condition(StringEquals("aws:SourceAccount", AccountId)),
    )


def _rules() -> Statement:
    """Let EventBridge publish to this place's topic, which SNS names to KMS.

    EventBridge names no source account to it, and a condition on one would drop its messages
    (docs.aws.amazon.com/sns/latest/dg/sns-key-management.html).
    """
    topic = arns.arn("sns", "", arns.HERE)
    return Statement(
        Sid="UsedByOurRules",
        Effect=Allow,
        Principal=Principal("Service", "events.amazonaws.com"),
        Action=[k.Decrypt, k.GenerateDataKey],
        Resource=["*"],
        Condition=Condition(StringEquals("kms:EncryptionContext:aws:sns:topicArn", topic)),
    )
