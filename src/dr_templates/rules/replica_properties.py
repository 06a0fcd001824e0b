"""E9101: what a read replica must not set."""

from collections.abc import Iterator
from typing import ClassVar

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from dr_templates.rules._rds import replicas
from dr_templates.rules._values import fault, possible, present

FORBIDDEN = (
    "BackupRetentionPeriod",
    "CharacterSetName",
    "DBName",
    "DBSnapshotIdentifier",
    "Engine",
    "ManageMasterUserPassword",
    "MasterUserPassword",
    "MasterUsername",
    "PreferredBackupWindow",
    "StorageEncrypted",
)


class ReplicaProperties(CloudFormationLintRule):
    """A replica takes these from its source (facts A2, A3, A6) or cannot change them later (A12)."""

    id = "E9101"
    shortdesc = "A read replica sets what it takes from its source"
    description = (
        "With SourceDBInstanceIdentifier set, these come from the source: " + ", ".join(FORBIDDEN) + ". "
        "Some are refused at deploy time; Engine forces StorageEncrypted upon an encrypted replica, which is refused; "
        "backups of its own keep a replica from being promoted while one runs. "
        "Leave them out: adding one later may replace the database."
    )
    source_url = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html"
    )
    tags: ClassVar[list[str]] = ["resources", "rds", "replica"]

    def match(self, cfn: Template) -> Iterator[RuleMatch]:
        """Yield one fault for each forbidden property that one deployment can have beside the source."""
        for replica in replicas(cfn):
            for name in FORBIDDEN:
                for value in present(replica.resource.properties, name):
                    if possible(cfn, replica.source, value):
                        yield fault(value.at, f"{name} must not stand beside SourceDBInstanceIdentifier")
