"""E9103: a source of replicas whose password RDS manages."""

from collections.abc import Iterator
from typing import ClassVar

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from dr_templates.rules._rds import managed_sources
from dr_templates.rules._values import fault


class ManagedPasswordSource(CloudFormationLintRule):
    """RDS makes no replica of an instance whose master password it manages (fact A38)."""

    id = "E9103"
    shortdesc = "The source of a read replica has ManageMasterUserPassword"
    description = (
        "RDS does not create a read replica of an instance whose master password it manages, SQL Server excepted. "
        "This judges a source and a replica in the same template, joined by Ref, GetAtt, identifier or ARN; "
        "give the source a secret of its own."
    )
    source_url = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html"
    tags: ClassVar[list[str]] = ["resources", "rds", "replica", "secretsmanager"]

    def match(self, cfn: Template) -> Iterator[RuleMatch]:
        """Yield a fault at the source's ManageMasterUserPassword."""
        for resource, password in managed_sources(cfn):
            yield fault(password.path, f"{resource.name} has a replica, so RDS cannot manage its master password")
