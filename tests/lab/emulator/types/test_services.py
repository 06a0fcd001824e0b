"""Keys, secrets, names, zones and functions: made by templates, seen by the services' own APIs."""

import io
import json
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.lab.emulator.types.conftest import AWAY, HOME, Stacks, att, client, ref, resource, until

POLICY = {"Version": "2012-10-17", "Statement": []}
KEY = {"Key": resource("KMS::Key", KeyPolicy=POLICY, EnableKeyRotation=True, PendingWindowInDays="7")}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}},
    ],
}
ROLE = {"Role": resource("IAM::Role", AssumeRolePolicyDocument=TRUST)}
CODE = """
import os
class OutOfReachError(Exception):
    pass
def handler(event, context):
    if event.get("raise"):
        raise OutOfReachError("nobody there")
    return dict(os.environ)
def rotate(event, context):
    import boto3
    secrets = boto3.client("secretsmanager", region_name=os.environ["AWS_REGION"])
    name, token = event["SecretId"], event["ClientRequestToken"]
    if event["Step"] == "createSecret":
        assert secrets.describe_secret(SecretId=name)["VersionIdsToStages"][token] == ["AWSPENDING"]
        try:
            secrets.get_secret_value(SecretId=name, VersionId=token, VersionStage="AWSPENDING")
        except secrets.exceptions.ResourceNotFoundException:
            pass
        else:
            raise OutOfReachError("a version without a value was given")
        secrets.put_secret_value(
            SecretId=name, ClientRequestToken=token, SecretString="new", VersionStages=["AWSPENDING"]
        )
    if event["Step"] == "finishSecret":
        old = secrets.get_secret_value(SecretId=name)["VersionId"]
        secrets.update_secret_version_stage(
            SecretId=name, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=old
        )
"""


def function(handler: str = "handler", **more: object) -> dict[str, Any]:
    code = {"ZipFile": CODE}
    properties = {"Runtime": "python3.12", "Handler": f"index.{handler}", "Code": code, "Role": att("Role.Arn"), **more}
    return resource("Lambda::Function", **properties)


def test_a_key_turns_and_is_scheduled_for_deletion_when_its_window_is_text(stacks: Stacks) -> None:
    name = stacks.create("key", KEY, Key=ref("Key"))["Key"]
    assert client("kms").get_key_rotation_status(KeyId=name)["KeyRotationEnabled"]
    stacks.delete("key")
    gone = client("kms").describe_key(KeyId=name)["KeyMetadata"]
    assert gone["KeyState"] == "PendingDeletion"


def test_a_changed_key_keeps_its_id(stacks: Stacks) -> None:
    before = stacks.create("turned", KEY, Key=ref("Key"))["Key"]
    changed = resource("KMS::Key", KeyPolicy=POLICY, Description="another", PendingWindowInDays=7)
    assert stacks.update("turned", {"Key": changed}, Key=ref("Key"))["Key"] == before
    assert not client("kms").get_key_rotation_status(KeyId=before)["KeyRotationEnabled"]
    assert client("kms").describe_key(KeyId=before)["KeyMetadata"]["Description"] == "another"


SECRET = resource(
    "SecretsManager::Secret",
    Name="made/database",
    GenerateSecretString={
        "SecretStringTemplate": '{"username": "master"}',
        "GenerateStringKey": "password",
        "PasswordLength": "40",
        "ExcludeCharacters": "\"'/@ :$",
    },
    ReplicaRegions=[{"Region": AWAY}],
)


def test_a_secret_is_referred_to_by_its_arn_and_copied(stacks: Stacks) -> None:
    named = stacks.create("secret", {"Secret": SECRET}, Secret=ref("Secret"))["Secret"]
    assert named.startswith(f"arn:aws:secretsmanager:{HOME}:111122223333:secret:made/database-")
    told = json.loads(client("secretsmanager").get_secret_value(SecretId=named)["SecretString"])
    assert (told["username"], len(told["password"])) == ("master", 40)
    assert not set(told["password"]) & set("\"'/@ :$")
    copy = client("secretsmanager", AWAY).get_secret_value(SecretId=named.replace(HOME, AWAY))
    assert json.loads(copy["SecretString"]) == told
    stacks.delete("secret")
    for region in (HOME, AWAY):
        assert not client("secretsmanager", region).list_secrets()["SecretList"]


