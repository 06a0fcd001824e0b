"""E9109: a database that may be reached from the internet."""

from collections.abc import Iterator
from typing import ClassVar

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from dr_templates.rules._rds import INSTANCE
from dr_templates.rules._values import choices, fault, resources


class PublicDatabase(CloudFormationLintRule):
    """What RDS assumes when nothing is said depends on the subnet group, so the template says it."""

    id = "E9109"
    shortdesc = "A DB instance is not explicitly private"
    description = (
        "PubliclyAccessible must be an explicit false. Left out, RDS decides by the subnet group and by whether its "
        "VPC has an internet gateway, and may decide otherwise at the other site."
    )
    source_url = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html"
    )
    tags: ClassVar[list[str]] = ["resources", "rds", "security"]

    def match(self, cfn: Template) -> Iterator[RuleMatch]:
        """Yield a fault where PubliclyAccessible is true or can be missing."""
        for resource in resources(cfn, INSTANCE):
            for value in choices(resource.properties, "PubliclyAccessible"):
                if value.true:
                    yield fault(value.path, "The database must not be reachable from the internet")
                elif value.absent:
                    yield fault(resource.properties.path, "PubliclyAccessible must be false, not left out")
