"""E9102: what a replica of another region's instance needs."""

from collections.abc import Iterator
from typing import ClassVar

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from dr_templates.rules._intrinsics import UNKNOWN, spell
from dr_templates.rules._rds import Replica, arn_region, replicas, source_regions
from dr_templates.rules._values import Value, choices, fault, possible


class ReplicaRegion(CloudFormationLintRule):
    """A cross-region replica names its source's region and a key of its own region (fact A1)."""

    id = "E9102"
    shortdesc = "A cross-region read replica lacks its region or a key of its own region"
    description = (
        "A replica whose source is in another region (SourceRegion is set, or the source is an ARN of RDS) needs "
        "SourceRegion, and for an encrypted source the KmsKeyId of a key in its own region: a key of the source's "
        "region cannot be used. A lone reference as source is not judged, for it may name either region."
    )
    source_url = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.XRgn.html"
    tags: ClassVar[list[str]] = ["resources", "rds", "replica", "kms"]

    def match(self, cfn: Template) -> Iterator[RuleMatch]:
        """Yield a fault for a missing region, for two regions that differ, and for a missing or foreign key."""
        for replica in replicas(cfn):
            for region in source_regions(cfn, replica):
                yield from _region_faults(cfn, replica, region)
                yield from _key_faults(cfn, replica, region)


def _region_faults(cfn: Template, replica: Replica, source: Value) -> Iterator[RuleMatch]:
    told = arn_region(replica.source.value, "rds")
    for region in choices(replica.resource.properties, "SourceRegion"):
        if not possible(cfn, source, region):
            continue
        if region.absent:
            yield fault(replica.resource.properties.path, "A replica of another region's instance needs SourceRegion")
        elif told is not None and _differ(told, spell(region.value)):
            yield fault(region.path, f"SourceRegion is not {told}, the region in SourceDBInstanceIdentifier")


def _key_faults(cfn: Template, replica: Replica, source: Value) -> Iterator[RuleMatch]:
    for key in choices(replica.resource.properties, "KmsKeyId"):
        if not possible(cfn, source, key):
            continue
        if key.absent:
            yield fault(
                replica.resource.properties.path,
                "A replica of another region's instance needs KmsKeyId, a key of its own region",
            )
        elif source.value != UNKNOWN and arn_region(key.value, "kms") == source.value:
            yield fault(key.path, f"KmsKeyId is a key of {source.value}, the source's region, not of the replica's own")


def _differ(one: str, other: str) -> bool:
    return "${" not in one + other and one != other