def test_a_copy_that_is_detached_outlives_its_original(stacks: Stacks) -> None:
    stacks.create("detached", {"Secret": SECRET})
    away = client("secretsmanager", AWAY)
    away.stop_replication_to_replica(SecretId="made/database")
    with pytest.raises(ClientError, match="InvalidRequestException"):
        away.stop_replication_to_replica(SecretId="made/database")
    stacks.delete("detached")
    assert "PrimaryRegion" not in away.describe_secret(SecretId="made/database")
    away.delete_secret(SecretId="made/database", ForceDeleteWithoutRecovery=True)


def schedule(*, at_once: bool) -> dict[str, Any]:
    return resource(
        "SecretsManager::RotationSchedule",
        SecretId=ref("Secret"),
        RotationLambdaARN=att("Rotation.Arn"),
        RotateImmediatelyOnUpdate=at_once,
        RotationRules={"AutomaticallyAfterDays": "30"},
    )


def test_rotation_changes_nothing_at_once_unless_it_is_told_to(stacks: Stacks) -> None:
    parts = {"Secret": SECRET, **ROLE, "Rotation": function("rotate")}
    stacks.create("rotation", {**parts, "Schedule": schedule(at_once=False)})
    secrets = client("secretsmanager")
    before = secrets.describe_secret(SecretId="made/database")
    assert before["RotationRules"] == {"AutomaticallyAfterDays": 30}
    assert list(before["VersionIdsToStages"].values()) == [["AWSCURRENT"]]
    stacks.update("rotation", {**parts, "Schedule": schedule(at_once=True)})
    until(lambda: secrets.get_secret_value(SecretId="made/database")["SecretString"] == "new")
    stacks.update("rotation", parts)
    assert not secrets.describe_secret(SecretId="made/database").get("RotationEnabled")


NAMED = [
    resource("Logs::LogGroup", LogGroupName="/taken"),
    resource("SNS::Topic", TopicName="taken"),
    resource("IAM::Role", RoleName="taken", AssumeRolePolicyDocument=TRUST),
    resource("Events::Rule", Name="taken", ScheduleExpression="rate(1 minute)", State="DISABLED"),
    resource(
        "DynamoDB::Table",
        TableName="taken",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "Kind", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "Kind", "KeyType": "HASH"}],
    ),
    resource("SecretsManager::Secret", Name="taken", SecretString="x"),
    resource("KMS::Alias", AliasName="alias/taken", TargetKeyId=ref("Key")),
    function(FunctionName="taken"),
    resource("EC2::SecurityGroup", GroupName="taken", GroupDescription="g", VpcId="vpc-00000001"),
    resource(
        "StepFunctions::StateMachine",
        StateMachineName="taken",
        RoleArn=att("Role.Arn"),
        Definition={"StartAt": "Here", "States": {"Here": {"Type": "Pass", "End": True}}},
    ),
]


@pytest.mark.parametrize("one", NAMED, ids=lambda one: one["Type"])
def test_a_name_that_is_taken_is_refused_and_the_first_is_left_alone(stacks: Stacks, one: dict[str, Any]) -> None:
    template = {**KEY, **ROLE, "One": one}
    stacks.create("first", template)
    with pytest.raises(AssertionError, match="already exists"):
        stacks.create("second", template)
    stacks.delete("second")
    stacks.delete("first")
    stacks.create("third", template)


def test_a_topic_shows_its_key(stacks: Stacks) -> None:
    topic = {"Topic": resource("SNS::Topic", TopicName="secret", KmsMasterKeyId=ref("Key")), **KEY}
    told = stacks.create("topic", topic, Topic=ref("Topic"), Key=ref("Key"))
    shown = client("sns").get_topic_attributes(TopicArn=told["Topic"])["Attributes"]
    assert shown["KmsMasterKeyId"] == told["Key"]


