"""E9121: a database of the pair that CloudFormation could replace."""

from collections.abc import Iterator
from typing import ClassVar

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from dr_templates.rules._rds import INSTANCE, replicas, sources_here
from dr_templates.rules._values import Value, choices, fault, possible, present, resources


class FixedIdentifier(CloudFormationLintRule):
    """CloudFormation cannot replace an instance whose identifier is written in the template (fact A17)."""

    id = "E9121"
    shortdesc = "An instance that is replicated has no DBInstanceIdentifier"
    description = (
        "A replica, its source and an instance whose backups are replicated need a DBInstanceIdentifier: with one, an "
        "update that would replace the database is refused, and the ARN the other region needs is known beforehand."
    )
    source_url = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html"
    )
    tags: ClassVar[list[str]] = ["resources", "rds", "replica", "names"]

    def match(self, cfn: Template) -> Iterator[RuleMatch]:
        """Yield a fault for each instance of a pair whose identifier can be missing."""
        for properties, reason in _of_a_pair(cfn):
            for identifier in choices(properties, "DBInstanceIdentifier"):
                if identifier.absent and possible(cfn, identifier, reason):
                    yield fault(properties.path, "A replicated instance needs a fixed DBInstanceIdentifier")


def _of_a_pair(cfn: Template) -> Iterator[tuple[Value, Value]]:
    """Give the properties of each such instance, and the value that makes it one."""
    for replica in replicas(cfn):
        yield replica.resource.properties, replica.source
        for source in sources_here(cfn, replica):
            yield source.properties, replica.source
    for resource in resources(cfn, INSTANCE):
        for region in present(resource.properties, "AutomaticBackupReplicationRegion"):
            yield resource.properties, region
