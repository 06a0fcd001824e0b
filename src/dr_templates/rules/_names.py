"""Which properties give a resource its physical name, and what such a name is made of."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from cfnlint.template import Template

from dr_templates.rules._intrinsics import holes

NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "AWS::Backup::BackupVault": "BackupVaultName",
        "AWS::CloudWatch::Alarm": "AlarmName",
        "AWS::CloudWatch::CompositeAlarm": "AlarmName",
        "AWS::CloudWatch::Dashboard": "DashboardName",
        "AWS::DynamoDB::GlobalTable": "TableName",
        "AWS::DynamoDB::Table": "TableName",
        "AWS::EC2::SecurityGroup": "GroupName",
        "AWS::Events::EventBus": "Name",
        "AWS::Events::Rule": "Name",
        "AWS::IAM::Group": "GroupName",
        "AWS::IAM::InstanceProfile": "InstanceProfileName",
        "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
        "AWS::IAM::Role": "RoleName",
        "AWS::IAM::User": "UserName",
        "AWS::KMS::Alias": "AliasName",
        "AWS::Lambda::Function": "FunctionName",
        "AWS::Logs::LogGroup": "LogGroupName",
        "AWS::RDS::DBCluster": "DBClusterIdentifier",
        "AWS::RDS::DBClusterParameterGroup": "DBClusterParameterGroupName",
        "AWS::RDS::DBInstance": "DBInstanceIdentifier",
        "AWS::RDS::DBParameterGroup": "DBParameterGroupName",
        "AWS::RDS::DBProxy": "DBProxyName",
        "AWS::RDS::DBSubnetGroup": "DBSubnetGroupName",
        "AWS::RDS::EventSubscription": "SubscriptionName",
        "AWS::RDS::GlobalCluster": "GlobalClusterIdentifier",
        "AWS::RDS::OptionGroup": "OptionGroupName",
        "AWS::S3::Bucket": "BucketName",
        "AWS::SNS::Topic": "TopicName",
        "AWS::SQS::Queue": "QueueName",
        "AWS::SSM::Parameter": "Name",
        "AWS::Scheduler::Schedule": "Name",
        "AWS::Scheduler::ScheduleGroup": "Name",
        "AWS::SecretsManager::Secret": "Name",
        "AWS::StepFunctions::StateMachine": "StateMachineName",
    }
)
"""The property that fixes the physical name, by resource type."""

HANDED_IN = (
    "Arn",
    "BucketName",
    "ClusterName",
    "FunctionName",
    "GroupName",
    "Id",
    "Identifier",
    "InstanceName",
    "QueueName",
    "RoleName",
    "StackName",
    "StateMachineName",
    "TableName",
    "TopicName",
)
"""Endings of parameters that hold the finished name of something, which has all its parts already."""


def is_parameter(cfn: Template, value: object) -> bool:
    """Whether a value is one parameter and nothing else: then whoever sets it answers for the name."""
    name = value.get("Ref") if isinstance(value, dict) and len(value) == 1 else None
    return isinstance(name, str) and name in cfn.get_parameters_valid()


def carries(cfn: Template, value: object, accepted: Callable[[str], bool]) -> bool:
    """Whether a name holds a part that ``accepted`` knows, or one of which the template cannot tell.

    A reference to a resource of the template counts: a name CloudFormation made is unique, and one that was written is
    judged where it stands. A part under ``Fn::If`` must hold in both branches.
    """
    match value:
        case bool() | int() | float():
            found = False
        case str():
            found = "{{resolve:" in value
        case {"Fn::If": [_, yes, no]}:
            found = carries(cfn, yes, accepted) and carries(cfn, no, accepted)
        case {"Ref": str() as name}:
            found = _known(cfn, name, accepted)
        case {"Fn::Join": [_, list() as parts]}:
            found = any(carries(cfn, part, accepted) for part in parts)
        case {"Fn::Sub": str() as text}:
            found = any(_known(cfn, hole, accepted) for hole in holes(text))
        case {"Fn::Sub": [str() as text, dict() as given]}:
            found = any(
                carries(cfn, given[hole], accepted) if hole in given else _known(cfn, hole, accepted)
                for hole in holes(text)
            )
        case _:
            found = True
    return found


def _known(cfn: Template, hole: str, accepted: Callable[[str], bool]) -> bool:
    name = hole.partition(".")[0]
    handed_in = name in cfn.get_parameters_valid() and name.endswith(HANDED_IN)
    return "." in hole or name in cfn.get_resources() or handed_in or accepted(name)
