"""Private zones of several VPCs, and health checks that follow an alarm."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from dr_templates.aws.clients import forgiven
from dr_templates.lab.emulator.types.handler import Handler, Made, Properties, client, stock, true

ZONE = "AWS::Route53::HostedZone"
PUBLIC = stock(ZONE)
BOOLEANS = ("Inverted", "MeasureLatency", "EnableSNI", "Disabled")
NUMBERS = ("Port", "RequestInterval", "FailureThreshold", "HealthThreshold")
FIXED = ("Type", "RequestInterval", "MeasureLatency")
"""What a health check keeps for good."""


def _make_zone(logical_id: str, properties: Properties, stack: str) -> Made:
    vpcs = properties.get("VPCs")
    if not vpcs:
        return PUBLIC.create(logical_id, properties, stack)
    calls = client("route53")
    for vpc in vpcs:
        client("ec2", vpc["VPCRegion"]).describe_vpcs(VpcIds=[vpc["VPCId"]])
    comment = properties.get("HostedZoneConfig", {}).get("Comment", "")
    made = calls.create_hosted_zone(
        Name=properties["Name"],
        CallerReference=str(uuid.uuid4()),
        HostedZoneConfig={"Comment": comment, "PrivateZone": True},
        VPC=_vpc(vpcs[0]),
    )
    identifier = made["HostedZone"]["Id"].rpartition("/")[2]
    for vpc in vpcs[1:]:
        calls.associate_vpc_with_hosted_zone(HostedZoneId=identifier, VPC=_vpc(vpc))
    _tag("hostedzone", identifier, properties.get("HostedZoneTags", ()))
    return identifier, {"Id": identifier}


def _change_zone(identifier: str, old: Properties, new: Properties, stack: str, logical_id: str) -> Made:
    if old["Name"] != new["Name"] or bool(old.get("VPCs")) != bool(new.get("VPCs")):
        return _make_zone(logical_id, new, stack)
    calls = client("route53")
    calls.update_hosted_zone_comment(Id=identifier, Comment=new.get("HostedZoneConfig", {}).get("Comment", ""))
    for vpc in new.get("VPCs", ()):
        if vpc not in old["VPCs"]:
            calls.associate_vpc_with_hosted_zone(HostedZoneId=identifier, VPC=_vpc(vpc))
    for vpc in old.get("VPCs", ()):
        if vpc not in new["VPCs"]:
            calls.disassociate_vpc_from_hosted_zone(HostedZoneId=identifier, VPC=_vpc(vpc))
    _tag("hostedzone", identifier, new.get("HostedZoneTags", ()))
    return identifier, {"Id": identifier}


def _remove_zone(identifier: str, _properties: Properties) -> None:
    with forgiven("NoSuchHostedZone"):
        client("route53").delete_hosted_zone(Id=identifier)


def _vpc(vpc: Mapping[str, str]) -> dict[str, str]:
    return {"VPCRegion": vpc["VPCRegion"], "VPCId": vpc["VPCId"]}


def _tag(kind: str, identifier: str, tags: Any) -> None:  # noqa: ANN401 - a list out of a template
    if tags:
        client("route53").change_tags_for_resource(ResourceType=kind, ResourceId=identifier, AddTags=list(tags))


def _make_check(_logical_id: str, properties: Properties, _stack: str) -> Made:
    calls, config = client("route53"), _config(properties)
    made = calls.create_health_check(CallerReference=str(uuid.uuid4()), HealthCheckConfig=config)
    identifier = made["HealthCheck"]["Id"]
    _tag("healthcheck", identifier, properties.get("HealthCheckTags", ()))
    return identifier, {"HealthCheckId": identifier}


def _change_check(identifier: str, old: Properties, new: Properties, stack: str, logical_id: str) -> Made:
    before, after = _config(old), _config(new)
    if any(before.get(name) != after.get(name) for name in FIXED):
        return _make_check(logical_id, new, stack)
    changes = {name: value for name, value in after.items() if name not in FIXED}
    client("route53").update_health_check(HealthCheckId=identifier, **changes)
    _tag("healthcheck", identifier, new.get("HealthCheckTags", ()))
    return identifier, {"HealthCheckId": identifier}


def _remove_check(identifier: str, _properties: Properties) -> None:
    with forgiven("NoSuchHealthCheck"):
        client("route53").delete_health_check(HealthCheckId=identifier)


def _config(properties: Properties) -> dict[str, Any]:
    config = dict(properties["HealthCheckConfig"])
    config |= {name: true(config[name]) for name in BOOLEANS if name in config}
    return config | {name: int(config[name]) for name in NUMBERS if name in config}


TYPES: Mapping[str, Handler] = {
    ZONE: Handler(_make_zone, _change_zone, _remove_zone),
    "AWS::Route53::HealthCheck": Handler(_make_check, _change_check, _remove_check),
}
