"""VPCs and subnets with all their attributes, availability zones as the regions have them, flow logs."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import get_region
from ministack.services import ec2

from dr_templates.aws.clients import forgiven
from dr_templates.lab.emulator.types.handler import Handler, Made, Properties, client, stock, tags
from dr_templates.lab.emulator.types.wire import Function, RefusedError, Request

VPC, SUBNET = stock("AWS::EC2::VPC"), stock("AWS::EC2::Subnet")
LETTERS = {"us-east-1": "abcdef"}
FEW = "abc"
"""Zones of a region: us-east-1 has six, and templates may name any of them."""


def zone_names() -> list[str]:
    """Name the availability zones of the region at work."""
    region = get_region()
    return [region + letter for letter in LETTERS.get(region, FEW)]


def zone_of(az_id: str) -> str | None:
    """Name the zone of this region that has a zone id, such as use1-az4; None when none has."""
    return next((zone for zone in zone_names() if ec2._az_id_for_zone_name(zone) == az_id), None)


def describe_zones(request: Request) -> dict[str, Any]:
    """DescribeAvailabilityZones, by the filters zone-id and zone-name and by name."""
    filters = {one["Name"]: one.get("Values", []) for one in request.get("Filters", ())}
    wanted = {"zone-id": request.get("ZoneIds"), "zone-name": request.get("ZoneNames")}
    limits = {**filters, **{name: values for name, values in wanted.items() if values}}
    zones = [
        {
            "ZoneName": zone,
            "ZoneId": ec2._az_id_for_zone_name(zone),
            "State": "available",
            "RegionName": get_region(),
            "GroupName": f"{get_region()}-zg-1",
            "NetworkBorderGroup": get_region(),
            "OptInStatus": "opt-in-not-required",
            "ZoneType": "availability-zone",
        }
        for zone in zone_names()
    ]
    facts = {"zone-id": "ZoneId", "zone-name": "ZoneName", "region-name": "RegionName", "state": "State"}
    passing = [
        zone for zone in zones if all(zone[facts[name]] in values for name, values in limits.items() if name in facts)
    ]
    return {"AvailabilityZones": passing}


def create_flow_logs(request: Request) -> dict[str, Any]:
    """CreateFlowLogs: one for each resource named."""
    made = []
    for resource in request.get("ResourceIds", ()):
        identifier = f"fl-{secrets.token_hex(9)[:17]}"
        given = ("TrafficType", "LogGroupName", "DeliverLogsPermissionArn", "LogDestination", "LogFormat")
        ec2._flow_logs[identifier] = {
            "FlowLogId": identifier,
            "ResourceId": resource,
            "CreationTime": datetime.now(UTC),
            "FlowLogStatus": "ACTIVE",
            "DeliverLogsStatus": "SUCCESS",
            "LogDestinationType": request.get("LogDestinationType", "cloud-watch-logs"),
            "MaxAggregationInterval": request.get("MaxAggregationInterval", 600),
            **{name: request[name] for name in given if name in request},
        }
        for specification in request.get("TagSpecifications", ()):
            ec2._tags[identifier] = list(specification.get("Tags", ()))
        made.append(identifier)
    return {"FlowLogIds": made, "Unsuccessful": []}


def describe_flow_logs(request: Request) -> dict[str, Any]:
    """DescribeFlowLogs, by id and by the filters resource-id and log-group-name."""
    wanted = request.get("FlowLogIds")
    names = {"resource-id": "ResourceId", "log-group-name": "LogGroupName", "flow-log-id": "FlowLogId"}
    filters = {names[one["Name"]]: one["Values"] for one in request.get("Filter", ()) if one["Name"] in names}
    found = [
        {**log, "Tags": ec2._tags.get(log["FlowLogId"], [])}
        for log in ec2._flow_logs.values()
        if (not wanted or log["FlowLogId"] in wanted)
        and all(log.get(name) in values for name, values in filters.items())
    ]
    return {"FlowLogs": found}


ACTIONS: Mapping[str, Function] = {
    "DescribeAvailabilityZones": describe_zones,
    "CreateFlowLogs": create_flow_logs,
    "DescribeFlowLogs": describe_flow_logs,
}


def _make_vpc(logical_id: str, properties: Properties, stack: str) -> Made:
    return _told_vpc(*VPC.create(logical_id, properties, stack))


def _change_vpc(identifier: str, old: Properties, new: Properties, stack: str, logical_id: str) -> Made:
    return _told_vpc(*VPC.update(identifier, old, new, stack, logical_id))


def _told_vpc(identifier: str, attributes: dict[str, Any]) -> Made:
    vpc = client("ec2").describe_vpcs(VpcIds=[identifier])["Vpcs"][0]
    return identifier, {**attributes, "VpcId": identifier, "CidrBlock": vpc["CidrBlock"], "Ipv6CidrBlocks": []}


def _make_subnet(logical_id: str, properties: Properties, stack: str) -> Made:
    identifier = properties.get("AvailabilityZoneId")
    if identifier and zone_of(identifier) is None:
        words = f"Value ({identifier}) for parameter availabilityZoneId is invalid. Subnets can currently only be"
        raise RefusedError("InvalidParameterValue", f"{words} created in the zones: {', '.join(zone_names())}.")
    _refuse_overlap(properties)
    return _told_subnet(*SUBNET.create(logical_id, properties, stack))


def _refuse_overlap(properties: Properties) -> None:
    of_vpc = [{"Name": "vpc-id", "Values": [properties["VpcId"]]}]
    for subnet in client("ec2").describe_subnets(Filters=of_vpc)["Subnets"]:
        if subnet["CidrBlock"] == properties.get("CidrBlock"):
            words = f"The CIDR '{subnet['CidrBlock']}' conflicts with another subnet"
            raise RefusedError("InvalidSubnet.Conflict", words)


def _change_subnet(identifier: str, old: Properties, new: Properties, stack: str, logical_id: str) -> Made:
    return _told_subnet(*SUBNET.update(identifier, old, new, stack, logical_id))


def _told_subnet(identifier: str, attributes: dict[str, Any]) -> Made:
    subnet = client("ec2").describe_subnets(SubnetIds=[identifier])["Subnets"][0]
    names = ("AvailabilityZone", "AvailabilityZoneId", "CidrBlock", "VpcId")
    return identifier, {**attributes, **{name: subnet[name] for name in names}}


def _make_flow_log(_logical_id: str, properties: Properties, _stack: str) -> Made:
    names = ("TrafficType", "LogGroupName", "DeliverLogsPermissionArn", "LogDestination", "LogDestinationType")
    made = client("ec2").create_flow_logs(
        ResourceIds=[properties["ResourceId"]],
        ResourceType=properties["ResourceType"],
        TagSpecifications=tags("vpc-flow-log", properties),
        **{name: properties[name] for name in names if name in properties},
    )
    identifier = made["FlowLogIds"][0]
    return identifier, {"Id": identifier}


def _change_flow_log(identifier: str, old: Properties, new: Properties, stack: str, logical_id: str) -> Made:
    """Take over tags; anything else is fixed once made, so the log is made anew."""
    if {**old, "Tags": None} != {**new, "Tags": None}:
        return _make_flow_log(logical_id, new, stack)
    client("ec2").create_tags(Resources=[identifier], Tags=new["Tags"])
    return identifier, {"Id": identifier}


def _remove_flow_log(identifier: str, _properties: Properties) -> None:
    with forgiven("InvalidFlowLogId.NotFound"):
        client("ec2").delete_flow_logs(FlowLogIds=[identifier])


TYPES: Mapping[str, Handler] = {
    "AWS::EC2::VPC": Handler(_make_vpc, _change_vpc, VPC.delete),
    "AWS::EC2::Subnet": Handler(_make_subnet, _change_subnet, SUBNET.delete),
    "AWS::EC2::FlowLog": Handler(_make_flow_log, _change_flow_log, _remove_flow_log),
}
