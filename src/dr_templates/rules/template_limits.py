"""W9114: a template that is about to outgrow CloudFormation."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Final

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from dr_templates.rules._values import fault

LIMITS: Final[Mapping[str, int]] = MappingProxyType(
    {"Resources": 500, "Parameters": 200, "Outputs": 200, "Mappings": 200}
)
"""The most entries a section may have."""

BODY = 1024 * 1024
"""The most bytes a template in S3 may have; the 51,200 of an inline body do not bind what is deployed from S3."""

SHARE = 0.9


class TemplateLimits(CloudFormationLintRule):
    """A limit that is met on the day of a failover cannot be worked around then (fact D8)."""

    id = "W9114"
    shortdesc = "A template has used nine tenths of a CloudFormation limit"
    description = (
        "CloudFormation takes "
        + ", ".join(f"{limit} {section}" for section, limit in LIMITS.items())
        + f", and {BODY:,} bytes of template from S3. From nine tenths on, split the template into tiers."
    )
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"
    tags: ClassVar[list[str]] = ["template", "limits"]

    def match(self, cfn: Template) -> Iterator[RuleMatch]:
        """Yield a warning for each section, and for a file, that is nearly full."""
        for section, limit in LIMITS.items():
            entries = cfn.template.get(section)
            if isinstance(entries, dict) and len(entries) >= SHARE * limit:
                yield fault((section,), f"{len(entries)} {section} of at most {limit}")
        file = Path(cfn.filename) if cfn.filename else None
        if file is not None and file.is_file() and file.stat().st_size >= SHARE * BODY:
            yield fault((), f"{file.stat().st_size:,} bytes of at most {BODY:,}")
