"""What bears a name that an environment wants, whoever made it: one way of listing for each type of resource."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_stepfunctions import SFNClient


@dataclass(frozen=True)
class Existing:
    """A thing by name; ``id`` is what CloudFormation knows it by. ``leaving``: its deletion is scheduled.

    Of a DB instance, ``size`` is the storage in GiB, ``version`` what it runs, ``form`` its class.
    """

    name: str
    id: str
    leaving: bool = False
    size: int = 0
    version: str = ""
    form: str = ""


Found = Iterator[Existing]


def _instances(rds: RDSClient, _: str) -> Found:
    for page in rds.get_paginator("describe_db_instances").paginate():
        for one in page["DBInstances"]:
            name = one["DBInstanceIdentifier"]
            yield Existing(
                name,
                name,
                leaving=one.get("DBInstanceStatus") == "deleting",
                size=one.get("AllocatedStorage", 0),
                version=one.get("EngineVersion", ""),
                form=one.get("DBInstanceClass", ""),
            )


def _subnet_groups(rds: RDSClient, _: str) -> Found:
    for page in rds.get_paginator("describe_db_subnet_groups").paginate():
        yield from (_named(one["DBSubnetGroupName"]) for one in page["DBSubnetGroups"])


def _parameter_groups(rds: RDSClient, _: str) -> Found:
    for page in rds.get_paginator("describe_db_parameter_groups").paginate():
        yield from (_named(one["DBParameterGroupName"]) for one in page["DBParameterGroups"])


def _subscriptions(rds: RDSClient, _: str) -> Found:
    for page in rds.get_paginator("describe_event_subscriptions").paginate():
        yield from (_named(one["CustSubscriptionId"]) for one in page["EventSubscriptionsList"])


def _functions(functions: LambdaClient, _: str) -> Found:
    for page in functions.get_paginator("list_functions").paginate():
        yield from (_named(one["FunctionName"]) for one in page["Functions"])


LOG_PREFIXES = ("/aws/lambda/", "/aws/rds/instance/", "/aws/vpc/")


def _log_groups(logs: Any, environment: str) -> Found:  # noqa: ANN401 - its types are not installed
    for prefix in LOG_PREFIXES:
        pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=f"{prefix}{environment}-")
        yield from (_named(one["logGroupName"]) for page in pages for one in page["logGroups"])


def _tables(dynamodb: DynamoDBClient, _: str) -> Found:
    for page in dynamodb.get_paginator("list_tables").paginate():
        yield from map(_named, page["TableNames"])


def _secrets(secrets: SecretsManagerClient, environment: str) -> Found:
    """Give those that wait for their deletion too: until then the name is taken."""
    pages = secrets.get_paginator("list_secrets").paginate(
        IncludePlannedDeletion=True, Filters=[{"Key": "name", "Values": [f"{environment}/"]}]
    )
    for page in pages:
        for one in page["SecretList"]:
            yield Existing(one["Name"], one["ARN"], leaving="DeletedDate" in one)


def _topics(sns: SNSClient, _: str) -> Found:
    for page in sns.get_paginator("list_topics").paginate():
        yield from (_by_arn(one["TopicArn"]) for one in page["Topics"])


def _rules(events: Any, environment: str) -> Found:  # noqa: ANN401 - its types are not installed
    for page in events.get_paginator("list_rules").paginate(NamePrefix=f"{environment}-"):
        yield from (_named(one["Name"]) for one in page["Rules"])


def _alarms(cloudwatch: CloudWatchClient, environment: str) -> Found:
    pages = cloudwatch.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix=f"{environment}-", AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    for page in pages:
        yield from (_named(one["AlarmName"]) for one in page.get("MetricAlarms", ()))
        yield from (_named(one["AlarmName"]) for one in page.get("CompositeAlarms", ()))


def _dashboards(cloudwatch: CloudWatchClient, environment: str) -> Found:
    pages = cloudwatch.get_paginator("list_dashboards").paginate(DashboardNamePrefix=f"{environment}-")
    for page in pages:
        yield from (_named(one["DashboardName"]) for one in page["DashboardEntries"])


def _aliases(kms: KMSClient, _: str) -> Found:
    for page in kms.get_paginator("list_aliases").paginate():
        yield from (_named(one["AliasName"]) for one in page["Aliases"])


def _machines(states: SFNClient, _: str) -> Found:
    for page in states.get_paginator("list_state_machines").paginate():
        yield from (_by_arn(one["stateMachineArn"]) for one in page["stateMachines"])


def _named(name: str) -> Existing:
    return Existing(name, name)


def _by_arn(arn: str) -> Existing:
    return Existing(arn.rpartition(":")[2], arn)


class Listing(NamedTuple):
    """How a type is listed: the service, the right that takes, and the call, which is told the environment."""

    service: str
    right: str
    call: Callable[[Any, str], Found]


LISTINGS: Final[Mapping[str, Listing]] = MappingProxyType(
    {
        "AWS::CloudWatch::Alarm": Listing("cloudwatch", "cloudwatch:DescribeAlarms", _alarms),
        "AWS::CloudWatch::Dashboard": Listing("cloudwatch", "cloudwatch:ListDashboards", _dashboards),
        "AWS::DynamoDB::Table": Listing("dynamodb", "dynamodb:ListTables", _tables),
        "AWS::Events::Rule": Listing("events", "events:ListRules", _rules),
        "AWS::KMS::Alias": Listing("kms", "kms:ListAliases", _aliases),
        "AWS::Lambda::Function": Listing("lambda", "lambda:ListFunctions", _functions),
        "AWS::Logs::LogGroup": Listing("logs", "logs:DescribeLogGroups", _log_groups),
        "AWS::RDS::DBInstance": Listing("rds", "rds:DescribeDBInstances", _instances),
        "AWS::RDS::DBParameterGroup": Listing("rds", "rds:DescribeDBParameterGroups", _parameter_groups),
        "AWS::RDS::DBSubnetGroup": Listing("rds", "rds:DescribeDBSubnetGroups", _subnet_groups),
        "AWS::RDS::EventSubscription": Listing("rds", "rds:DescribeEventSubscriptions", _subscriptions),
        "AWS::SNS::Topic": Listing("sns", "sns:ListTopics", _topics),
        "AWS::SecretsManager::Secret": Listing("secretsmanager", "secretsmanager:ListSecrets", _secrets),
        "AWS::StepFunctions::StateMachine": Listing("stepfunctions", "states:ListStateMachines", _machines),
    }
)
"""Every type of resource that the templates name, and how to find out who has that name."""
