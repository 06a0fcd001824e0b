"""W9118: an instance that can never get a replica."""

from collections.abc import Iterator
from typing import ClassVar

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from dr_templates.rules._intrinsics import literal
from dr_templates.rules._rds import INSTANCE, managed_passwords, managed_sources
from dr_templates.rules._values import fault, present, resources

ENGINES = frozenset({"mariadb", "mysql", "postgres"})


class ManagedPassword(CloudFormationLintRule):
    """One template may not show the replica, so what would forbid one is worth a warning (fact A38)."""

    id = "W9118"
    shortdesc = "ManageMasterUserPassword rules out a read replica"
    description = (
        "RDS does not create a read replica, in this region or another, of a PostgreSQL, MySQL or MariaDB instance "
        "whose master password it manages. Where the replica is in the same template, E9103 says so instead."
    )
    source_url = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html"
    tags: ClassVar[list[str]] = ["resources", "rds", "replica", "secretsmanager"]

    def match(self, cfn: Template) -> Iterator[RuleMatch]:
        """Yield a warning at each ManageMasterUserPassword that E9103 does not already report."""
        reported = {password.path for _, password in managed_sources(cfn)}
        for resource in resources(cfn, INSTANCE):
            engines = {literal(value.value) for value in present(resource.properties, "Engine")}
            if not engines & ENGINES:
                continue
            for password in managed_passwords(resource):
                if password.path not in reported:
                    yield fault(password.path, f"{resource.name} can never have a read replica with a managed password")
