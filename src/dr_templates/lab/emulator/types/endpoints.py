"""VPC endpoints: a gateway puts routes into route tables, an interface has an address in each of its subnets."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import ec2

from dr_templates.aws.clients import forgiven
from dr_templates.lab.emulator.types.handler import Handler, Made, Properties, client, tags, true
from dr_templates.lab.emulator.types.wire import Function, RefusedError, Request

OPEN = {"Version": "2008-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}
CHANGING = (
    ("RouteTableIds", "AddRouteTableIds", "RemoveRouteTableIds"),
    ("SecurityGroupIds", "AddSecurityGroupIds", "RemoveSecurityGroupIds"),
    ("SubnetIds", "AddSubnetIds", "RemoveSubnetIds"),
)
Endpoint = dict[str, Any]


def create_endpoint(request: Request) -> dict[str, Any]:
    """CreateVpcEndpoint, of type Gateway (the default) or Interface."""
    if request["VpcId"] not in ec2._vpcs:
        raise RefusedError("InvalidVpcId.NotFound", f"The Vpc Id {request['VpcId']} does not exist")
    identifier = f"vpce-{secrets.token_hex(9)[:17]}"
    endpoint: Endpoint = {
        "VpcEndpointId": identifier,
        "VpcEndpointType": request.get("VpcEndpointType", "Gateway"),
        "VpcId": request["VpcId"],
        "ServiceName": request["ServiceName"],
        "State": "available",
        "PolicyDocument": request.get("PolicyDocument", json.dumps(OPEN)),
        "RouteTableIds": [],
        "SubnetIds": [],
        "SecurityGroupIds": [],
        "PrivateDnsEnabled": request.get("PrivateDnsEnabled", False),
        "CreationTimestamp": datetime.now(UTC),
        "OwnerId": get_account_id(),
        "_interfaces": {},
    }
    ec2._vpc_endpoints[identifier] = endpoint
    for specification in request.get("TagSpecifications", ()):
        ec2._tags[identifier] = list(specification.get("Tags", ()))
    for held, _added, _removed in CHANGING:
        _add(endpoint, held, request.get(held, ()))
    return {"VpcEndpoint": _shown(endpoint)}


def modify_endpoint(request: Request) -> dict[str, Any]:
    """ModifyVpcEndpoint: its policy, its places, its private names."""
    endpoint = _endpoint(request["VpcEndpointId"])
    for held, added, removed in CHANGING:
        _remove(endpoint, held, request.get(removed, ()))
        _add(endpoint, held, request.get(added, ()))
    if request.get("ResetPolicy"):
        endpoint["PolicyDocument"] = json.dumps(OPEN)
    endpoint |= {name: request[name] for name in ("PolicyDocument", "PrivateDnsEnabled") if name in request}
    return {"Return": True}


def describe_endpoints(request: Request) -> dict[str, Any]:
    """DescribeVpcEndpoints, by id and by the filters vpc-id, service-name and vpc-endpoint-type."""
    names = {"vpc-id": "VpcId", "service-name": "ServiceName", "vpc-endpoint-type": "VpcEndpointType"}
    filters = {names[one["Name"]]: one["Values"] for one in request.get("Filters", ()) if one["Name"] in names}
    wanted = request.get("VpcEndpointIds")
    found = [_endpoint(one) for one in wanted] if wanted else list(ec2._vpc_endpoints.values())
    passing = [one for one in found if all(one[name] in values for name, values in filters.items())]
    return {"VpcEndpoints": [_shown(one) for one in passing]}


def delete_endpoints(request: Request) -> dict[str, Any]:
    """DeleteVpcEndpoints, with their routes and addresses; those that are not there are told of."""
    missing = []
    for identifier in request["VpcEndpointIds"]:
        endpoint = ec2._vpc_endpoints.get(identifier)
        if endpoint is None:
            words = {"Code": "InvalidVpcEndpoint.NotFound", "Message": f"The VpcEndpoint {identifier} does not exist"}
            missing.append({"Error": words, "ResourceId": identifier})
            continue
        for held, _added, _removed in CHANGING:
            _remove(endpoint, held, list(endpoint[held]))
        del ec2._vpc_endpoints[identifier]
        ec2._tags.pop(identifier, None)
    return {"Unsuccessful": missing}


ACTIONS: Mapping[str, Function] = {
    "CreateVpcEndpoint": create_endpoint,
    "ModifyVpcEndpoint": modify_endpoint,
    "DescribeVpcEndpoints": describe_endpoints,
    "DeleteVpcEndpoints": delete_endpoints,
}


def _endpoint(identifier: str) -> Endpoint:
    endpoint: Endpoint | None = ec2._vpc_endpoints.get(identifier)
    if endpoint is None:
        words = f"The VpcEndpoint Id '{identifier}' does not exist"
        raise RefusedError("InvalidVpcEndpointId.NotFound", words)
    return endpoint


def _add(endpoint: Endpoint, held: str, new: Any) -> None:  # noqa: ANN401 - a list out of a request
    for one in new:
        if one in endpoint[held]:
            continue
        endpoint[held].append(one)
        if held == "RouteTableIds":
            route = {"DestinationPrefixListId": _prefix_list(endpoint), "GatewayId": endpoint["VpcEndpointId"]}
            state = {"State": "active", "Origin": "CreateRoute"}
            ec2._route_tables[one]["Routes"].append(route | state)
        if held == "SubnetIds":
            made = {"SubnetId": one, "Description": f"VPC Endpoint Interface {endpoint['VpcEndpointId']}"}
            made |= {f"SecurityGroupId.{n}": group for n, group in enumerate(endpoint["SecurityGroupIds"], start=1)}
            before = set(ec2._network_interfaces)
            ec2._create_network_interface(made)
            endpoint["_interfaces"][one] = (set(ec2._network_interfaces) - before).pop()


def _remove(endpoint: Endpoint, held: str, going: Any) -> None:  # noqa: ANN401 - as ``_add``
    for one in going:
        endpoint[held].remove(one)
        if held == "RouteTableIds" and one in ec2._route_tables:
            table = ec2._route_tables[one]
            table["Routes"] = [
                route for route in table["Routes"] if route.get("GatewayId") != endpoint["VpcEndpointId"]
            ]
        if held == "SubnetIds":
            ec2._network_interfaces.pop(endpoint["_interfaces"].pop(one), None)


def _prefix_list(endpoint: Endpoint) -> str:
    return str(ec2._resolve_aws_pl(endpoint["ServiceName"])["PrefixListId"])


def _shown(endpoint: Endpoint) -> Endpoint:
    told = {name: value for name, value in endpoint.items() if not name.startswith("_")}
    if endpoint["VpcEndpointType"] == "Interface":
        service = endpoint["ServiceName"].rpartition(".")[2]
        hosts = [f"{endpoint['VpcEndpointId']}.{service}.{get_region()}.vpce.amazonaws.com"]
        hosts += [f"{service}.{get_region()}.amazonaws.com"] if endpoint["PrivateDnsEnabled"] else []
        told["DnsEntries"] = [{"DnsName": host, "HostedZoneId": "Z7HUB22UULQXV"} for host in hosts]
    told["NetworkInterfaceIds"] = list(endpoint["_interfaces"].values())
    told["Groups"] = [
        {"GroupId": one, "GroupName": ec2._security_groups.get(one, {}).get("GroupName", "")}
        for one in endpoint["SecurityGroupIds"]
    ]
    return {**told, "Tags": ec2._tags.get(endpoint["VpcEndpointId"], [])}


def _make(_logical_id: str, properties: Properties, _stack: str) -> Made:
    lists = {name: properties[name] for name, _added, _removed in CHANGING if name in properties}
    made = client("ec2").create_vpc_endpoint(
        VpcId=properties["VpcId"],
        ServiceName=properties["ServiceName"],
        VpcEndpointType=properties.get("VpcEndpointType", "Gateway"),
        PrivateDnsEnabled=true(properties.get("PrivateDnsEnabled", False)),
        PolicyDocument=_policy(properties),
        TagSpecifications=tags("vpc-endpoint", properties),
        **lists,
    )["VpcEndpoint"]
    return _told(made)


def _change(identifier: str, old: Properties, new: Properties, stack: str, logical_id: str) -> Made:
    fixed = ("VpcId", "ServiceName", "VpcEndpointType")
    if any(old.get(name) != new.get(name) for name in fixed):
        return _make(logical_id, new, stack)
    request: dict[str, Any] = {"PolicyDocument": _policy(new)}
    request["PrivateDnsEnabled"] = true(new.get("PrivateDnsEnabled", False))
    for held, added, removed in CHANGING:
        before, after = old.get(held, []), new.get(held, [])
        request[added] = [one for one in after if one not in before]
        request[removed] = [one for one in before if one not in after]
    calls = client("ec2")
    calls.modify_vpc_endpoint(VpcEndpointId=identifier, **request)
    return _told(calls.describe_vpc_endpoints(VpcEndpointIds=[identifier])["VpcEndpoints"][0])


def _remove_endpoint(identifier: str, _properties: Properties) -> None:
    with forgiven("InvalidVpcEndpointId.NotFound"):
        client("ec2").delete_vpc_endpoints(VpcEndpointIds=[identifier])


def _policy(properties: Properties) -> str:
    policy = properties.get("PolicyDocument", OPEN)
    return policy if isinstance(policy, str) else json.dumps(policy)


def _told(endpoint: Mapping[str, Any]) -> Made:
    entries = [f"{entry['HostedZoneId']}:{entry['DnsName']}" for entry in endpoint.get("DnsEntries", ())]
    attributes = {
        "Id": endpoint["VpcEndpointId"],
        "DnsEntries": entries,
        "NetworkInterfaceIds": endpoint.get("NetworkInterfaceIds", []),
        "CreationTimestamp": str(endpoint["CreationTimestamp"]),
    }
    return endpoint["VpcEndpointId"], attributes


TYPES: Mapping[str, Handler] = {"AWS::EC2::VPCEndpoint": Handler(_make, _change, _remove_endpoint)}
