"""E9112: a health check that cannot reach what it checks."""

from collections.abc import Iterator
from typing import ClassVar

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from dr_templates.rules._intrinsics import literal, referred
from dr_templates.rules._records import HEALTH_CHECK, Record, health_check, private_zones, records
from dr_templates.rules._values import Value, fault, possible, present, resources

INSIDE = frozenset({"CALCULATED", "CLOUDWATCH_METRIC", "RECOVERY_CONTROL"})


class PrivateHealthCheck(CloudFormationLintRule):
    """Route 53's checkers stand outside every VPC (fact B6)."""

    id = "E9112"
    shortdesc = "A record in a private zone has a health check that reaches out to it"
    description = (
        "The checkers of Route 53 are on the internet and cannot reach an address inside a VPC: the record would be "
        "unhealthy for ever. In a private zone the check must follow an alarm's metric, other checks or a routing "
        "control: " + ", ".join(sorted(INSIDE)) + "."
    )
    source_url = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-private-hosted-zones.html"
    tags: ClassVar[list[str]] = ["resources", "route53"]

    def match(self, cfn: Template) -> Iterator[RuleMatch]:
        """Yield a fault at the HealthCheckId of each record that has such a check."""
        private = private_zones(cfn)
        for record in records(cfn):
            for check in present(record.body, "HealthCheckId"):
                name = health_check(cfn, check)
                if name and _is_private(cfn, record, check, private):
                    kind = next(_reaching_out(cfn, name, check), None)
                    if kind:
                        yield fault(check.path, f"A {kind} check cannot reach a record of a private zone")


def _is_private(cfn: Template, record: Record, check: Value, private: frozenset[str]) -> bool:
    return any(referred(zone.value) in private and possible(cfn, zone, check) for zone in record.zones)


def _reaching_out(cfn: Template, name: str, beside: Value) -> Iterator[str]:
    for resource in resources(cfn, HEALTH_CHECK):
        if resource.name == name:
            for value in present(resource.properties, "HealthCheckConfig", "Type"):
                kind = literal(value.value)
                if kind is not None and kind not in INSIDE and possible(cfn, value, beside):
                    yield kind
