"""The database at home: the instance that is created with data in it, its password, and backups in both regions."""

from typing import Any

from troposphere import Equals, If, NoValue, Ref, Sub, Template, rds, secretsmanager

from dr_templates.runtime.passwords import UNUSABLE
from dr_templates.tiers import database, sheet


def build() -> Template:
    """Give the primary. Its password is ours, never ``ManageMasterUserPassword``, which forbids replicas (fact A38)."""
    template = sheet.begin(
        "Database at the home site: RDS for PostgreSQL, its secret (replicated), backups (replicated).",
        (
            *database.TAKES,
            "AllocatedStorageGib",
            "DatabaseName",
            "MasterUsername",
            "BackupRetentionDays",
            "BackupWindow",
            "ReplicatedBackupRetentionDays",
            "SecretKeyArn",
            "PeerSecretKeyArn",
            "PeerBackupKeyArn",
            "ZoneName",
        ),
        extensions=True,
    )
    secret = template.add_resource(_secret())
    instance = template.add_resource(
        rds.DBInstance(
            "Database",
            Engine="postgres",
            EngineLifecycleSupport="open-source-rds-extended-support-disabled",
            AllocatedStorage=Ref("AllocatedStorageGib"),
            StorageEncrypted=True,
            DBName=Ref("DatabaseName"),
            MasterUsername=Ref("MasterUsername"),
            MasterUserPassword=Sub("{{resolve:secretsmanager:${Secret}:SecretString:password}}"),
            BackupRetentionPeriod=Ref("BackupRetentionDays"),
            PreferredBackupWindow=Ref("BackupWindow"),
            DeleteAutomatedBackups=If(_disposable(template), "true", "false"),
            **_replicated_backups(template),
            **database.shape(template),
        )
    )
    database.offer(template, instance)
    sheet.give(template, "SecretArn", Ref(secret), "The master user's secret.")
    return template


def _disposable(template: Template) -> str:
    """Name the condition of a test environment: backups go with the instance only if the instance itself does."""
    template.add_condition("IsDisposable", Equals(Ref("DatabaseDeletionPolicy"), "Delete"))
    return "IsDisposable"


def _replicated_backups(template: Template) -> dict[str, Any]:
    """Copy backups to the other region: a replica copies a DROP TABLE, a backup does not (fact A37)."""
    on = sheet.unless(template, "ReplicatesBackups", "ReplicatedBackupRetentionDays", "0")
    return {
        "AutomaticBackupReplicationRegion": If(on, Ref("PeerRegion"), NoValue),
        "AutomaticBackupReplicationKmsKeyId": If(on, Ref("PeerBackupKeyArn"), NoValue),
        "AutomaticBackupReplicationRetentionPeriod": If(on, Ref("ReplicatedBackupRetentionDays"), NoValue),
    }


def _secret() -> secretsmanager.Secret:
    """Make the secret, replicated to the other site under that site's own key.

    It names the moving name as its host, not the instance: a replicated secret is an exact copy, so an instance's host
    in it would be wrong after every failover (fact A39; docs/decisions/0004).
    """
    place = '"engine":"postgres","host":"postgres.${ZoneName}","port":5432,"dbname":"${DatabaseName}"'
    return secretsmanager.Secret(
        "Secret",
        Name=Sub("${Name}-${EnvironmentSuffix}/database"),
        Description=Sub("Master user of ${Name}-${EnvironmentSuffix}, the same at both sites"),
        KmsKeyId=Ref("SecretKeyArn"),
        GenerateSecretString=secretsmanager.GenerateSecretString(
            SecretStringTemplate=Sub(f'{{{place},"username":"${{MasterUsername}}"}}'),
            GenerateStringKey="password",
            PasswordLength=32,
            ExcludeCharacters=UNUSABLE,
        ),
        ReplicaRegions=[secretsmanager.ReplicaRegion(Region=Ref("PeerRegion"), KmsKeyId=Ref("PeerSecretKeyArn"))],
        Tags=sheet.tags(),
        DeletionPolicy=Ref("DataDeletionPolicy"),
        UpdateReplacePolicy=Ref("DataDeletionPolicy"),
    )
