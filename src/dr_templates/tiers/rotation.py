"""Rotation of the master password: a function at each site, a schedule only where the secret is at home.

A replicated secret cannot be rotated on its own. When a failover detaches it, the function that will rotate it has to
be there already (facts A40, A41).
"""

import awacs.kms
import awacs.secretsmanager
from awacs.aws import Statement
from troposphere import AccountId, And, Equals, GetAtt, Not, Ref, Template, awslambda, secretsmanager

from dr_templates.tiers import policy, sheet
from dr_templates.tiers.function import TAKES, VPC_TAKES, Code, function

TIMEOUT = 60


def build() -> Template:
    """Give the function, the right of Secrets Manager to call it, and the schedule where the secret is at home."""
    template = sheet.begin(
        "Password rotation of one site.",
        (
            *TAKES,
            *VPC_TAKES,
            "RotationArchiveKey",
            "DatabaseEndpoint",
            "DatabasePort",
            "DatabaseName",
            "SecretArn",
            "SecretKeyArn",
            "PeerSecretKeyArn",
            "PeerRegion",
            "RotationDays",
            "SecretsManagerEndpoint",
            "SecretAtHome",
        ),
    )
    template.add_rule(
        "RotationNeedsTheEndpoint",
        {
            "RuleCondition": Not(Equals(Ref("RotationDays"), "0")),
            "Assertions": [
                {
                    "Assert": Equals(Ref("SecretsManagerEndpoint"), "yes"),
                    "AssertDescription": "Rotation runs in the VPC and needs the Secrets Manager endpoint there: "
                    "set SecretsManagerEndpoint to yes or RotationDays to 0",
                }
            ],
        },
    )
    rotation = function(
        template,
        "rotation",
        Code("rotation_handler", "RotationArchiveKey"),
        _rights(),
        description="Changes the master password, in the four steps of Secrets Manager",
        environment={
            "DATABASE_HOST": Ref("DatabaseEndpoint"),
            "DATABASE_PORT": Ref("DatabasePort"),
            "DATABASE_NAME": Ref("DatabaseName"),
        },
        in_vpc=True,
        timeout=TIMEOUT,
    )
    permission = template.add_resource(
        awslambda.Permission(
            "SecretsManagerMayRotate",
            FunctionName=Ref(rotation),
            Action="lambda:InvokeFunction",
            Principal="secretsmanager.amazonaws.com",
            SourceAccount=AccountId,
        )
    )
    _schedule(template, rotation, permission)
    sheet.give(template, "RotationFunctionName", Ref(rotation), "Name of the rotation function.")
    sheet.give(
        template, "RotationFunctionArn", GetAtt(rotation, "Arn"), "Attached to the secret here after a failover."
    )
    return template


def _rights() -> list[Statement]:
    """Let the function change this site's secret; the replica at the other site is encrypted on its behalf."""
    through = policy.through("secretsmanager")
    return [
        policy.allow(
            "ChangeTheSecret",
            [
                awacs.secretsmanager.DescribeSecret,
                awacs.secretsmanager.GetSecretValue,
                awacs.secretsmanager.PutSecretValue,
                awacs.secretsmanager.UpdateSecretVersionStage,
            ],
            [Ref("SecretArn")],
        ),
        policy.allow("InventAPassword", [awacs.secretsmanager.GetRandomPassword], ["*"]),
        policy.allow(
            "UseTheSecretsKey", [awacs.kms.Decrypt, awacs.kms.GenerateDataKey], [Ref("SecretKeyArn")], through
        ),
        policy.allow(
            "EncryptTheReplica",
            [awacs.kms.Decrypt, awacs.kms.Encrypt, awacs.kms.GenerateDataKey],
            [Ref("PeerSecretKeyArn")],
            policy.through("secretsmanager", from_peer=True),
        ),
    ]


def _schedule(template: Template, rotation: awslambda.Function, permission: awslambda.Permission) -> None:
    """Rotate by the calendar; a deploy tests the way (Secrets Manager calls testSecret) but changes no password."""
    template.add_condition(
        "RotatesHere", And(Equals(Ref("SecretAtHome"), "yes"), Not(Equals(Ref("RotationDays"), "0")))
    )
    template.add_resource(
        secretsmanager.RotationSchedule(
            "RotationSchedule",
            Condition="RotatesHere",
            DependsOn=permission.title,
            SecretId=Ref("SecretArn"),
            RotationLambdaARN=GetAtt(rotation, "Arn"),
            RotateImmediatelyOnUpdate=False,
            RotationRules=secretsmanager.RotationRules(AutomaticallyAfterDays=Ref("RotationDays")),
        )
    )