def test_a_table_keeps_whether_it_is_backed_up(stacks: Stacks) -> None:
    def table(*, backed_up: bool) -> dict[str, Any]:
        return resource(
            "DynamoDB::Table",
            TableName="kept",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "Kind", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "Kind", "KeyType": "HASH"}],
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": backed_up},
        )

    def told() -> str:
        found = client("dynamodb").describe_continuous_backups(TableName="kept")["ContinuousBackupsDescription"]
        return str(found["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"])

    stacks.create("table", {"Table": table(backed_up=True)})
    assert told() == "ENABLED"
    stacks.update("table", {"Table": table(backed_up=False)})
    assert told() == "DISABLED"


def test_a_zone_belongs_to_the_vpcs_of_both_regions(stacks: Stacks) -> None:
    there = client("ec2", AWAY).create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
    vpcs = [{"VPCId": ref("Vpc"), "VPCRegion": HOME}, {"VPCId": there, "VPCRegion": AWAY}]
    vpc = {"Vpc": resource("EC2::VPC", CidrBlock="10.1.0.0/16")}
    zone = resource("Route53::HostedZone", Name="lab.internal", HostedZoneConfig={"Comment": "why"}, VPCs=vpcs)
    name = stacks.create("zone", {**vpc, "Zone": zone}, Zone=ref("Zone"))["Zone"]
    found = client("route53").get_hosted_zone(Id=name)
    assert found["HostedZone"]["Config"] == {"Comment": "why", "PrivateZone": True}
    assert {one["VPCRegion"] for one in found["VPCs"]} == {HOME, AWAY}
    alone = resource("Route53::HostedZone", Name="lab.internal", VPCs=vpcs[:1])
    assert stacks.update("zone", {**vpc, "Zone": alone}, Zone=ref("Zone"))["Zone"] == name
    assert [one["VPCRegion"] for one in client("route53").get_hosted_zone(Id=name)["VPCs"]] == [HOME]
    stacks.delete("zone")
    client("ec2", AWAY).delete_vpc(VpcId=there)
    assert not client("route53").list_hosted_zones()["HostedZones"]


def check(alarm: object) -> dict[str, Any]:
    config = {"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": {"Name": alarm, "Region": HOME}}
    return resource(
        "Route53::HealthCheck", HealthCheckConfig=config | {"InsufficientDataHealthStatus": "LastKnownStatus"}
    )


def test_a_health_check_follows_an_alarm_that_must_be_there(stacks: Stacks) -> None:
    alarm = resource(
        "CloudWatch::Alarm",
        AlarmName="inactive",
        Namespace="Lab",
        MetricName="Active",
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        ComparisonOperator="LessThanThreshold",
        Threshold=2,
    )
    name = stacks.create("check", {"Alarm": alarm, "Check": check(ref("Alarm"))}, Check=att("Check.HealthCheckId"))[
        "Check"
    ]
    config = client("route53").get_health_check(HealthCheckId=name)["HealthCheck"]["HealthCheckConfig"]
    assert config["AlarmIdentifier"] == {"Name": "inactive", "Region": HOME}
    stacks.delete("check")
    assert not client("route53").list_health_checks()["HealthChecks"]
    with pytest.raises(AssertionError, match="alarm nobody does not exist"):
        stacks.create("blind", {"Check": check("nobody")})


def invoke(name: str, **event: object) -> dict[str, Any]:
    told = client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
    return json.load(told["Payload"])


def test_a_function_tells_the_name_of_its_exception(stacks: Stacks) -> None:
    stacks.create("raising", {**ROLE, "F": function(FunctionName="raising")})
    told = invoke("raising", **{"raise": True})
    assert (told["errorType"], told["errorMessage"]) == ("OutOfReachError", "nobody there")


