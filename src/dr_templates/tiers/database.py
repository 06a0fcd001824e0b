"""What primary and replica have in common: nearly all of it, because roles swap and templates do not."""

from typing import Any

from troposphere import GetAtt, If, Join, NoValue, Ref, Select, Split, Sub, Template, iam, logs, rds

from dr_templates.tiers import policy, sheet

CA_CERTIFICATE = "rds-ca-rsa2048-g1"
"""Set at both sites: the two regions' defaults need not be the same (fact A42)."""

LOGS = ("postgresql", "upgrade")
PORT = 5432

TAKES = (
    "Name",
    "EnvironmentSuffix",
    "SiteName",
    "PeerSiteName",
    "PeerRegion",
    "DatabaseSubnetIds",
    "DatabaseSecurityGroupId",
    "DatabaseKeyArn",
    "LogKeyArn",
    "LogRetentionDays",
    "EngineVersion",
    "InstanceClass",
    "MaxAllocatedStorageGib",
    "MultiAz",
    "LogStatement",
    "MaxSlotWalKeepMib",
    "WalRetrieveRetryMs",
    "MonitoringIntervalSeconds",
    "MaintenanceWindow",
    "DeletionProtection",
    "DatabaseDeletionPolicy",
    "DataDeletionPolicy",
)


def shape(template: Template) -> dict[str, Any]:
    """Add subnet group, parameter group, log groups and monitoring role; give the instance's properties that use them.

    The identifier is fixed: CloudFormation cannot replace the instance, and the other site can name it (fact A17).
    Automatic minor upgrades are off, for they would take the primary before its replica (RDS-EVENT-0048, fact A36).
    """
    subnets = template.add_resource(
        rds.DBSubnetGroup(
            "SubnetGroup",
            DBSubnetGroupName=sheet.physical(),
            DBSubnetGroupDescription=Sub("Database subnets of ${SiteName}"),
            SubnetIds=Ref("DatabaseSubnetIds"),
        )
    )
    log_groups = [_log_group(template, log) for log in LOGS]
    return {
        "DBInstanceIdentifier": sheet.physical(),
        "DBInstanceClass": Ref("InstanceClass"),
        "EngineVersion": Ref("EngineVersion"),
        "AllowMajorVersionUpgrade": False,
        "AutoMinorVersionUpgrade": False,
        "StorageType": "gp3",
        "MaxAllocatedStorage": Ref("MaxAllocatedStorageGib"),
        "KmsKeyId": Ref("DatabaseKeyArn"),
        "MultiAZ": Ref("MultiAz"),
        "DBSubnetGroupName": Ref(subnets),
        "VPCSecurityGroups": [Ref("DatabaseSecurityGroupId")],
        "PubliclyAccessible": False,
        "Port": str(PORT),
        "DBParameterGroupName": Ref(_parameter_group(template)),
        "CACertificateIdentifier": CA_CERTIFICATE,
        "EnableIAMDatabaseAuthentication": True,
        "EnableCloudwatchLogsExports": list(LOGS),
        "EnablePerformanceInsights": True,
        "PerformanceInsightsKMSKeyId": Ref("DatabaseKeyArn"),
        "PerformanceInsightsRetentionPeriod": 7,
        "MonitoringInterval": Ref("MonitoringIntervalSeconds"),
        "MonitoringRoleArn": GetAtt(_monitoring_role(template), "Arn"),
        "PreferredMaintenanceWindow": Ref("MaintenanceWindow"),
        "CopyTagsToSnapshot": True,
        "DeletionProtection": Ref("DeletionProtection"),
        "Tags": sheet.tags(),
        "DependsOn": [group.title for group in log_groups],
        "DeletionPolicy": Ref("DatabaseDeletionPolicy"),
        "UpdateReplacePolicy": Ref("DatabaseDeletionPolicy"),
    }


def _parameter_group(template: Template) -> rds.DBParameterGroup:
    """Parameter groups never replicate: each site has its own, of the same family (fact A9).

    ``log_statement`` shows what was done, TLS is forced, commit times make the lost-write report possible, and the
    bound on retained WAL keeps a dead replica from filling the primary's disk (fact A34).
    """
    lowered = sheet.unless(template, "SetsWalRetrieveRetry", "WalRetrieveRetryMs", "")
    return template.add_resource(
        rds.DBParameterGroup(
            "ParameterGroup",
            DBParameterGroupName=sheet.physical(),
            Description=Sub("PostgreSQL at ${SiteName}: TLS forced, statements logged and audited"),
            Family=Join("", ["postgres", Select(0, Split(".", Ref("EngineVersion")))]),
            Parameters={
                "rds.force_ssl": "1",
                "log_statement": Ref("LogStatement"),
                "shared_preload_libraries": "pg_stat_statements,pgaudit",
                "pgaudit.log": "ddl,role",
                "track_commit_timestamp": "1",
                "max_slot_wal_keep_size": Ref("MaxSlotWalKeepMib"),
                "wal_retrieve_retry_interval": If(lowered, Ref("WalRetrieveRetryMs"), NoValue),
            },
            Tags=sheet.tags(),
        )
    )


def _log_group(template: Template, log: str) -> logs.LogGroup:
    """Make the log group before RDS does, or it keeps its events for ever."""
    return template.add_resource(
        logs.LogGroup(
            f"{log.capitalize()}LogGroup",
            LogGroupName=Sub(f"/aws/rds/instance/${{Name}}-${{EnvironmentSuffix}}-${{SiteName}}/{log}"),
            RetentionInDays=Ref("LogRetentionDays"),
            KmsKeyId=Ref("LogKeyArn"),
            DeletionPolicy=Ref("DataDeletionPolicy"),
            UpdateReplacePolicy=Ref("DataDeletionPolicy"),
        )
    )


def _monitoring_role(template: Template) -> iam.Role:
    return template.add_resource(
        iam.Role(
            "MonitoringRole",
            Description="Lets RDS Enhanced Monitoring write its figures",
            AssumeRolePolicyDocument=policy.trust("monitoring.rds"),
            ManagedPolicyArns=[
                Sub("arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole")
            ],
        )
    )


def offer(template: Template, instance: rds.DBInstance) -> None:
    """Give what the tiers behind the database need; the same names at both sites."""
    sheet.give(template, "DatabaseIdentifier", Ref(instance), "The fixed identifier of the instance.")
    sheet.give(template, "DatabaseArn", GetAtt(instance, "DBInstanceArn"), "The instance's ARN.")
    sheet.give(template, "DatabaseEndpoint", GetAtt(instance, "Endpoint.Address"), "Host name; it survives promotion.")
    sheet.give(template, "DatabasePort", GetAtt(instance, "Endpoint.Port"), "Port of the instance.")
    sheet.give(template, "DatabaseResourceId", GetAtt(instance, "DbiResourceId"), "Names the instance in IAM logins.")
