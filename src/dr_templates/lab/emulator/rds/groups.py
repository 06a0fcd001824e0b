"""DB subnet groups and parameter groups, with the rules the emulator does not know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import ec2, rds

from dr_templates.lab.emulator.rds import rules
from dr_templates.lab.emulator.types.wire import Function, RefusedError, Request


def create_subnet_group(request: Request) -> dict[str, Any]:
    """CreateDBSubnetGroup: of one VPC, in two availability zones at least."""
    name = request["DBSubnetGroupName"].lower()
    if name in rds._subnet_groups:
        raise RefusedError("DBSubnetGroupAlreadyExists", f"DB Subnet Group already exists: {name}")
    group = {
        "DBSubnetGroupName": name,
        "DBSubnetGroupDescription": request["DBSubnetGroupDescription"],
        "SubnetGroupStatus": "Complete",
        "DBSubnetGroupArn": f"arn:aws:rds:{get_region()}:{get_account_id()}:subgrp:{name}",
        "SupportedNetworkTypes": ["IPV4"],
        **_members(request["SubnetIds"]),
    }
    rds._subnet_groups[name] = group
    rds._tags[group["DBSubnetGroupArn"]] = list(request.get("Tags", ()))
    return {"DBSubnetGroup": group}


def modify_subnet_group(request: Request) -> dict[str, Any]:
    """ModifyDBSubnetGroup: a subnet that an instance has its address in may not go."""
    group = _subnet_group(request["DBSubnetGroupName"])
    group |= _members(request["SubnetIds"])
    if "DBSubnetGroupDescription" in request:
        group["DBSubnetGroupDescription"] = request["DBSubnetGroupDescription"]
    return {"DBSubnetGroup": group}


def delete_subnet_group(request: Request) -> dict[str, Any]:
    """DeleteDBSubnetGroup: refused while an instance is in it."""
    group = _subnet_group(request["DBSubnetGroupName"])
    name = group["DBSubnetGroupName"]
    users = [one for one in rds._instances.values() if one["DBSubnetGroup"]["DBSubnetGroupName"] == name]
    if users:
        words = (
            f"Cannot delete the subnet group '{name}' because at least one database instance: "
            f"{users[0]['DBInstanceIdentifier']} is still using it."
        )
        raise RefusedError("InvalidDBSubnetGroupStateFault", words)
    del rds._subnet_groups[name]
    rds._tags.pop(group["DBSubnetGroupArn"], None)
    return {}


def delete_parameter_group(request: Request) -> dict[str, Any]:
    """DeleteDBParameterGroup: refused while an instance has it."""
    name = request["DBParameterGroupName"]
    group = rds._param_groups.get(name)
    if group is None:
        raise RefusedError("DBParameterGroupNotFound", f"DBParameterGroup not found: {name}", 404)
    for one in rds._instances.values():
        if any(name == had["DBParameterGroupName"] for had in one["DBParameterGroups"]):
            words = "One or more database instances are still members of this parameter group"
            raise RefusedError("InvalidDBParameterGroupState", f"{words} {name}, so the group cannot be deleted")
    del rds._param_groups[name]
    rds._tags.pop(group["DBParameterGroupArn"], None)
    return {}


ACTIONS: Mapping[str, Function] = {
    "CreateDBSubnetGroup": create_subnet_group,
    "ModifyDBSubnetGroup": modify_subnet_group,
    "DeleteDBSubnetGroup": delete_subnet_group,
    "DeleteDBParameterGroup": delete_parameter_group,
}


def _subnet_group(name: str) -> dict[str, Any]:
    group: dict[str, Any] | None = rds._subnet_groups.get(name.lower())
    if group is None:
        raise RefusedError("DBSubnetGroupNotFoundFault", f"DB subnet group '{name}' does not exist.", 404)
    return group


def _members(identifiers: list[str]) -> dict[str, Any]:
    subnets = [ec2._subnets.get(one) for one in identifiers]
    vpcs = {one["VpcId"] for one in subnets if one is not None}
    if None in subnets or len(vpcs) > 1:
        words = "Some input subnets are invalid." if None in subnets else "The subnets are not in one VPC."
        raise RefusedError("InvalidSubnet", words)
    rules.subnet_group([one["AvailabilityZone"] for one in subnets if one])
    members = [
        {
            "SubnetIdentifier": one["SubnetId"],
            "SubnetAvailabilityZone": {"Name": one["AvailabilityZone"]},
            "SubnetOutpost": {},
            "SubnetStatus": "Active",
        }
        for one in subnets
        if one is not None
    ]
    return {"VpcId": vpcs.pop(), "Subnets": members}
