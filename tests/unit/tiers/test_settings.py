"""Single settings that nothing else would miss until the night they matter, each with what it is for."""

from typing import Any

import pytest

from dr_templates.tiers.root import TIERS

Templates = dict[str, dict[str, Any]]

HERE, THERE = "${AWS::Region}", "${PeerRegion}"
DATABASES = ("database-primary", "database-replica")


def ref(name: str) -> dict[str, str]:
    return {"Ref": name}


SETTINGS = [
    *(
        (template, "Database", setting, value, why)
        for template in DATABASES
        for setting, value, why in (
            ("DeletionProtection", ref("DeletionProtection"), "the parameter decides, nothing else"),
            ("EnableIAMDatabaseAuthentication", "true", "or the probe cannot log in (A43)"),
            ("CACertificateIdentifier", "rds-ca-rsa2048-g1", "the regions' defaults may differ (A42)"),
            ("AutoMinorVersionUpgrade", "false", "it would take the primary before its replica (A36)"),
            ("AllowMajorVersionUpgrade", "false", "it breaks replication"),
            ("CopyTagsToSnapshot", "true", "or nobody knows whose snapshot it is"),
            ("PubliclyAccessible", "false", "nothing is open to the world"),
            ("MultiAZ", ref("MultiAz"), "at both sites (A8)"),
            ("MaxAllocatedStorage", ref("MaxAllocatedStorageGib"), "the same at both sites (A35)"),
            (
                "VPCSecurityGroups",
                [ref("DatabaseSecurityGroupId")],
                "or an update falls back to the default group (A11)",
            ),
            ("KmsKeyId", ref("DatabaseKeyArn"), "a key of the instance's own region (A1)"),
            ("DBInstanceIdentifier", {"Fn::Sub": "${Name}-${EnvironmentSuffix}-${SiteName}"}, "fixed (A17)"),
        )
    ),
    ("dns", "HomeInactiveAlarm", "TreatMissingData", "ignore", "silence must not move the name"),
    ("dns", "HomeInactiveAlarm", "EvaluationPeriods", 1, "minutes count when the name moves"),
    ("dns", "HomeInactiveAlarm", "Namespace", "DatabaseRecovery", "what the brain publishes"),
    ("dns", "HomeInactiveAlarm", "MetricName", "ActiveSite", "what the brain publishes"),
    ("dns", "StandbyInactiveAlarm", "TreatMissingData", "ignore", "silence must not move the name"),
    ("dns", "HomeWriterRecord", "ResourceRecords", [ref("HomeDatabaseEndpoint")], "its own database"),
    ("dns", "HomeReaderRecord", "ResourceRecords", [ref("HomeDatabaseEndpoint")], "its own database"),
    ("dns", "StandbyWriterRecord", "ResourceRecords", [ref("StandbyDatabaseEndpoint")], "its own database"),
    ("dns", "StandbyReaderRecord", "ResourceRecords", [ref("StandbyDatabaseEndpoint")], "its own database"),
    ("network", "Vpc", "EnableDnsHostnames", "true", "a private zone needs it (B1)"),
    ("network", "Vpc", "EnableDnsSupport", "true", "a private zone needs it (B1)"),
    ("network", "InterfaceEndpoint", "PrivateDnsEnabled", "true", "or functions ask the public address and hang"),
    ("network", "FlowLog", "TrafficType", "ALL", "what was refused and what was not"),
    ("network", "DatabaseSubnetAAcl", "SubnetId", ref("DatabaseSubnetA"), "the gate stands before the database"),
    ("network", "DatabaseSubnetBAcl", "SubnetId", ref("DatabaseSubnetB"), "the gate stands before the database"),
    ("network", "DatabaseSubnetCAcl", "SubnetId", ref("DatabaseSubnetC"), "the gate stands before the database"),
    (
        "security",
        "SecretsOut",
        "GroupId",
        {"Fn::GetAtt": ["FunctionSecurityGroup", "GroupId"]},
        "functions read secrets",
    ),
    ("security", "SecretsOut", "DestinationSecurityGroupId", ref("EndpointSecurityGroupId"), "and nothing else"),
    ("probe", "ProbeSchedule", "ScheduleExpression", "rate(1 minute)", "the silence alarm counts minutes"),
    ("probe", "ProbeSchedule", "State", "ENABLED", "a probe that is off watches nobody"),
    ("probe", "PreparedDatabase", "Archive", ref("ProbeArchiveKey"), "new code prepares anew"),
    ("probe", "PreparedDatabase", "Database", ref("DatabaseResourceId"), "a new instance is prepared anew"),
    (
        "probe",
        "ProbeScheduleMayInvoke",
        "SourceArn",
        {"Fn::GetAtt": ["ProbeSchedule", "Arn"]},
        "no rule of anybody else's may run the probe",
    ),
    ("watchdog", "WatchdogSchedule", "ScheduleExpression", "rate(1 minute)", "a run lasts most of a minute"),
    ("watchdog", "WatchdogSchedule", "State", "ENABLED", "nobody may count on a watchdog that is off"),
    (
        "watchdog",
        "WatchdogFunction",
        "Timeout",
        80,
        "52 seconds, and a last look whose calls all hang",
    ),
    ("failover", "TicksSchedule", "ScheduleExpression", "rate(1 minute)", "the silence alarm counts minutes"),
    ("failover", "TicksSchedule", "State", "ENABLED", "a failover that is off helps nobody"),
    ("failover", "Moves", "StateMachineType", "STANDARD", "only there a name can be taken once (C5)"),
    ("failover", "StateTable", "BillingMode", "PAY_PER_REQUEST", "no capacity may run out on that night"),
    (
        "failover",
        "StateTable",
        "PointInTimeRecoverySpecification",
        {"PointInTimeRecoveryEnabled": True},
        "what was written over can be looked up",
    ),
    ("failover", "StateTable", "DeletionProtectionEnabled", ref("DeletionProtection"), "as the database"),
    ("rotation", "SecretsManagerMayRotate", "SourceAccount", ref("AWS::AccountId"), "no secret of another account"),
    ("rotation", "RotationSchedule", "RotationRules", {"AutomaticallyAfterDays": ref("RotationDays")}, "as configured"),
]


