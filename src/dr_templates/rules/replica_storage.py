"""E9120: a replica that its source can outgrow."""

from collections.abc import Iterator
from typing import ClassVar

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from dr_templates.rules._intrinsics import number
from dr_templates.rules._rds import Replica, replicas, sources_here
from dr_templates.rules._values import Resource, Value, choices, fault, possible


class ReplicaStorage(CloudFormationLintRule):
    """Storage that grows on one side alone ends replication (fact A35)."""

    id = "E9120"
    shortdesc = "MaxAllocatedStorage is not the same on a source and its replica"
    description = (
        "A source whose storage grows by itself outgrows a replica whose storage does not, or not as far, and "
        "replication stops. Both sides in the same template must set MaxAllocatedStorage, the replica no less."
    )
    source_url = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html"
    tags: ClassVar[list[str]] = ["resources", "rds", "replica"]

    def match(self, cfn: Template) -> Iterator[RuleMatch]:
        """Yield a fault at the side that sets no cap, or at a replica's cap below its source's."""
        for replica in replicas(cfn):
            for source in sources_here(cfn, replica):
                yield from _faults(cfn, replica, source)


def _faults(cfn: Template, replica: Replica, source: Resource) -> Iterator[RuleMatch]:
    for cap in choices(replica.resource.properties, "MaxAllocatedStorage"):
        for limit in choices(source.properties, "MaxAllocatedStorage"):
            if not possible(cfn, replica.source, cap, limit):
                continue
            if cap.absent and not limit.absent:
                yield fault(
                    replica.resource.properties.path, f"{source.name} grows by itself, and this replica does not"
                )
            elif limit.absent and not cap.absent:
                yield fault(
                    source.properties.path, f"The replica {replica.resource.name} grows by itself, its source not"
                )
            elif _less(cfn, cap, limit):
                yield fault(cap.path, f"MaxAllocatedStorage is below that of the source {source.name}")


def _less(cfn: Template, cap: Value, limit: Value) -> bool:
    one, other = number(cfn, cap.value), number(cfn, limit.value)
    return one is not None and other is not None and one < other
