"""E9113: weighted records that do not answer as one."""

from collections.abc import Iterator
from itertools import combinations
from typing import ClassVar

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from dr_templates.rules._intrinsics import literal
from dr_templates.rules._records import Record, records
from dr_templates.rules._values import Value, choices, fault, possible, present


class WeightedRecords(CloudFormationLintRule):
    """Weighted siblings share a TTL (fact B11), and a zero weight needs checks on all of them (fact B9)."""

    id = "E9113"
    shortdesc = "Weighted records differ in TTL, or one has weight zero without checks"
    description = (
        "Records of one name that share their traffic by weight must have one TTL, or clients keep the one that lives "
        "longest. A record of weight zero is answered only when every other one is unhealthy, which Route 53 knows "
        "only if every record of the name has a health check: without, the standby's record is never answered."
    )
    source_url = (
        "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html"
    )
    tags: ClassVar[list[str]] = ["resources", "route53"]

    def match(self, cfn: Template) -> Iterator[RuleMatch]:
        """Yield a fault for each TTL that differs from a sibling's, and for each zero weight in vain."""
        for siblings in _siblings(cfn):
            yield from _ttl_faults(cfn, siblings)
            yield from _weight_faults(cfn, siblings)


def _siblings(cfn: Template) -> Iterator[list[Record]]:
    groups: dict[tuple[str, str, str], list[Record]] = {}
    for record in records(cfn):
        if record.name is not None and any(True for _ in present(record.body, "Weight")):
            groups.setdefault(record.name, []).append(record)
    return (group for group in groups.values() if len(group) > 1)


def _ttl_faults(cfn: Template, siblings: list[Record]) -> Iterator[RuleMatch]:
    known = [value for record in siblings for value in present(record.body, "TTL") if literal(value.value) is not None]
    for one, other in combinations(known, 2):
        if literal(one.value) != literal(other.value) and possible(cfn, one, other):
            yield fault(other.path, "The TTL differs from a sibling's")


def _weight_faults(cfn: Template, siblings: list[Record]) -> Iterator[RuleMatch]:
    for record in siblings:
        for weight in present(record.body, "Weight"):
            others = [sibling for sibling in siblings if sibling is not record]
            if _is_zero(weight) and _some_weigh(cfn, weight, others) and _unchecked(cfn, weight, siblings):
                yield fault(weight.path, "Weight 0 is never answered unless every sibling has a HealthCheckId")


def _is_zero(weight: Value) -> bool:
    return literal(weight.value) == "0"


def _some_weigh(cfn: Template, beside: Value, others: list[Record]) -> bool:
    weights = (weight for other in others for weight in present(other.body, "Weight"))
    return any(not _is_zero(weight) and possible(cfn, weight, beside) for weight in weights)


def _unchecked(cfn: Template, beside: Value, siblings: list[Record]) -> bool:
    checks = (check for sibling in siblings for check in choices(sibling.body, "HealthCheckId"))
    return any(check.absent and possible(cfn, check, beside) for check in checks)