@pytest.mark.parametrize(("template", "resource", "setting", "value", "why"), SETTINGS)
def test_the_setting_stands(
    templates: Templates, template: str, resource: str, setting: str, value: object, why: str
) -> None:
    found = templates[template]["Resources"][resource]["Properties"][setting]
    assert (str(found).lower() if isinstance(found, bool) else found) == value, why


@pytest.mark.parametrize("template", DATABASES)
def test_what_is_done_to_the_database_is_audited(templates: Templates, template: str) -> None:
    settings = templates[template]["Resources"]["ParameterGroup"]["Properties"]["Parameters"]
    assert settings["pgaudit.log"] == "ddl,role"
    assert settings["shared_preload_libraries"].split(",") == ["pg_stat_statements", "pgaudit"]


def test_keys_turn_over_and_serve_the_service_in_both_regions(templates: Templates) -> None:
    for body in templates["keys"]["Resources"].values():
        if body["Type"] != "AWS::KMS::Key":
            continue
        assert body["Properties"]["EnableKeyRotation"] in {True, "true"}
        for statement in body["Properties"]["KeyPolicy"]["Statement"]:
            if statement["Sid"] == "UsedThroughTheService":
                services = [name["Fn::Sub"] for name in statement["Condition"]["StringEquals"]["kms:ViaService"]]
                assert [name.split(".", 1)[1] for name in services] == [
                    f"{HERE}.amazonaws.com",
                    f"{THERE}.amazonaws.com",
                ]


def test_the_replicas_secret_has_the_rest_of_the_arn_and_its_own_region(templates: Templates) -> None:
    text, parts = templates["database-replica"]["Outputs"]["SecretArn"]["Value"]["Fn::Sub"]
    arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:orders-prod/database-AbCdEf"
    index, split = parts["Rest"]["Fn::Select"]
    separator, source = split["Fn::Split"]
    assert source == ref("PeerSecretArn")
    rest = arn.split(separator)[index]
    here = text.replace("${AWS::Partition}", "aws").replace("${AWS::Region}", "eu-west-1")
    here = here.replace("${AWS::AccountId}", "111122223333").replace("${Rest}", rest)
    assert here == arn.replace("us-east-1", "eu-west-1")


