"""E9124: accelerated recovery asked for a private zone."""

from collections.abc import Iterator
from typing import ClassVar

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from dr_templates.rules._records import ZONE
from dr_templates.rules._values import elements, fault, possible, present, resources


class AcceleratedRecovery(CloudFormationLintRule):
    """Route 53 recovers the record changes of public zones only (fact B4)."""

    id = "E9124"
    shortdesc = "A private zone asks for accelerated recovery"
    description = (
        "EnableAcceleratedRecovery is for public hosted zones. A private zone, one that lists VPCs, cannot have it: "
        "its records must not need a change on the day us-east-1 is lost."
    )
    source_url = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/accelerated-recovery.html"
    tags: ClassVar[list[str]] = ["resources", "route53"]

    def match(self, cfn: Template) -> Iterator[RuleMatch]:
        """Yield a fault at each EnableAcceleratedRecovery of a private zone."""
        for zone in resources(cfn, ZONE):
            vpcs = list(elements(zone.properties, "VPCs"))
            for wish in present(zone.properties, "HostedZoneFeatures", "EnableAcceleratedRecovery"):
                if wish.true and any(possible(cfn, wish, vpc) for vpc in vpcs):
                    yield fault(wish.path, "A private zone cannot have accelerated recovery")
