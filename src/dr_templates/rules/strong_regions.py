"""E9125: a strongly consistent table over regions that cannot share one."""

from collections.abc import Iterator
from itertools import chain, product
from typing import ClassVar

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from dr_templates.rules._intrinsics import literal
from dr_templates.rules._values import Resource, Value, elements, fault, possible, present, resources

SETS = (
    frozenset({"us-east-1", "us-east-2", "us-west-2"}),
    frozenset({"eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1"}),
)
"""The sets of regions known to form strongly consistent tables; a region in none of them is not judged."""


class StrongRegions(CloudFormationLintRule):
    """All replicas and the witness of such a table lie in one set of regions (fact D2)."""

    id = "E9125"
    shortdesc = "A strongly consistent global table spans two sets of regions"
    description = (
        "A global table with MultiRegionConsistency STRONG has its replicas and its witness in one set of regions: "
        + " or ".join(", ".join(sorted(regions)) for regions in SETS)
        + ". DynamoDB refuses a mixture when the table is made."
    )
    source_url = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html"
    tags: ClassVar[list[str]] = ["resources", "dynamodb"]

    def match(self, cfn: Template) -> Iterator[RuleMatch]:
        """Yield a fault at each region that is in another set than the table's first."""
        for table in resources(cfn, "AWS::DynamoDB::GlobalTable"):
            regions = _regions(table)
            strong = [v for v in present(table.properties, "MultiRegionConsistency") if literal(v.value) == "STRONG"]
            for one, other in product(regions[:1], regions[1:]):
                if _set_of(one) != _set_of(other) and any(possible(cfn, one, other, value) for value in strong):
                    yield fault(
                        other.path, f"{literal(other.value)} is in another set of regions than the table's first"
                    )


def _regions(table: Resource) -> list[Value]:
    members = chain(elements(table.properties, "Replicas"), elements(table.properties, "GlobalTableWitnesses"))
    regions = [region for member in members for region in present(member, "Region")]
    return [region for region in regions if _set_of(region) is not None]


def _set_of(region: Value) -> frozenset[str] | None:
    return next((regions for regions in SETS if literal(region.value) in regions), None)
