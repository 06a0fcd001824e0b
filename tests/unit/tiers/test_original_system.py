"""What the single-region system had, row by row, each now right for two regions."""

import re
from typing import Any

import pytest

Templates = dict[str, dict[str, Any]]


def of_type(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {name: body for name, body in template["Resources"].items() if body["Type"] == kind}


def properties(template: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = template["Resources"][name]["Properties"]
    return found


def nested_in(templates: Templates, root: str) -> set[str]:
    return {
        body["Properties"]["TemplateURL"].removeprefix("./").removesuffix(".yaml")
        for body in of_type(templates[root], "AWS::CloudFormation::Stack").values()
    }


def test_a_vpc_at_each_site_in_two_regions(templates: Templates) -> None:
    assert len(of_type(templates["network"], "AWS::EC2::VPC")) == 1
    assert "network" in nested_in(templates, "foundation")
    assert {"VpcCidr", "PeerVpcCidr", "PeerRegion"} <= set(templates["foundation"]["Parameters"])
    assert re.search(templates["network"]["Parameters"]["VpcCidr"]["AllowedPattern"], "10.20.0.0/16")


@pytest.mark.parametrize("kind", ["Database", "Function"])
def test_private_subnets_over_at_least_two_zones(templates: Templates, kind: str) -> None:
    network = templates["network"]
    subnets = {n: b for n, b in of_type(network, "AWS::EC2::Subnet").items() if n.startswith(kind)}
    always = [body["Properties"] for body in subnets.values() if "Condition" not in body]
    assert [one["AvailabilityZoneId"]["Ref"] for one in always] == ["AvailabilityZoneA", "AvailabilityZoneB"]
    assert not any(body["Properties"]["MapPublicIpOnLaunch"] for body in subnets.values())


def test_no_way_out_of_the_network(templates: Templates) -> None:
    kinds = {body["Type"] for body in templates["network"]["Resources"].values()}
    assert not kinds & {"AWS::EC2::InternetGateway", "AWS::EC2::NatGateway", "AWS::EC2::Route", "AWS::EC2::EIP"}


def test_subnets_do_not_overlap(templates: Templates) -> None:
    chosen = [
        body["Properties"]["CidrBlock"]["Fn::Select"][0]
        for body in of_type(templates["network"], "AWS::EC2::Subnet").values()
    ]
    assert sorted(chosen) == list(range(6))


def test_a_route_table_for_each_kind_of_subnet(templates: Templates) -> None:
    network = templates["network"]
    assert set(of_type(network, "AWS::EC2::RouteTable")) == {"DatabaseRouteTable", "FunctionRouteTable"}
    for name, body in of_type(network, "AWS::EC2::SubnetRouteTableAssociation").items():
        kind = "Database" if name.startswith("Database") else "Function"
        assert body["Properties"]["RouteTableId"] == {"Ref": f"{kind}RouteTable"}


def test_the_s3_gateway_endpoint_lets_out_the_answers_of_custom_resources_and_nothing_else(
    templates: Templates,
) -> None:
    endpoint = properties(templates["network"], "S3Endpoint")
    assert endpoint["VpcEndpointType"] == "Gateway"
    assert endpoint["RouteTableIds"] == [{"Ref": "FunctionRouteTable"}]
    (statement,) = endpoint["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["s3:PutObject"]
    named, plain = statement["Resource"]
    assert named["Fn::Sub"][0].endswith("cloudformation-custom-resource-response-${Bare}/*")
    assert named["Fn::Sub"][1]["Bare"] == {"Fn::Join": ["", {"Fn::Split": ["-", {"Ref": "AWS::Region"}]}]}
    assert plain["Fn::Sub"].endswith("cloudformation-custom-resource-response-${AWS::Region}/*")


def test_the_default_security_group_is_emptied(templates: Templates) -> None:
    emptied = properties(templates["network"], "EmptiedDefaultSecurityGroup")
    assert emptied["SecurityGroupId"] == {"Fn::GetAtt": ["Vpc", "DefaultSecurityGroup"]}
    assert emptied["ServiceToken"] == {"Fn::GetAtt": ["DefaultSecurityGroupFunction", "Arn"]}


def test_the_primary_is_postgresql_15_multi_az_on_r6g(templates: Templates) -> None:
    database, parameters = properties(templates["database-primary"], "Database"), templates["primary"]["Parameters"]
    assert database["Engine"] == "postgres"
    assert parameters["EngineVersion"]["Default"].startswith("15.")
    assert parameters["InstanceClass"]["Default"] == "db.r6g.large"
    assert parameters["MultiAz"]["Default"] == "true"
    assert database["MultiAZ"] == {"Ref": "MultiAz"}
    assert database["StorageEncrypted"] is True or database["StorageEncrypted"] == "true"
    assert database["PubliclyAccessible"] in {False, "false"}


def test_the_replica_is_of_the_same_class_in_the_other_region(templates: Templates) -> None:
    replica = properties(templates["database-replica"], "Database")
    assert replica["SourceRegion"] == {"Ref": "PeerRegion"}
    assert replica["SourceDBInstanceIdentifier"]["Fn::Sub"].endswith(
        ":rds:${PeerRegion}:${AWS::AccountId}:db:${Name}-${EnvironmentSuffix}-${PeerSiteName}"
    )
    assert replica["KmsKeyId"] == {"Ref": "DatabaseKeyArn"}
    assert "database-replica" in nested_in(templates, "standby")
    assert "database-primary" not in nested_in(templates, "standby")


def test_the_replica_is_the_equal_of_the_primary(templates: Templates) -> None:
    primary, replica = (properties(templates[f"database-{role}"], "Database") for role in ("primary", "replica"))
    only_primary = {
        "Engine",
        "EngineLifecycleSupport",
        "AllocatedStorage",
        "StorageEncrypted",
        "DBName",
        "MasterUsername",
        "MasterUserPassword",
        "BackupRetentionPeriod",
        "PreferredBackupWindow",
        "DeleteAutomatedBackups",
        "AutomaticBackupReplicationRegion",
        "AutomaticBackupReplicationKmsKeyId",
        "AutomaticBackupReplicationRetentionPeriod",
    }
    assert set(primary) - set(replica) == only_primary
    assert {name: value for name, value in primary.items() if name not in only_primary} == {
        name: value for name, value in replica.items() if not name.startswith("Source")
    }


@pytest.mark.parametrize("role", ["primary", "replica"])
def test_a_subnet_group_and_a_parameter_group_each(templates: Templates, role: str) -> None:
    template = templates[f"database-{role}"]
    database = properties(template, "Database")
    assert database["DBSubnetGroupName"] == {"Ref": "SubnetGroup"}
    assert database["DBParameterGroupName"] == {"Ref": "ParameterGroup"}
    settings = properties(template, "ParameterGroup")["Parameters"]
    assert settings["rds.force_ssl"] == "1"
    assert settings["log_statement"] == {"Ref": "LogStatement"}
    assert settings["track_commit_timestamp"] == "1"
    assert "pgaudit" in settings["shared_preload_libraries"]
    assert settings["max_slot_wal_keep_size"] == {"Ref": "MaxSlotWalKeepMib"}


def test_security_groups_let_in_only_clients_and_our_functions(templates: Templates) -> None:
    security = templates["security"]
    into_database = [
        body["Properties"]
        for body in of_type(security, "AWS::EC2::SecurityGroupIngress").values()
        if body["Properties"]["GroupId"] == {"Fn::GetAtt": ["DatabaseSecurityGroup", "GroupId"]}
    ]
    assert [rule["SourceSecurityGroupId"]["Fn::GetAtt"][0] for rule in into_database] == [
        "ClientSecurityGroup",
        "FunctionSecurityGroup",
    ]
    assert {rule["FromPort"] for rule in into_database} == {5432}


@pytest.mark.parametrize("name", ["network", "security", "peering-request", "peering-accept"])
def test_nothing_is_open_to_the_world(templates: Templates, name: str) -> None:
    assert "0.0.0.0/0" not in str(templates[name])
    assert "::/0" not in str(templates[name])


def test_a_secret_with_a_generated_password_is_replicated_under_the_other_sites_key(templates: Templates) -> None:
    secret = properties(templates["database-primary"], "Secret")
    assert secret["GenerateSecretString"]["GenerateStringKey"] == "password"
    assert secret["GenerateSecretString"]["PasswordLength"] == 32
    assert "password" not in secret["GenerateSecretString"]["SecretStringTemplate"]["Fn::Sub"]
    assert secret["ReplicaRegions"] == [{"Region": {"Ref": "PeerRegion"}, "KmsKeyId": {"Ref": "PeerSecretKeyArn"}}]


def test_the_hosted_zone_serves_both_vpcs_with_weights_100_and_0(templates: Templates) -> None:
    dns = templates["dns"]
    assert properties(dns, "Zone")["VPCs"] == [
        {"VPCId": {"Ref": "HomeVpcId"}, "VPCRegion": {"Ref": "HomeRegion"}},
        {"VPCId": {"Ref": "StandbyVpcId"}, "VPCRegion": {"Ref": "StandbyRegion"}},
    ]
    assert properties(dns, "HomeWriterRecord")["Weight"] == 100
    assert properties(dns, "StandbyWriterRecord")["Weight"] == 0


@pytest.mark.parametrize("name", ["probe", "rotation"])
def test_the_functions_that_speak_to_the_database_are_in_the_vpc(templates: Templates, name: str) -> None:
    function = properties(templates[name], f"{name.capitalize()}Function")
    assert function["VpcConfig"] == {
        "SubnetIds": {"Ref": "FunctionSubnetIds"},
        "SecurityGroupIds": [{"Ref": "FunctionSecurityGroupId"}],
    }


def test_an_encrypted_topic_that_alarms_and_database_events_may_reach(templates: Templates) -> None:
    monitoring = templates["monitoring"]
    assert properties(monitoring, "Topic")["KmsMasterKeyId"] == {"Ref": "NotificationKeyArn"}
    statement, plain = properties(monitoring, "TopicPolicy")["PolicyDocument"]["Statement"]
    assert (plain["Effect"], plain["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    publishers = {"cloudwatch.amazonaws.com", "events.rds.amazonaws.com"}
    assert set(statement["Principal"]["Service"]) == publishers
    key = properties(templates["keys"], "NotificationKey")["KeyPolicy"]["Statement"][-1]
    assert set(key["Principal"]["Service"]) == publishers
    assert key["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]


@pytest.mark.parametrize(
    ("alarm", "metric"),
    [
        ("CpuAlarm", "CPUUtilization"),
        ("ReplicaLagAlarm", "ReplicaLag"),
        ("HeartbeatAlarm", "HeartbeatAgeSeconds"),
        ("ProbeErrorsAlarm", "Errors"),
        ("RotationErrorsAlarm", "Errors"),
        ("ProbeSilenceAlarm", "Reachable"),
        ("MemoryAlarm", "FreeableMemory"),
        ("StorageAlarm", "FreeStorageSpace"),
        ("ConnectionsAlarm", "DatabaseConnections"),
        ("SlotLagAlarm", "OldestReplicationSlotLag"),
        ("WalDiskAlarm", "TransactionLogsDiskUsage"),
    ],
)
@pytest.mark.parametrize("root", ["primary", "standby"])
def test_alarms_at_both_sites(templates: Templates, root: str, alarm: str, metric: str) -> None:
    assert "monitoring" in nested_in(templates, root)
    body = properties(templates["monitoring"], alarm)
    assert body["MetricName"] == metric
    assert body["AlarmActions"] == [{"Ref": "Topic"}]


def test_an_idle_primary_does_not_raise_the_lag_alarm(templates: Templates) -> None:
    assert templates["monitoring"]["Parameters"]["ReplicaLagAlarmSeconds"]["MinValue"] > 300


def test_a_silent_probe_raises_an_alarm(templates: Templates) -> None:
    assert properties(templates["monitoring"], "ProbeSilenceAlarm")["TreatMissingData"] == "breaching"


def test_every_log_group_forgets_in_time_and_is_encrypted(templates: Templates) -> None:
    groups = [body["Properties"] for t in templates.values() for body in of_type(t, "AWS::Logs::LogGroup").values()]
    assert len(groups) >= 9
    assert all(group["RetentionInDays"] == {"Ref": "LogRetentionDays"} for group in groups)
    assert all(group["KmsKeyId"] == {"Ref": "LogKeyArn"} for group in groups)


@pytest.mark.parametrize("role", ["primary", "replica"])
def test_database_log_groups_are_made_before_the_database(templates: Templates, role: str) -> None:
    body = templates[f"database-{role}"]["Resources"]["Database"]
    assert body["DependsOn"] == ["PostgresqlLogGroup", "UpgradeLogGroup"]
    assert body["Properties"]["EnableCloudwatchLogsExports"] == ["postgresql", "upgrade"]


def test_production_is_protected_by_default(templates: Templates) -> None:
    parameters = templates["primary"]["Parameters"]
    assert parameters["DeletionProtection"]["Default"] == "true"
    assert parameters["DatabaseDeletionPolicy"]["Default"] == "Snapshot"
    assert parameters["DataDeletionPolicy"]["Default"] == "Retain"


def test_a_test_environment_can_be_destroyed(templates: Templates) -> None:
    parameters = templates["primary"]["Parameters"]
    assert "false" in parameters["DeletionProtection"]["AllowedValues"]
    assert "Delete" in parameters["DatabaseDeletionPolicy"]["AllowedValues"]
    for name, logical, policy in (
        ("database-primary", "Database", "DatabaseDeletionPolicy"),
        ("database-replica", "Database", "DatabaseDeletionPolicy"),
        ("database-primary", "Secret", "DataDeletionPolicy"),
        ("keys", "DatabaseKey", "DataDeletionPolicy"),
        ("keys", "BackupKey", "DataDeletionPolicy"),
    ):
        body = templates[name]["Resources"][logical]
        assert body["DeletionPolicy"] == body["UpdateReplacePolicy"] == {"Ref": policy}
        assert templates[name]["Transform"] == "AWS::LanguageExtensions"


def test_backups_are_replicated_under_a_key_of_the_other_region(templates: Templates) -> None:
    database = properties(templates["database-primary"], "Database")
    assert database["AutomaticBackupReplicationRegion"]["Fn::If"][1] == {"Ref": "PeerRegion"}
    assert database["AutomaticBackupReplicationKmsKeyId"]["Fn::If"][1] == {"Ref": "PeerBackupKeyArn"}


def test_rotation_is_scheduled_only_where_the_secret_is_at_home(templates: Templates) -> None:
    secret_at_home = {
        root: templates[root]["Resources"]["Rotation"]["Properties"]["Parameters"]["SecretAtHome"]
        for root in ("primary", "standby")
    }
    assert secret_at_home == {"primary": "yes", "standby": "no"}
    schedule = templates["rotation"]["Resources"]["RotationSchedule"]
    assert schedule["Condition"] == "RotatesHere"
    assert schedule["Properties"]["RotateImmediatelyOnUpdate"] in {False, "false"}
