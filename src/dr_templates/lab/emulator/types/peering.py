"""VPC peering between regions: both sides know of it, and each keeps its own options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import ec2

from dr_templates.aws.clients import forgiven
from dr_templates.lab.emulator.types.handler import Handler, Made, Properties, client, tags
from dr_templates.lab.emulator.types.wire import Function, RefusedError, Request

SIDES = {"Requester": "RequesterVpcInfo", "Accepter": "AccepterVpcInfo"}
OPTIONS = ("AllowDnsResolutionFromRemoteVpc", "AllowEgressFromLocalClassicLinkToRemoteVpc")


def modify_options(request: Request) -> dict[str, Any]:
    """ModifyVpcPeeringConnectionOptions: of an active connection, and each side's in its own region only."""
    peering = _peering(request["VpcPeeringConnectionId"])
    if peering["Status"]["Code"] != "active":
        words = f"Peering connection {peering['VpcPeeringConnectionId']} is not active"
        raise RefusedError("OperationNotPermitted", words)
    answer = {}
    for side, known in SIDES.items():
        name = f"{side}PeeringConnectionOptions"
        given = request.get(name)
        if not given:
            continue
        if peering[known]["Region"] != get_region():
            words = f"{side} options may only be modified in the region of the {side.lower()} VPC"
            raise RefusedError("OperationNotPermitted", words)
        for account, region in ec2._vpc_peering_scopes(peering):
            copy = ec2._vpc_peering.get_scoped(account, region, peering["VpcPeeringConnectionId"])
            copy[known].setdefault("PeeringOptions", {}).update(given)
        answer[name] = {option: given[option] for option in OPTIONS if option in given}
    return answer


def describe_peerings(request: Request) -> dict[str, Any]:
    """DescribeVpcPeeringConnections, by id and by the filter status-code; a deleted one is soon forgotten."""
    wanted = request.get("VpcPeeringConnectionIds")
    filters = {one["Name"]: one.get("Values", []) for one in request.get("Filters", ())}
    found = [_peering(one) for one in wanted] if wanted else list(ec2._vpc_peering.values())
    codes = filters.get("status-code")
    passing = [one for one in found if codes is None or one["Status"]["Code"] in codes]
    return {"VpcPeeringConnections": [_shown(one) for one in passing if wanted or one["Status"]["Code"] != "deleted"]}


ACTIONS: Mapping[str, Function] = {"DescribeVpcPeeringConnections": describe_peerings}
NEW_ACTIONS: Mapping[str, Function] = {"ModifyVpcPeeringConnectionOptions": modify_options}


def _peering(identifier: str) -> dict[str, Any]:
    peering: dict[str, Any] | None = ec2._vpc_peering.get(identifier)
    if peering is None:
        words = f"The vpcPeeringConnection ID '{identifier}' does not exist"
        raise RefusedError("InvalidVpcPeeringConnectionID.NotFound", words)
    return peering


def _shown(peering: Mapping[str, Any]) -> dict[str, Any]:
    told = {"VpcPeeringConnectionId": peering["VpcPeeringConnectionId"], "Status": peering["Status"]}
    for known in SIDES.values():
        side = peering[known]
        vpc = ec2._vpcs.get_scoped(side["OwnerId"], side["Region"], side["VpcId"]) or {}
        options = {"AllowDnsResolutionFromRemoteVpc": False, **side.get("PeeringOptions", {})}
        told[known] = {**side, "CidrBlock": vpc.get("CidrBlock"), "PeeringOptions": options}
    return {**told, "Tags": ec2._tags.get(peering["VpcPeeringConnectionId"], [])}


def _make(_logical_id: str, properties: Properties, _stack: str) -> Made:
    region = properties.get("PeerRegion", get_region())
    owner = properties.get("PeerOwnerId", get_account_id())
    client("ec2", region).describe_vpcs(VpcIds=[properties["PeerVpcId"]])
    made = client("ec2").create_vpc_peering_connection(
        VpcId=properties["VpcId"],
        PeerVpcId=properties["PeerVpcId"],
        PeerRegion=region,
        TagSpecifications=tags("vpc-peering-connection", properties),
    )["VpcPeeringConnection"]
    identifier = made["VpcPeeringConnectionId"]
    if owner == get_account_id():
        client("ec2", region).accept_vpc_peering_connection(VpcPeeringConnectionId=identifier)
    return identifier, {"Id": identifier}


def _change(identifier: str, old: Properties, new: Properties, stack: str, logical_id: str) -> Made:
    if {**old, "Tags": None} != {**new, "Tags": None}:
        return _make(logical_id, new, stack)
    client("ec2").create_tags(Resources=[identifier], Tags=new["Tags"])
    return identifier, {"Id": identifier}


def _remove(identifier: str, _properties: Properties) -> None:
    with forgiven("InvalidVpcPeeringConnectionID.NotFound"):
        client("ec2").delete_vpc_peering_connection(VpcPeeringConnectionId=identifier)


TYPES: Mapping[str, Handler] = {"AWS::EC2::VPCPeeringConnection": Handler(_make, _change, _remove)}
