"""W9123: an alarm on replication lag that goes off while all is well."""

from collections.abc import Iterator
from typing import ClassVar

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from dr_templates.rules._intrinsics import literal, number
from dr_templates.rules._values import Resource, Value, fault, possible, present, resources

IDLE_SECONDS = 300
"""How far ReplicaLag climbs on an idle source: a WAL segment is switched every five minutes."""


class LagThreshold(CloudFormationLintRule):
    """On an idle source ReplicaLag is a saw-tooth of up to five minutes (fact A33)."""

    id = "W9123"
    shortdesc = "An alarm on ReplicaLag goes off on an idle database"
    description = (
        "ReplicaLag of RDS for PostgreSQL is the age of the last replayed transaction. Where nothing is written it "
        f"climbs to {IDLE_SECONDS} seconds between two WAL segments, so a threshold up to that wakes somebody for "
        "nothing; a heartbeat row measures lag below it."
    )
    source_url = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PostgreSQL.Replication.ReadReplicas.html"
    tags: ClassVar[list[str]] = ["resources", "cloudwatch", "rds", "replica"]

    def match(self, cfn: Template) -> Iterator[RuleMatch]:
        """Yield a warning at each such threshold."""
        for alarm in resources(cfn, "AWS::CloudWatch::Alarm"):
            if not _says(alarm, "Namespace", "AWS/RDS") or not _says(alarm, "MetricName", "ReplicaLag"):
                continue
            for threshold in present(alarm.properties, "Threshold"):
                seconds = number(cfn, threshold.value)
                if seconds is not None and seconds <= IDLE_SECONDS and _upwards(cfn, alarm, threshold):
                    yield fault(threshold.path, f"ReplicaLag reaches {IDLE_SECONDS} s on an idle source")


def _says(alarm: Resource, name: str, text: str) -> bool:
    return {literal(value.value) for value in present(alarm.properties, name)} == {text}


def _upwards(cfn: Template, alarm: Resource, threshold: Value) -> bool:
    operators = present(alarm.properties, "ComparisonOperator")
    return any(
        (literal(operator.value) or "").startswith("GreaterThan") and possible(cfn, operator, threshold)
        for operator in operators
    )
