"""Every check there is, in the order in which they are told. Each is pure: from what is wanted and what was seen."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from dr_templates.aws.account.look import Seen
from dr_templates.deploy.preflight import (
    bucket,
    dns,
    engine,
    keys,
    names,
    quotas,
    ranges,
    rights,
    stacks,
    zones,
)
from dr_templates.deploy.preflight.finding import Finding
from dr_templates.deploy.preflight.wanted import Wanted

Check = Callable[[Wanted, Seen], Iterator[Finding]]

CHECKS: Final[Mapping[str, Check]] = MappingProxyType(
    {
        rights.CHECK: rights.rights,
        stacks.CHECK: stacks.stacks,
        bucket.CHECK: bucket.buckets,
        engine.VERSION: engine.versions,
        engine.CLASS: engine.classes,
        zones.CHECK: zones.zones,
        ranges.CHECK: ranges.ranges,
        quotas.CHECK: quotas.quotas,
        names.CHECK: names.names,
        keys.CHECK: keys.keys,
        dns.CHECK: dns.zones,
        rights.ROLE: rights.service_role,
    }
)
"""Account and region are checked before these: without them there is nothing to ask."""


def checked(wanted: Wanted, seen: Seen) -> tuple[Finding, ...]:
    """Give what every check finds: at least one line each."""
    return tuple(finding for check in CHECKS.values() for finding in check(wanted, seen))
