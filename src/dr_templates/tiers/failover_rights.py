"""What the three functions of the failover may do: each the calls its own step makes, on exactly what it makes them on.

Whatever is elsewhere is named, not looked up: on the night a region is lost nobody can ask it for an ARN.
"""

from collections.abc import Sequence

import awacs.awslambda
import awacs.cloudwatch
import awacs.dynamodb
import awacs.ec2
import awacs.iam
import awacs.kms
import awacs.rds
import awacs.route53
import awacs.secretsmanager
import awacs.sns
import awacs.states
from awacs.aws import Condition, Statement, StringEquals
from troposphere import Ref

from dr_templates.tiers import arns, policy, tables
from dr_templates.tiers.alarms import NAMESPACE

IAM_WRITES = [
    awacs.iam.AddUserToGroup,
    awacs.iam.AttachGroupPolicy,
    awacs.iam.AttachRolePolicy,
    awacs.iam.AttachUserPolicy,
    awacs.iam.CreateAccessKey,
    awacs.iam.CreateLoginProfile,
    awacs.iam.CreatePolicyVersion,
    awacs.iam.CreateRole,
    awacs.iam.CreateUser,
    awacs.iam.DeleteRole,
    awacs.iam.DeleteRolePolicy,
    awacs.iam.DetachRolePolicy,
    awacs.iam.PassRole,
    awacs.iam.PutGroupPolicy,
    awacs.iam.PutRolePolicy,
    awacs.iam.PutUserPolicy,
    awacs.iam.SetDefaultPolicyVersion,
    awacs.iam.UpdateAssumeRolePolicy,
    awacs.iam.UpdateLoginProfile,
]
"""Every way to give oneself, or somebody else, more rights."""


def observe() -> list[Statement]:
    """Let it look at everything, and change nothing."""
    return [
        policy.allow(
            "ReadTheTables",
            [awacs.dynamodb.GetItem],
            [arns.arn("dynamodb", "table/", arns.HERE, "state"), *_of_sites("dynamodb", "table/", "watch")],
        ),
        *_looks(),
        policy.allow("LookAtEvents", [awacs.rds.DescribeEvents], ["*"]),
        policy.allow("LookAtTheSecrets", [awacs.secretsmanager.DescribeSecret], _secrets()),
    ]


def decide() -> list[Statement]:
    """Let it do nothing but think: a decision needs no right, and so cannot act by mistake."""
    return []


def perform() -> list[Statement]:
    """Let it carry out every step, looking before it acts; never what no step does (fact G3)."""
    return [
        policy.allow(
            "WriteTheState",
            [awacs.dynamodb.GetItem, awacs.dynamodb.PutItem],
            [arns.arn("dynamodb", "table/", arns.HERE, "state")],
            policy.of_kind(tables.STATE, tables.PULSE, tables.JOURNAL),
        ),
        policy.allow(
            "TakeOverALaterState",
            [awacs.dynamodb.PutItem],
            _of_sites("dynamodb", "table/", "watch"),
            policy.of_kind(tables.STATE, tables.PULSE),
        ),
        *_looks(),
        policy.allow(
            "ShutAndOpenTheGates",
            [awacs.ec2.CreateNetworkAclEntry, awacs.ec2.DeleteNetworkAclEntry],
            [arns.gate(arns.HOME, "HomeDatabaseAclId"), arns.gate(arns.STANDBY, "StandbyDatabaseAclId")],
        ),
        _promote(),
        *_detach(),
        *_tell(),
        *_begin(),
        policy.never("NeverDeleteADatabase", [awacs.rds.DeleteDBInstance]),
        policy.never("NeverEditTheName", [awacs.route53.ChangeResourceRecordSets]),
        policy.never("NeverGiveRights", IAM_WRITES),
    ]


def _of_sites(service: str, kind: str, purpose: str = "") -> list[object]:
    return [arns.arn(service, kind, site, purpose) for site in arns.SITES]


def _secrets() -> list[object]:
    return [arns.secret(site) for site in arns.SITES]


def _looks() -> Sequence[Statement]:
    """Give the looks that come before an act as well: at the databases, through the probes, at the gates."""
    return (
        policy.allow("LookAtTheDatabases", [awacs.rds.DescribeDBInstances], _of_sites("rds", "db:")),
        policy.allow("AskTheProbes", [awacs.awslambda.InvokeFunction], _of_sites("lambda", "function:", "probe")),
        policy.allow("LookAtGates", [awacs.ec2.DescribeNetworkAcls], ["*"]),
    )


def _promote() -> Statement:
    """Let it promote, and give backups to what it has promoted. A promotion may have to add tags (fact G1)."""
    return policy.allow(
        "PromoteAndBackUp",
        [awacs.rds.PromoteReadReplica, awacs.rds.ModifyDBInstance, awacs.rds.AddTagsToResource],
        _of_sites("rds", "db:"),
    )


def _detach() -> Sequence[Statement]:
    """Let it detach a secret's copy and hand it to the rotation there, which asks for the right to run it (A41)."""
    return (
        policy.allow(
            "DetachTheSecret",
            [
                awacs.secretsmanager.DescribeSecret,
                awacs.secretsmanager.RotateSecret,
                awacs.secretsmanager.StopReplicationToReplica,
            ],
            _secrets(),
        ),
        policy.allow(
            "HandItToTheRotation",
            [awacs.awslambda.InvokeFunction],
            _of_sites("lambda", "function:", "rotation"),
        ),
    )


def _tell() -> Sequence[Statement]:
    """Let it move the name, which follows a metric, and tell people."""
    ours = Condition(StringEquals("cloudwatch:namespace", NAMESPACE))
    return (
        policy.allow("MoveTheName", [awacs.cloudwatch.PutMetricData], ["*"], ours),
        policy.allow("Notify", [awacs.sns.Publish], [Ref("Topic")]),
        policy.allow(
            "NotifyUnderTheKey",
            [awacs.kms.Decrypt, awacs.kms.GenerateDataKey],
            [Ref("NotificationKeyArn")],
            policy.through("sns"),
        ),
    )


def _begin() -> Sequence[Statement]:
    """Let it start a move, and see whether the execution of that epoch still runs."""
    machine = arns.arn("states", "stateMachine:", arns.HERE, "moves")
    execution = arns.arn("states", "execution:", arns.HERE, "moves", below=":epoch-*")
    return (
        policy.allow("BeginAMove", [awacs.states.StartExecution], [machine]),
        policy.allow("LookAtMoves", [awacs.states.DescribeExecution], [execution]),
    )
