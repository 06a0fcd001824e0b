"""E9119: a replica that leaves its security groups to chance."""

from collections.abc import Iterator
from typing import ClassVar

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from dr_templates.rules._rds import replicas
from dr_templates.rules._values import choices, fault, possible


class ReplicaSecurity(CloudFormationLintRule):
    """A replica does not take over its source's security groups in another region (fact A11)."""

    id = "E9119"
    shortdesc = "A read replica has no VPCSecurityGroups"
    description = (
        "Without VPCSecurityGroups a replica gets the default group of its VPC, at creation or at the next update of "
        "the stack: after the promotion no client reaches it, or every one does."
    )
    source_url = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html"
    )
    tags: ClassVar[list[str]] = ["resources", "rds", "replica", "security"]

    def match(self, cfn: Template) -> Iterator[RuleMatch]:
        """Yield a fault for each replica whose security groups are missing or none."""
        for replica in replicas(cfn):
            for groups in choices(replica.resource.properties, "VPCSecurityGroups"):
                path = replica.resource.properties.path if groups.absent else groups.path
                if (groups.absent or groups.value == []) and possible(cfn, replica.source, groups):
                    yield fault(path, "A replica needs VPCSecurityGroups of its own")