def test_a_function_sees_nothing_of_how_the_emulator_is_set_up(stacks: Stacks) -> None:
    variables = {"Environment": {"Variables": {"SITE": "home"}}}
    stacks.create("seeing", {**ROLE, "F": function(FunctionName="seeing", **variables)})
    seen = invoke("seeing")
    assert (seen["SITE"], seen["AWS_REGION"]) == ("home", HOME)
    assert not set(seen) & {"GATEWAY_PORT", "MINISTACK_ACCOUNT_ID", "DOCKER_HOST", "PYTHONPATH", "STATE_DIR"}


def test_a_function_keeps_its_place_in_the_vpc_and_its_settings_for_asynchronous_calls(stacks: Stacks) -> None:
    template = {
        **ROLE,
        "Vpc": resource("EC2::VPC", CidrBlock="10.1.0.0/16"),
        "Subnet": resource("EC2::Subnet", VpcId=ref("Vpc"), CidrBlock="10.1.1.0/24"),
        "Group": resource("EC2::SecurityGroup", GroupDescription="g", VpcId=ref("Vpc")),
        "F": function(
            FunctionName="placed", VpcConfig={"SubnetIds": [ref("Subnet")], "SecurityGroupIds": [ref("Group")]}
        ),
        "Once": resource(
            "Lambda::EventInvokeConfig", FunctionName=ref("F"), Qualifier="$LATEST", MaximumRetryAttempts=0
        ),
    }
    told = stacks.create("placed", template, Vpc=ref("Vpc"), Group=ref("Group"))
    placed = client("lambda").get_function_configuration(FunctionName="placed")["VpcConfig"]
    assert (placed["VpcId"], placed["SecurityGroupIds"]) == (told["Vpc"], [told["Group"]])
    assert client("lambda").get_function_event_invoke_config(FunctionName="placed")["MaximumRetryAttempts"] == 0


def test_a_function_of_two_vpcs_is_refused_and_not_made(stacks: Stacks) -> None:
    template = {
        **ROLE,
        "Here": resource("EC2::VPC", CidrBlock="10.1.0.0/16"),
        "There": resource("EC2::VPC", CidrBlock="10.2.0.0/16"),
        "Subnet": resource("EC2::Subnet", VpcId=ref("Here"), CidrBlock="10.1.1.0/24"),
        "Group": resource("EC2::SecurityGroup", GroupDescription="g", VpcId=ref("There")),
        "F": function(
            FunctionName="torn", VpcConfig={"SubnetIds": [ref("Subnet")], "SecurityGroupIds": [ref("Group")]}
        ),
    }
    with pytest.raises(AssertionError, match="must belong to one VPC"):
        stacks.create("torn", template)
    assert not client("lambda").list_functions()["Functions"]


def test_code_and_a_role_that_are_not_there_are_refused(stacks: Stacks) -> None:
    client("s3").create_bucket(Bucket="code")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.py", CODE)
    client("s3").put_object(Bucket="code", Key="there.zip", Body=archive.getvalue())
    there = {"S3Bucket": "code", "S3Key": "there.zip"}
    stacks.create("coded", {**ROLE, "F": function(Code=there)})
    with pytest.raises(AssertionError, match=r"NoSuchKey.*absent.zip"):
        stacks.create("uncoded", {**ROLE, "F": function(Code={**there, "S3Key": "absent.zip"})})
    with pytest.raises(AssertionError, match="cannot be assumed by Lambda"):
        stacks.create("unable", {"F": function(Code=there, Role="arn:aws:iam::111122223333:role/nobody")})


def test_a_function_writes_to_the_log_group_it_names_and_makes_none(stacks: Stacks) -> None:
    logged = function(FunctionName="logged", LoggingConfig={"LogGroup": "/named"})
    stacks.create("logged", {**ROLE, "F": logged, "Logs": resource("Logs::LogGroup", LogGroupName="/named")})
    invoke("logged")
    logs = client("logs")
    assert logs.describe_log_streams(logGroupName="/named")["logStreams"]
    stacks.update("logged", {**ROLE, "F": logged})
    invoke("logged")
    assert not logs.describe_log_groups()["logGroups"]
