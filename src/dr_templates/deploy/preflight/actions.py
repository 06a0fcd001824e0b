"""What CloudFormation does in the caller's name for each type of resource, and what the deployer does itself.

A caller without one of these rights meets it in the middle of a deploy. Reading and deleting are asked for as well:
CloudFormation reads what it has made, and deletes it when it undoes a failed deploy. So is tagging, as the tag that the
deployer gives a stack is given to all that is in it.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from dr_templates.deploy.preflight.wanted import STACK, Resource, Wanted


class Deed(NamedTuple):
    """What is done with a type of resource: the pattern of its ARN, ``*`` where AWS finds the name; and the actions."""

    arn: str
    service: str
    words: str

    @property
    def actions(self) -> tuple[str, ...]:
        """Give the actions as IAM names them."""
        return tuple(f"{self.service}:{word}" for word in self.words.split())


EC2: Final = "arn:aws:ec2:{region}:{account}:"
RDS: Final = "arn:aws:rds:{region}:{account}:"
SECRET: Final = "arn:aws:secretsmanager:{region}:{account}:secret:{environment}/database-AbCdEf"  # noqa: S105 - an ARN
"""With six characters in place of those that Secrets Manager adds."""
DEEDS: Final[Mapping[str, Deed]] = MappingProxyType(
    {
        STACK: Deed(
            "arn:aws:cloudformation:{region}:{account}:stack/{name}/*",
            "cloudformation",
            "CreateChangeSet CreateStack DeleteChangeSet DeleteStack DescribeChangeSet DescribeStackEvents "
            "DescribeStacks ExecuteChangeSet GetTemplate SetStackPolicy UpdateStack UpdateTerminationProtection",
        ),
        "AWS::CloudWatch::Alarm": Deed(
            "arn:aws:cloudwatch:{region}:{account}:alarm:{name}",
            "cloudwatch",
            "DeleteAlarms DescribeAlarms ListTagsForResource PutMetricAlarm TagResource",
        ),
        "AWS::CloudWatch::Dashboard": Deed(
            "arn:aws:cloudwatch::{account}:dashboard/{name}",
            "cloudwatch",
            "DeleteDashboards GetDashboard PutDashboard",
        ),
        "AWS::DynamoDB::Table": Deed(
            "arn:aws:dynamodb:{region}:{account}:table/{name}",
            "dynamodb",
            "CreateTable DeleteTable DescribeContinuousBackups DescribeTable ListTagsOfResource TagResource "
            "UpdateContinuousBackups",
        ),
        "AWS::EC2::FlowLog": Deed("*", "ec2", "CreateFlowLogs DeleteFlowLogs DescribeFlowLogs"),
        "AWS::EC2::NetworkAcl": Deed(
            EC2 + "network-acl/*",
            "ec2",
            "CreateNetworkAcl CreateNetworkAclEntry DeleteNetworkAcl DeleteNetworkAclEntry DescribeNetworkAcls "
            "ReplaceNetworkAclAssociation",
        ),
        "AWS::EC2::RouteTable": Deed(
            EC2 + "route-table/*",
            "ec2",
            "AssociateRouteTable CreateRoute CreateRouteTable DeleteRouteTable DescribeRouteTables "
            "DisassociateRouteTable",
        ),
        "AWS::EC2::SecurityGroup": Deed(
            EC2 + "security-group/*",
            "ec2",
            "AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress CreateSecurityGroup DeleteSecurityGroup "
            "DescribeSecurityGroupRules DescribeSecurityGroups RevokeSecurityGroupEgress RevokeSecurityGroupIngress",
        ),
        "AWS::EC2::Subnet": Deed(EC2 + "subnet/*", "ec2", "CreateSubnet DeleteSubnet DescribeSubnets"),
        "AWS::EC2::VPC": Deed(
            EC2 + "vpc/*",
            "ec2",
            "CreateTags CreateVpc DeleteVpc DescribeVpcAttribute DescribeVpcs ModifyVpcAttribute",
        ),
        "AWS::EC2::VPCEndpoint": Deed(
            EC2 + "vpc-endpoint/*", "ec2", "CreateVpcEndpoint DeleteVpcEndpoints DescribeVpcEndpoints"
        ),
        "AWS::EC2::VPCPeeringConnection": Deed(
            EC2 + "vpc-peering-connection/*",
            "ec2",
            "AcceptVpcPeeringConnection CreateVpcPeeringConnection DeleteVpcPeeringConnection "
            "DescribeVpcPeeringConnections",
        ),
        "AWS::Events::Rule": Deed(
            "arn:aws:events:{region}:{account}:rule/{name}",
            "events",
            "DeleteRule DescribeRule ListTargetsByRule PutRule PutTargets RemoveTargets TagResource",
        ),
        "AWS::IAM::Role": Deed(
            "arn:aws:iam::{account}:role/{environment}-{place}",
            "iam",
            "AttachRolePolicy CreateRole DeleteRole DeleteRolePolicy DetachRolePolicy GetRole GetRolePolicy "
            "ListAttachedRolePolicies ListRolePolicies PassRole PutRolePolicy TagRole",
        ),
        "AWS::KMS::Alias": Deed("arn:aws:kms:{region}:{account}:{name}", "kms", "CreateAlias DeleteAlias"),
        "AWS::KMS::Key": Deed(
            "arn:aws:kms:{region}:{account}:key/*",
            "kms",
            "CreateGrant CreateKey DescribeKey EnableKeyRotation GetKeyPolicy GetKeyRotationStatus ListResourceTags "
            "PutKeyPolicy ScheduleKeyDeletion TagResource",
        ),
        "AWS::Lambda::Function": Deed(
            "arn:aws:lambda:{region}:{account}:function:{name}",
            "lambda",
            "AddPermission CreateFunction DeleteFunction GetFunction InvokeFunction PutFunctionEventInvokeConfig "
            "RemovePermission TagResource",
        ),
        "AWS::Logs::LogGroup": Deed(
            "arn:aws:logs:{region}:{account}:log-group:{name}",
            "logs",
            "AssociateKmsKey CreateLogGroup DeleteLogGroup DescribeLogGroups PutRetentionPolicy TagResource",
        ),
        "AWS::RDS::DBInstance": Deed(
            RDS + "db:{name}",
            "rds",
            "AddTagsToResource CreateDBInstance CreateDBInstanceReadReplica DeleteDBInstance DescribeDBInstances "
            "DescribeEvents ModifyDBInstance RebootDBInstance",
        ),
        "AWS::RDS::DBParameterGroup": Deed(
            RDS + "pg:{name}",
            "rds",
            "CreateDBParameterGroup DeleteDBParameterGroup DescribeDBParameterGroups DescribeDBParameters "
            "DescribeEngineDefaultParameters ListTagsForResource ModifyDBParameterGroup",
        ),
        "AWS::RDS::DBSubnetGroup": Deed(
            RDS + "subgrp:{name}", "rds", "CreateDBSubnetGroup DeleteDBSubnetGroup DescribeDBSubnetGroups"
        ),
        "AWS::RDS::EventSubscription": Deed(
            RDS + "es:{name}", "rds", "CreateEventSubscription DeleteEventSubscription DescribeEventSubscriptions"
        ),
        "AWS::Route53::HealthCheck": Deed(
            "arn:aws:route53:::healthcheck/*",
            "route53",
            "ChangeTagsForResource CreateHealthCheck DeleteHealthCheck GetHealthCheck",
        ),
        "AWS::Route53::HostedZone": Deed(
            "arn:aws:route53:::hostedzone/*",
            "route53",
            "AssociateVPCWithHostedZone ChangeResourceRecordSets CreateHostedZone DeleteHostedZone GetHostedZone "
            "ListResourceRecordSets",
        ),
        "AWS::Route53::RecordSet": Deed("arn:aws:route53:::change/*", "route53", "GetChange"),
        "AWS::SNS::Topic": Deed(
            "arn:aws:sns:{region}:{account}:{name}",
            "sns",
            "CreateTopic DeleteTopic GetTopicAttributes SetTopicAttributes TagResource",
        ),
        "AWS::SNS::Subscription": Deed(
            "arn:aws:sns:{region}:{account}:{environment}-{place}", "sns", "Subscribe Unsubscribe"
        ),
        "AWS::SecretsManager::RotationSchedule": Deed(SECRET, "secretsmanager", "RotateSecret"),
        "AWS::SecretsManager::Secret": Deed(
            SECRET,
            "secretsmanager",
            "CreateSecret DeleteSecret DescribeSecret GetRandomPassword GetSecretValue ReplicateSecretToRegions "
            "TagResource",
        ),
        "AWS::StepFunctions::StateMachine": Deed(
            "arn:aws:states:{region}:{account}:stateMachine:{name}",
            "states",
            "CreateStateMachine DeleteStateMachine DescribeStateMachine TagResource",
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
