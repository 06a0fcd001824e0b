"""Statements of IAM and resource policies, in awacs."""

from collections.abc import Sequence

import awacs.ec2
import awacs.logs
import awacs.sts
from awacs.aws import (
    Action,
    Allow,
    ArnLike,
    Condition,
    Deny,
    ForAllValuesStringEquals,
    PolicyDocument,
    Principal,
    Statement,
    StringEquals,
)
from troposphere import AccountId, Sub

ACCOUNT = Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")


def document(*statements: Statement) -> PolicyDocument:
    """Give a policy document of the current language version."""
    return PolicyDocument(Version="2012-10-17", Statement=list(statements))


def allow(
    sid: str, actions: Sequence[Action], resources: Sequence[object], condition: Condition | None = None
) -> Statement:
    """Allow actions on resources; for identity policies, which have no principal."""
    extra = {"Condition": condition} if condition else {}
    return Statement(Sid=sid, Effect=Allow, Action=list(actions), Resource=list(resources), **extra)


def never(sid: str, actions: Sequence[Action]) -> Statement:
    """Deny actions on everything, whatever else a role is given some day."""
    return Statement(Sid=sid, Effect=Deny, Action=list(actions), Resource=["*"])


def of_kind(*kinds: str) -> Condition:
    """Hold a right to a table to items whose first key is one of these."""
    return Condition(ForAllValuesStringEquals("dynamodb:LeadingKeys", list(kinds)))


def through(service: str, *, from_peer: bool = False) -> Condition:
    """Hold a key's use to one service that calls KMS for us, here or also in the other site's region."""
    here = Sub(f"{service}.${{AWS::Region}}.amazonaws.com")
    there = Sub(f"{service}.${{PeerRegion}}.amazonaws.com")
    return Condition(StringEquals("kms:ViaService", [here, there] if from_peer else here))


def trust(service: str) -> PolicyDocument:
    """Let a service of this account, and of no other, take the role on."""
    return document(
        Statement(
            Effect=Allow,
            Action=[awacs.sts.AssumeRole],
            Principal=Principal("Service", f"{service}.amazonaws.com"),
            Condition=Condition(StringEquals("aws:SourceAccount", AccountId)),
        )
    )


def lambda_trust() -> PolicyDocument:
    """Let Lambda take the role on; its own trust check knows no source account."""
    return document(
        Statement(Effect=Allow, Action=[awacs.sts.AssumeRole], Principal=Principal("Service", "lambda.amazonaws.com"))
    )


def write_logs(log_group: str) -> Statement:
    """Let a function write to its own log group, which the template has made already."""
    return allow(
        "WriteOwnLogs",
        [awacs.logs.CreateLogStream, awacs.logs.PutLogEvents],
        [Sub(f"arn:${{AWS::Partition}}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:{log_group}:*")],
    )


def network_interfaces(function_name: object) -> list[Statement]:
    """Let the Lambda service attach a function to a VPC, and keep the function's own code from using that right.

    The service checks at creation that the role may make and delete any interface, so the right cannot be narrowed to a
    subnet (docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html); the deny holds only for calls that the
    function itself makes (``lambda:SourceFunctionArn``).
    """
    manage = [
        awacs.ec2.CreateNetworkInterface,
        awacs.ec2.DeleteNetworkInterface,
        awacs.ec2.AssignPrivateIpAddresses,
        awacs.ec2.UnassignPrivateIpAddresses,
    ]
    look = [awacs.ec2.DescribeNetworkInterfaces, awacs.ec2.DescribeSubnets]
    everywhere = Sub("arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:*/*")
    itself = Sub(
        "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${Function}", Function=function_name
    )
    return [
        allow("AttachToVpc", manage, [everywhere]),
        allow("LookAtVpc", look, ["*"]),
        Statement(
            Sid="NotFromTheCodeItself",
            Effect=Deny,
            Action=manage + look,
            Resource=["*"],
            Condition=Condition(ArnLike("lambda:SourceFunctionArn", itself)),
        ),
    ]