@pytest.mark.parametrize(
    ("tier", "role", "actions"),
    [
        (
            "rotation",
            "RotationRole",
            {
                "secretsmanager:DescribeSecret",
                "secretsmanager:GetSecretValue",
                "secretsmanager:PutSecretValue",
                "secretsmanager:UpdateSecretVersionStage",
                "secretsmanager:GetRandomPassword",
                "kms:Decrypt",
                "kms:Encrypt",
                "kms:GenerateDataKey",
            },
        ),
        ("probe", "PrepareRole", {"rds-db:connect", "secretsmanager:GetSecretValue", "kms:Decrypt"}),
        ("probe", "ProbeRole", {"rds-db:connect"}),
        (
            "watchdog",
            "WatchdogRole",
            {
                "dynamodb:GetItem",
                "dynamodb:PutItem",
                "rds:DescribeDBInstances",
                "lambda:InvokeFunction",
                "ec2:DescribeNetworkAcls",
                "ec2:CreateNetworkAclEntry",
                "ec2:DeleteNetworkAclEntry",
            },
        ),
        (
            "failover",
            "ObserveRole",
            {
                "dynamodb:GetItem",
                "rds:DescribeDBInstances",
                "rds:DescribeEvents",
                "lambda:InvokeFunction",
                "ec2:DescribeNetworkAcls",
                "secretsmanager:DescribeSecret",
            },
        ),
        ("failover", "DecideRole", set()),
        (
            "failover",
            "PerformRole",
            {
                "dynamodb:GetItem",
                "dynamodb:PutItem",
                "rds:DescribeDBInstances",
                "rds:PromoteReadReplica",
                "rds:ModifyDBInstance",
                "rds:AddTagsToResource",
                "lambda:InvokeFunction",
                "ec2:DescribeNetworkAcls",
                "ec2:CreateNetworkAclEntry",
                "ec2:DeleteNetworkAclEntry",
                "secretsmanager:DescribeSecret",
                "secretsmanager:RotateSecret",
                "secretsmanager:StopReplicationToReplica",
                "cloudwatch:PutMetricData",
                "sns:Publish",
                "kms:Decrypt",
                "kms:GenerateDataKey",
                "states:StartExecution",
                "states:DescribeExecution",
            },
        ),
        ("failover", "MovesRole", {"lambda:InvokeFunction"}),
        ("failover", "TicksRole", {"states:StartExecution"}),
        (
            "network",
            "DefaultSecurityGroupRole",
            {
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSecurityGroupRules",
                "ec2:RevokeSecurityGroupIngress",
                "ec2:RevokeSecurityGroupEgress",
            },
        ),
        ("network", "PrefixListRole", {"ec2:DescribeManagedPrefixLists"}),
        (
            "peering-accept",
            "PeeringDnsRole",
            {"ec2:DescribeVpcPeeringConnections", "ec2:ModifyVpcPeeringConnectionOptions"},
        ),
    ],
)
def test_a_function_has_the_rights_its_code_uses_and_no_more(
    templates: Templates, tier: str, role: str, actions: set[str]
) -> None:
    document = templates[tier]["Resources"][role]["Properties"]["Policies"][0]["PolicyDocument"]
    granted = {
        action
        for statement in document["Statement"]
        if statement["Effect"] == "Allow" and statement["Sid"] not in {"WriteOwnLogs", "AttachToVpc", "LookAtVpc"}
        for action in statement["Action"]
    }
    assert granted == actions


@pytest.mark.parametrize("tier", TIERS)
def test_services_act_for_this_account_alone(templates: Templates, tier: str) -> None:
    """Lambda's own trust knows no source account; every other service that is let in must name this one."""
    for name, body in templates[tier]["Resources"].items():
        trust = body.get("Properties", {}).get("AssumeRolePolicyDocument")
        for statement in trust["Statement"] if trust else ():
            if statement["Principal"]["Service"] != "lambda.amazonaws.com":
                condition = statement["Condition"]["StringEquals"]
                assert condition == {"aws:SourceAccount": ref("AWS::AccountId")}, name


def test_only_publishers_of_this_account_reach_the_topic(templates: Templates) -> None:
    allowed, _ = templates["monitoring"]["Resources"]["TopicPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert allowed["Condition"] == {"StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")}}


def test_answers_leave_for_whoever_may_ask(templates: Templates) -> None:
    entries = templates["network"]["Resources"]
    for place in ("", "Peer"):
        asked, answered = (entries[f"DatabaseAcl{place}{kind}"]["Properties"] for kind in ("Clients", "Answers"))
        assert asked["CidrBlock"] == answered["CidrBlock"]
        assert asked["RuleNumber"] == answered["RuleNumber"]
