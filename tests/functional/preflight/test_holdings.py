"""What is read of an environment that stands, and of what bears its names."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.functional.preflight.conftest import Stub

from dr_templates.aws.account.buckets import Bucket, bucket
from dr_templates.aws.account.dns import HostedZone, limit, zones_of
from dr_templates.aws.account.existing import LISTINGS, Existing
from dr_templates.aws.account.holdings import Holdings, Made, Stack, holdings
from dr_templates.aws.account.keys import MISSING, Key, key
from dr_templates.aws.account.quotas import Quota
from dr_templates.aws.account.reading import read
from dr_templates.aws.asking import Heard

WHEN = datetime(2026, 11, 1, tzinfo=UTC)
NESTED = "arn:aws:cloudformation:us-east-1:111122223333:stack/orders-prod-virginia-primary-Probe-1/x"


def described(status: str, **more: str) -> dict[str, Any]:
    return {"Stacks": [{"StackName": "s", "CreationTime": WHEN, "StackStatus": status, **more}]}


def summary(kind: str, known: str | None, status: str = "CREATE_COMPLETE") -> dict[str, Any]:
    told = {"LogicalResourceId": "X", "ResourceType": kind, "LastUpdatedTimestamp": WHEN, "ResourceStatus": status}
    return told if known is None else {**told, "PhysicalResourceId": known}


def test_stacks_and_all_that_is_in_them_and_in_nested_ones(stub: Stub) -> None:
    outer = [
        summary("AWS::CloudFormation::Stack", NESTED),
        summary("AWS::KMS::Key", "k-1", "CREATE_FAILED"),
        summary("AWS::KMS::Alias", None, "CREATE_FAILED"),
        summary("AWS::SNS::Topic", "arn:t", "DELETE_COMPLETE"),
        summary("AWS::DynamoDB::Table", "kept", "DELETE_SKIPPED"),
    ]
    inner = [summary("AWS::Lambda::Function", "orders-prod-virginia-probe")]
    cloudformation = stub(
        "cloudformation",
        ("describe_stacks", {"StackName": "a"}, described("UPDATE_ROLLBACK_FAILED", StackStatusReason="why")),
        ("describe_stacks", {"StackName": "b"}, "ValidationError"),
        ("list_stack_resources", {"StackName": "a"}, {"StackResourceSummaries": outer[:1], "NextToken": "2"}),
        ("list_stack_resources", {"StackName": NESTED}, {"StackResourceSummaries": inner}),
        ("list_stack_resources", {"StackName": "a", "NextToken": "2"}, {"StackResourceSummaries": outer[1:]}),
    )
    assert holdings(cloudformation, ("a", "b")) == Holdings(
        (Stack("a", "UPDATE_ROLLBACK_FAILED", "why"),),
        (
            Made("AWS::CloudFormation::Stack", NESTED),
            Made("AWS::Lambda::Function", "orders-prod-virginia-probe"),
            Made("AWS::KMS::Key", "k-1", "CREATE_FAILED"),
        ),
    )


DESCRIBE = ("describe_key", {"KeyId": "alias/a"})
POLICY = ("get_key_policy", {"KeyId": "k-1", "PolicyName": "default"})
ARN_OF_KEY = "arn:aws:kms:us-east-1:111122223333:key/k-1"


def test_a_key_behind_an_alias_with_its_policy_asked_by_its_id(stub: Stub) -> None:
    told = {"KeyMetadata": {"KeyId": "k-1", "Arn": ARN_OF_KEY, "KeyState": "PendingDeletion"}}
    kms = stub("kms", (*DESCRIBE, told), (*POLICY, {"Policy": '{"Statement": []}'}))
    assert key(kms, "alias/a") == Key("k-1", ARN_OF_KEY, "PendingDeletion", Heard({"Statement": []}))


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        ("AccessDeniedException", "the right kms:GetKeyPolicy is missing"),
        ({"Policy": "<html>"}, "kms:GetKeyPolicy was not answered: Unable to read the response"),
        ({}, "kms:GetKeyPolicy was not answered: Unable to read the response"),
    ],
)
def test_a_policy_that_may_not_be_read_leaves_the_keys_state(
    stub: Stub, answer: dict[str, Any] | str, trouble: str
) -> None:
    told = key(stub("kms", (*DESCRIBE, {"KeyMetadata": {"KeyId": "k-1"}}), (*POLICY, answer)), "alias/a")
    assert (told.id, told.state, told.policy.told) == ("k-1", "Enabled", None)
    assert told.policy.trouble.startswith(trouble)


def test_an_alias_that_is_not_there_is_an_answer_and_a_key_that_shuts_us_out_is_none(stub: Stub) -> None:
    missing = stub("kms", (*DESCRIBE, MISSING))
    assert read("kms:DescribeKey", lambda: key(missing, "alias/a"), (MISSING,)) == Heard()
    closed = stub("kms", (*DESCRIBE, "AccessDeniedException"))
    heard = read("kms:DescribeKey", lambda: key(closed, "alias/a"), (MISSING,))
    assert heard == Heard(trouble="the right kms:DescribeKey is missing")


HEAD = {"Bucket": "b", "ExpectedBucketOwner": "111122223333"}
OURS, OTHERS = {"Buckets": [{"Name": "b-2"}, {"Name": "b"}]}, {"Buckets": [{"Name": "b-2"}]}


@pytest.mark.parametrize(
    ("head", "listed", "told"),
    [
        ({"BucketRegion": "eu-west-1"}, None, Bucket("b", exists=True, ours=True, readable=True, region="eu-west-1")),
        ({}, None, Bucket("b", exists=True, ours=True, readable=True)),
        ("404", None, Bucket("b", exists=False)),
        ("NoSuchBucket", None, Bucket("b", exists=False)),
        ("403", OURS, Bucket("b", exists=True, ours=True)),
        ("403", OTHERS, Bucket("b", exists=True)),
        ("301", OURS, Bucket("b", exists=True, ours=True)),
    ],
)
def test_whose_a_bucket_is(stub: Stub, head: dict[str, str] | str, listed: dict[str, Any] | None, told: Bucket) -> None:
    calls: list[Any] = [("head_bucket", HEAD, head)]
    if listed is not None:
        calls.append(("list_buckets", {"Prefix": "b"}, listed))
    assert bucket(stub("s3", *calls), "b", "111122223333") == told


def test_nobody_guesses_whose_a_bucket_is(stub: Stub) -> None:
    closed = stub("s3", ("head_bucket", HEAD, "403"), ("list_buckets", {"Prefix": "b"}, "AccessDenied"))
    with pytest.raises(ClientError, match="ListBuckets"):
        bucket(closed, "b", "111122223333")
    broken = stub("s3", ("head_bucket", HEAD, "500"))
    with pytest.raises(ClientError, match="HeadBucket"):
        bucket(broken, "b", "111122223333")


def test_zones_of_the_vpc_that_bears_our_name_over_all_pages(stub: Stub) -> None:
    ec2 = stub(
        "ec2",
        (
            "describe_vpcs",
            {"Filters": [{"Name": "tag:Name", "Values": ["orders-prod-virginia"]}]},
            {"Vpcs": [{"VpcId": "vpc-1"}]},
        ),
    )

    def page(number: int, **more: str) -> dict[str, Any]:
        zone = {"HostedZoneId": f"Z{number}", "Name": f"z{number}.internal.", "Owner": {}}
        return {"HostedZoneSummaries": [zone], "MaxItems": "1", **more}

    asked = {"VPCId": "vpc-1", "VPCRegion": "us-east-1"}
    route53 = stub(
        "route53",
        ("list_hosted_zones_by_vpc", asked, page(1, NextToken="more")),
        ("list_hosted_zones_by_vpc", {**asked, "NextToken": "more"}, page(2)),
    )
    assert zones_of(ec2, route53, "orders-prod-virginia", "us-east-1") == (
        HostedZone("Z1", "z1.internal", "vpc-1"),
        HostedZone("Z2", "z2.internal", "vpc-1"),
    )


def test_route_53_tells_what_it_still_takes(stub: Stub) -> None:
    told = {"Limit": {"Type": "MAX_HOSTED_ZONES_BY_OWNER", "Value": 500}, "Count": 7}
    route53 = stub("route53", ("get_account_limit", {"Type": "MAX_HOSTED_ZONES_BY_OWNER"}, told))
    assert limit(route53, "MAX_HOSTED_ZONES_BY_OWNER") == Quota(500, 7)


def once(operation: str, key: str, one: object, **asked: object) -> tuple[tuple[str, Any, Any], ...]:
    return ((operation, asked, {key: [one]}),)


ARN = "arn:aws:sns:us-east-1:111122223333:orders-prod-control"
MACHINE = "arn:aws:states:us-east-1:111122223333:stateMachine:orders-prod-control-moves"
SECRET = "arn:aws:secretsmanager:us-east-1:111122223333:secret:orders-prod/database-AbCdEf"  # noqa: S105 - a name
GROUP = "/aws/vpc/orders-prod-virginia"
NAMED = Existing("n", "n")
LISTED: dict[str, tuple[Any, tuple[Existing, ...]]] = {
    "AWS::CloudWatch::Alarm": (
        (
            (
                "describe_alarms",
                {"AlarmNamePrefix": "orders-prod-", "AlarmTypes": ["MetricAlarm", "CompositeAlarm"]},
                {"MetricAlarms": [{"AlarmName": "n"}], "CompositeAlarms": [{"AlarmName": "m"}]},
            ),
        ),
        (NAMED, Existing("m", "m")),
    ),
    "AWS::CloudWatch::Dashboard": (
        once("list_dashboards", "DashboardEntries", {"DashboardName": "n"}, DashboardNamePrefix="orders-prod-"),
        (NAMED,),
    ),
    "AWS::DynamoDB::Table": (once("list_tables", "TableNames", "tab"), (Existing("tab", "tab"),)),
    "AWS::Events::Rule": (once("list_rules", "Rules", {"Name": "n"}, NamePrefix="orders-prod-"), (NAMED,)),
    "AWS::KMS::Alias": (once("list_aliases", "Aliases", {"AliasName": "n"}), (NAMED,)),
    "AWS::Lambda::Function": (once("list_functions", "Functions", {"FunctionName": "n"}), (NAMED,)),
    "AWS::Logs::LogGroup": (
        (
            ("describe_log_groups", {"logGroupNamePrefix": "/aws/lambda/orders-prod-"}, {"logGroups": []}),
            ("describe_log_groups", {"logGroupNamePrefix": "/aws/rds/instance/orders-prod-"}, {"logGroups": []}),
            (
                "describe_log_groups",
                {"logGroupNamePrefix": "/aws/vpc/orders-prod-"},
                {"logGroups": [{"logGroupName": GROUP}]},
            ),
        ),
        (Existing(GROUP, GROUP),),
    ),
    "AWS::RDS::DBInstance": (
        (
            (
                "describe_db_instances",
                {},
                {
                    "DBInstances": [
                        {
                            "DBInstanceIdentifier": "n",
                            "AllocatedStorage": 40,
                            "DBInstanceStatus": "available",
                            "EngineVersion": "15.19",
                            "DBInstanceClass": "db.r6g.large",
                        },
                        {"DBInstanceIdentifier": "m", "AllocatedStorage": 20, "DBInstanceStatus": "deleting"},
                    ]
                },
            ),
        ),
        (Existing("n", "n", size=40, version="15.19", form="db.r6g.large"), Existing("m", "m", leaving=True, size=20)),
    ),
    "AWS::RDS::DBParameterGroup": (
        once("describe_db_parameter_groups", "DBParameterGroups", {"DBParameterGroupName": "n"}),
        (NAMED,),
    ),
    "AWS::RDS::DBSubnetGroup": (
        once("describe_db_subnet_groups", "DBSubnetGroups", {"DBSubnetGroupName": "n"}),
        (NAMED,),
    ),
    "AWS::RDS::EventSubscription": (
        once("describe_event_subscriptions", "EventSubscriptionsList", {"CustSubscriptionId": "n"}),
        (NAMED,),
    ),
    "AWS::SNS::Topic": (once("list_topics", "Topics", {"TopicArn": ARN}), (Existing("orders-prod-control", ARN),)),
    "AWS::SecretsManager::Secret": (
        (
            (
                "list_secrets",
                {"IncludePlannedDeletion": True, "Filters": [{"Key": "name", "Values": ["orders-prod/"]}]},
                {
                    "SecretList": [
                        {"Name": "orders-prod/database", "ARN": SECRET, "DeletedDate": WHEN},
                        {"Name": "orders-prod/other", "ARN": SECRET[:-1]},
                    ]
                },
            ),
        ),
        (Existing("orders-prod/database", SECRET, leaving=True), Existing("orders-prod/other", SECRET[:-1])),
    ),
    "AWS::StepFunctions::StateMachine": (
        once(
            "list_state_machines",
            "stateMachines",
            {"stateMachineArn": MACHINE, "name": "x", "type": "STANDARD", "creationDate": WHEN},
        ),
        (Existing("orders-prod-control-moves", MACHINE),),
    ),
}


@pytest.mark.parametrize("kind", LISTINGS)
def test_each_type_is_listed_by_name_and_by_what_cloudformation_calls_it(stub: Stub, kind: str) -> None:
    calls, told = LISTED[kind]
    assert tuple(LISTINGS[kind].call(stub(LISTINGS[kind].service, *calls), "orders-prod")) == told
