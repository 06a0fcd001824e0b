"""The database at the other site: a replica across regions today, the primary tomorrow."""

from typing import ClassVar

from troposphere import Ref, Select, Split, Sub, Template, rds

from dr_templates.tiers import database, sheet


class ReadReplica(rds.DBInstance):
    """A DBInstance that is a replica, with the checks that hold for one.

    The stock class demands an engine and storage encryption and refuses Multi-AZ; CloudFormation forbids the first two
    beside a source and allows the third (facts A2, A3, A5, A8), so with it this replica cannot be written.
    """

    NEEDED: ClassVar = ("SourceDBInstanceIdentifier", "SourceRegion", "KmsKeyId", "VPCSecurityGroups")
    FORBIDDEN: ClassVar = (
        "Engine",
        "StorageEncrypted",
        "DBName",
        "MasterUsername",
        "MasterUserPassword",
        "ManageMasterUserPassword",
        "BackupRetentionPeriod",
        "PreferredBackupWindow",
        "DBSnapshotIdentifier",
        "CharacterSetName",
    )

    def validate(self) -> bool:
        """Refuse what a cross-region replica must have and has not, or must not have and has (facts A1, A2, A6, A11).

        Raises ``ValueError`` naming the properties.
        """
        missing = [name for name in self.NEEDED if name not in self.properties]
        surplus = [name for name in self.FORBIDDEN if name in self.properties]
        if missing or surplus:
            message = f"{self.title}: a replica in another region needs {missing} and must not set {surplus}"
            raise ValueError(message)
        return True


def build() -> Template:
    """Give the replica. Promotion gives it backups of its own; until then they could only stop one (facts A6, A25).

    Storage size is left to the source: autoscaling may have moved it past what any template says.
    """
    template = sheet.begin(
        "Database at the other site: replica of the home site's, across regions, with all a primary needs.",
        (*database.TAKES, "PeerSecretArn"),
        extensions=True,
    )
    source = Sub(
        "arn:${AWS::Partition}:rds:${PeerRegion}:${AWS::AccountId}:db:${Name}-${EnvironmentSuffix}-${PeerSiteName}"
    )
    instance = template.add_resource(
        ReadReplica(
            "Database",
            SourceDBInstanceIdentifier=source,
            SourceRegion=Ref("PeerRegion"),
            **database.shape(template),
        )
    )
    database.offer(template, instance)
    here = Sub(
        "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${Rest}",
        Rest=Select(6, Split(":", Ref("PeerSecretArn"))),
    )
    sheet.give(template, "SecretArn", here, "The secret's copy here: the same ARN but for the region (fact A41).")
    return template
