"""E9122: backups that cannot be replicated to the other region."""

from collections.abc import Iterator
from typing import ClassVar

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from dr_templates.rules._intrinsics import number
from dr_templates.rules._rds import INSTANCE, arn_region
from dr_templates.rules._values import Resource, Value, choices, fault, possible, present, resources

KEY = "AutomaticBackupReplicationKmsKeyId"
REGION = "AutomaticBackupReplicationRegion"


class BackupReplication(CloudFormationLintRule):
    """Replicated backups are encrypted with a key of the region they go to (fact A37)."""

    id = "E9122"
    shortdesc = "Replicated backups lack a key of their region, or backups to replicate"
    description = (
        "With AutomaticBackupReplicationRegion, an encrypted instance needs AutomaticBackupReplicationKmsKeyId, a key "
        "of that region and not of the stack's own, and neither BackupRetentionPeriod nor the replicated retention may "
        "be 0. RDS refuses the rest when the instance is already made."
    )
    source_url = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReplicateBackups.html"
    tags: ClassVar[list[str]] = ["resources", "rds", "backup", "kms"]

    def match(self, cfn: Template) -> Iterator[RuleMatch]:
        """Yield a fault for a missing key, a key of the stack's region, and a retention of none."""
        for resource in resources(cfn, INSTANCE):
            for region in present(resource.properties, REGION):
                yield from _key_faults(cfn, resource, region)
                yield from _retention_faults(cfn, resource, region)


def _key_faults(cfn: Template, resource: Resource, region: Value) -> Iterator[RuleMatch]:
    for key in choices(resource.properties, KEY):
        for encrypted in present(resource.properties, "StorageEncrypted"):
            if key.absent and encrypted.true and possible(cfn, region, key, encrypted):
                yield fault(resource.properties.path, f"The backups of an encrypted instance need {KEY}")
        if not key.absent and arn_region(key.value, "kms") == "${AWS::Region}" and possible(cfn, region, key):
            yield fault(key.path, f"{KEY} is a key of this stack's region, not of {REGION}")


def _retention_faults(cfn: Template, resource: Resource, region: Value) -> Iterator[RuleMatch]:
    for name in ("BackupRetentionPeriod", "AutomaticBackupReplicationRetentionPeriod"):
        for days in present(resource.properties, name):
            if number(cfn, days.value) == 0 and possible(cfn, region, days):
                yield fault(days.path, f"{name} 0 leaves no backups to replicate")
