"""What CloudFormation does in the caller's name for each type of resource, and what the deployer does itself.

A caller without one of these rights meets it in the middle of a deploy. Reading and deleting are asked for as well:
CloudFormation reads what it has made, and deletes it when it undoes a failed deploy.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from dr_templates.deploy.preflight.wanted import STACK, Resource, Wanted


class Deed(NamedTuple):
    """Actions on one type of resource, and the pattern of its ARN; ``*`` where AWS finds the name."""

    arn: str
    actions: tuple[str, ...]


EC2: Final = "arn:aws:ec2:{region}:{account}:"
RDS: Final = "arn:aws:rds:{region}:{account}:"
SECRET: Final = "arn:aws:secretsmanager:{region}:{account}:secret:{environment}/database-AbCdEf"  # noqa: S105 - an ARN
"""With six characters in place of those that Secrets Manager adds."""
DEEDS: Final[Mapping[str, Deed]] = MappingProxyType(
    {
        STACK: Deed(
            "arn:aws:cloudformation:{region}:{account}:stack/{name}/*",
            (
                "cloudformation:CreateChangeSet",
                "cloudformation:CreateStack",
                "cloudformation:DeleteStack",
                "cloudformation:DescribeChangeSet",
                "cloudformation:DescribeStackEvents",
                "cloudformation:DescribeStacks",
                "cloudformation:ExecuteChangeSet",
                "cloudformation:SetStackPolicy",
                "cloudformation:UpdateStack",
                "cloudformation:UpdateTerminationProtection",
            ),
        ),
        "AWS::CloudWatch::Alarm": Deed(
            "arn:aws:cloudwatch:{region}:{account}:alarm:{name}",
            ("cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms", "cloudwatch:PutMetricAlarm"),
        ),
        "AWS::CloudWatch::Dashboard": Deed(
            "arn:aws:cloudwatch::{account}:dashboard/{name}",
            ("cloudwatch:DeleteDashboards", "cloudwatch:GetDashboard", "cloudwatch:PutDashboard"),
        ),
        "AWS::DynamoDB::Table": Deed(
            "arn:aws:dynamodb:{region}:{account}:table/{name}",
            (
                "dynamodb:CreateTable",
                "dynamodb:DeleteTable",
                "dynamodb:DescribeTable",
                "dynamodb:UpdateContinuousBackups",
            ),
        ),
        "AWS::EC2::FlowLog": Deed("*", ("ec2:CreateFlowLogs", "ec2:DeleteFlowLogs")),
        "AWS::EC2::NetworkAcl": Deed(
            EC2 + "network-acl/*",
            (
                "ec2:CreateNetworkAcl",
                "ec2:CreateNetworkAclEntry",
                "ec2:DeleteNetworkAcl",
                "ec2:ReplaceNetworkAclAssociation",
            ),
        ),
        "AWS::EC2::RouteTable": Deed(
            EC2 + "route-table/*", ("ec2:AssociateRouteTable", "ec2:CreateRoute", "ec2:CreateRouteTable")
        ),
        "AWS::EC2::SecurityGroup": Deed(
            EC2 + "security-group/*",
            (
                "ec2:AuthorizeSecurityGroupEgress",
                "ec2:AuthorizeSecurityGroupIngress",
                "ec2:CreateSecurityGroup",
                "ec2:DeleteSecurityGroup",
                "ec2:RevokeSecurityGroupEgress",
            ),
        ),
        "AWS::EC2::Subnet": Deed(EC2 + "subnet/*", ("ec2:CreateSubnet", "ec2:DeleteSubnet")),
        "AWS::EC2::VPC": Deed(
            EC2 + "vpc/*", ("ec2:CreateTags", "ec2:CreateVpc", "ec2:DeleteVpc", "ec2:ModifyVpcAttribute")
        ),
        "AWS::EC2::VPCEndpoint": Deed(EC2 + "vpc-endpoint/*", ("ec2:CreateVpcEndpoint", "ec2:DeleteVpcEndpoints")),
        "AWS::EC2::VPCPeeringConnection": Deed(
            EC2 + "vpc-peering-connection/*", ("ec2:AcceptVpcPeeringConnection", "ec2:CreateVpcPeeringConnection")
        ),
        "AWS::Events::Rule": Deed(
            "arn:aws:events:{region}:{account}:rule/{name}",
            ("events:DeleteRule", "events:PutRule", "events:PutTargets"),
        ),
        "AWS::IAM::Role": Deed(
            "arn:aws:iam::{account}:role/{environment}-{place}",
            ("iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRole", "iam:PassRole", "iam:PutRolePolicy"),
        ),
        "AWS::KMS::Alias": Deed("arn:aws:kms:{region}:{account}:{name}", ("kms:CreateAlias", "kms:DeleteAlias")),
        "AWS::KMS::Key": Deed(
            "arn:aws:kms:{region}:{account}:key/*",
            (
                "kms:CreateGrant",
                "kms:CreateKey",
                "kms:DescribeKey",
                "kms:EnableKeyRotation",
                "kms:PutKeyPolicy",
                "kms:TagResource",
            ),
        ),
        "AWS::Lambda::Function": Deed(
            "arn:aws:lambda:{region}:{account}:function:{name}",
            (
                "lambda:AddPermission",
                "lambda:CreateFunction",
                "lambda:DeleteFunction",
                "lambda:GetFunction",
                "lambda:InvokeFunction",
                "lambda:PutFunctionEventInvokeConfig",
            ),
        ),
        "AWS::Logs::LogGroup": Deed(
            "arn:aws:logs:{region}:{account}:log-group:{name}",
            ("logs:AssociateKmsKey", "logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:PutRetentionPolicy"),
        ),
        "AWS::RDS::DBInstance": Deed(
            RDS + "db:{name}",
            (
                "rds:AddTagsToResource",
                "rds:CreateDBInstance",
                "rds:CreateDBInstanceReadReplica",
                "rds:DescribeDBInstances",
                "rds:ModifyDBInstance",
            ),
        ),
        "AWS::RDS::DBParameterGroup": Deed(
            RDS + "pg:{name}", ("rds:CreateDBParameterGroup", "rds:ModifyDBParameterGroup")
        ),
        "AWS::RDS::DBSubnetGroup": Deed(RDS + "subgrp:{name}", ("rds:CreateDBSubnetGroup", "rds:DeleteDBSubnetGroup")),
        "AWS::RDS::EventSubscription": Deed(
            RDS + "es:{name}", ("rds:CreateEventSubscription", "rds:DeleteEventSubscription")
        ),
        "AWS::Route53::HealthCheck": Deed(
            "arn:aws:route53:::healthcheck/*", ("route53:CreateHealthCheck", "route53:DeleteHealthCheck")
        ),
        "AWS::Route53::HostedZone": Deed(
            "arn:aws:route53:::hostedzone/*",
            ("route53:ChangeResourceRecordSets", "route53:CreateHostedZone", "route53:DeleteHostedZone"),
        ),
        "AWS::SNS::Topic": Deed(
            "arn:aws:sns:{region}:{account}:{name}",
            ("sns:CreateTopic", "sns:DeleteTopic", "sns:SetTopicAttributes"),
        ),
        "AWS::SNS::Subscription": Deed(
            "arn:aws:sns:{region}:{account}:{environment}-{place}", ("sns:Subscribe", "sns:Unsubscribe")
        ),
        "AWS::SecretsManager::RotationSchedule": Deed(SECRET, ("secretsmanager:RotateSecret",)),
        "AWS::SecretsManager::Secret": Deed(
            SECRET,
            (
                "secretsmanager:CreateSecret",
                "secretsmanager:DeleteSecret",
                "secretsmanager:GetRandomPassword",
                "secretsmanager:GetSecretValue",
                "secretsmanager:ReplicateSecretToRegions",
            ),
        ),
        "AWS::StepFunctions::StateMachine": Deed(
            "arn:aws:states:{region}:{account}:stateMachine:{name}",
            ("states:CreateStateMachine", "states:DeleteStateMachine", "states:DescribeStateMachine"),
        ),
    }
)
BACKUPS: Final = "rds:StartDBInstanceAutomatedBackupsReplication"
BUCKET: Final = (
    "s3:CreateBucket",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketTagging",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
)
OBJECTS: Final = ("s3:GetObject", "s3:PutObject")
SERVICE_ROLE: Final = "iam:CreateServiceLinkedRole"
SERVICE_ROLE_ARN: Final = "arn:aws:iam::{account}:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS"


def actions(wanted: Wanted, region: str) -> dict[str, str]:
    """Give every action that a deploy takes in a region, each with the ARN of one thing that it acts on."""
    account, bucket = wanted.config.account, wanted.config.bucket(region)
    found = {action: arn for one in wanted.at(region) for action, arn in _of(one, wanted)}
    found |= dict.fromkeys(BUCKET, f"arn:aws:s3:::{bucket}") | dict.fromkeys(OBJECTS, f"arn:aws:s3:::{bucket}/lambda/*")
    if "rds:CreateDBInstance" in found and wanted.config.database.replicated_backup_retention_days:
        found[BACKUPS] = found["rds:CreateDBInstance"]
    return found | {SERVICE_ROLE: SERVICE_ROLE_ARN.format(account=account)}


def _of(one: Resource, wanted: Wanted) -> Iterator[tuple[str, str]]:
    deed = DEEDS.get(one.type)
    if deed is None or (one.type == STACK and not one.name):
        return
    arn = deed.arn.format(
        region=one.region,
        account=wanted.config.account,
        environment=wanted.environment,
        place=one.place,
        name=one.name,
    )
    yield from ((action, arn) for action in deed.actions)
