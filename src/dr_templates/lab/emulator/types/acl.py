"""Network ACLs as boto3 knows them: their entries, and which subnet has which."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import ec2

from dr_templates.lab.emulator.types.wire import Function, RefusedError, Request

LAST = 32767
"""The rule nobody can change: whatever no other rule has decided is denied."""
Acl = dict[str, Any]


def create_acl(request: Request) -> dict[str, Any]:
    """CreateNetworkAcl: one that lets nothing through."""
    if request["VpcId"] not in ec2._vpcs:
        raise RefusedError("InvalidVpcID.NotFound", f"The vpc ID '{request['VpcId']}' does not exist")
    acl = {
        "NetworkAclId": f"acl-{secrets.token_hex(9)[:17]}",
        "VpcId": request["VpcId"],
        "IsDefault": False,
        "Entries": [_last(egress=False), _last(egress=True)],
        "Associations": [],
        "Tags": [],
        "OwnerId": get_account_id(),
    }
    ec2._network_acls[acl["NetworkAclId"]] = acl
    for specification in request.get("TagSpecifications", ()):
        ec2._tags[acl["NetworkAclId"]] = list(specification.get("Tags", ()))
    return {"NetworkAcl": _shown(acl)}


def describe_acls(request: Request) -> dict[str, Any]:
    """DescribeNetworkAcls, by id and by the filters vpc-id, default, association.subnet-id and tag."""
    _associate_subnets()
    wanted = request.get("NetworkAclIds")
    for identifier in wanted or ():
        _acl(identifier)
    filters = {one["Name"]: one.get("Values", []) for one in request.get("Filters", ())}
    acls = [acl for identifier, acl in ec2._network_acls.items() if not wanted or identifier in wanted]
    return {"NetworkAcls": [_shown(acl) for acl in acls if _passes(acl, filters)]}


def delete_acl(request: Request) -> dict[str, Any]:
    """DeleteNetworkAcl: refused for a default one and while a subnet is associated with it."""
    _associate_subnets()
    acl = _acl(request["NetworkAclId"])
    if acl["IsDefault"]:
        raise RefusedError("InvalidParameterValue", f"cannot delete default network ACL {acl['NetworkAclId']}")
    if acl["Associations"]:
        words = f"network ACL '{acl['NetworkAclId']}' has dependencies and cannot be deleted"
        raise RefusedError("DependencyViolation", words)
    del ec2._network_acls[acl["NetworkAclId"]]
    ec2._tags.pop(acl["NetworkAclId"], None)
    return {}


def create_entry(request: Request) -> dict[str, Any]:
    """CreateNetworkAclEntry: refused where the number is taken in that direction."""
    acl, number, egress = _acl(request["NetworkAclId"]), request["RuleNumber"], request["Egress"]
    if _entry(acl, number, egress=egress):
        words = f"The network acl entry identified by {number} already exists."
        raise RefusedError("NetworkAclEntryAlreadyExists", words)
    acl["Entries"].append(_written(request))
    return {}


def replace_entry(request: Request) -> dict[str, Any]:
    """ReplaceNetworkAclEntry: refused where there is none of that number."""
    delete_entry(request)
    return create_entry(request)


def delete_entry(request: Request) -> dict[str, Any]:
    """DeleteNetworkAclEntry: refused where there is none of that number."""
    acl, number, egress = _acl(request["NetworkAclId"]), request["RuleNumber"], request["Egress"]
    entry = _entry(acl, number, egress=egress)
    if entry is None:
        way = "egress" if egress else "ingress"
        words = f"The {way} entry with rule number '{number}' does not exist in network ACL '{acl['NetworkAclId']}'"
        raise RefusedError("InvalidNetworkAclEntry.NotFound", words)
    acl["Entries"].remove(entry)
    return {}


def replace_association(request: Request) -> dict[str, Any]:
    """ReplaceNetworkAclAssociation: move a subnet from the ACL it has to another."""
    _associate_subnets()
    target = _acl(request["NetworkAclId"])
    for acl in ec2._network_acls.values():
        for association in acl["Associations"]:
            if association["NetworkAclAssociationId"] == request["AssociationId"]:
                acl["Associations"].remove(association)
                return {"NewAssociationId": _associate(target, association["SubnetId"])}
    words = f"The association ID '{request['AssociationId']}' does not exist"
    raise RefusedError("InvalidAssociationID.NotFound", words)


ACTIONS: Mapping[str, Function] = {
    "CreateNetworkAcl": create_acl,
    "DescribeNetworkAcls": describe_acls,
    "DeleteNetworkAcl": delete_acl,
    "CreateNetworkAclEntry": create_entry,
    "ReplaceNetworkAclEntry": replace_entry,
    "DeleteNetworkAclEntry": delete_entry,
    "ReplaceNetworkAclAssociation": replace_association,
}


def _acl(identifier: str) -> Acl:
    acl: Acl | None = ec2._network_acls.get(identifier)
    if acl is None:
        raise RefusedError("InvalidNetworkAclID.NotFound", f"The networkAcl ID '{identifier}' does not exist")
    return acl


def _entry(acl: Acl, number: int, *, egress: bool) -> dict[str, Any] | None:
    found = (entry for entry in acl["Entries"] if (entry["RuleNumber"], entry["Egress"]) == (number, egress))
    return next(found, None)


def _written(request: Request) -> dict[str, Any]:
    entry = {name: request[name] for name in ("RuleNumber", "Protocol", "RuleAction", "Egress")}
    optional = ("CidrBlock", "Ipv6CidrBlock", "PortRange", "IcmpTypeCode")
    return entry | {name: request[name] for name in optional if name in request}


def _last(*, egress: bool) -> dict[str, Any]:
    rule = {"RuleNumber": LAST, "Protocol": "-1", "RuleAction": "deny", "CidrBlock": "0.0.0.0/0"}
    return rule | {"Egress": egress}


def _associate(acl: Acl, subnet: str) -> str:
    identifier = f"aclassoc-{secrets.token_hex(9)[:17]}"
    new = {"NetworkAclAssociationId": identifier, "NetworkAclId": acl["NetworkAclId"], "SubnetId": subnet}
    acl["Associations"].append(new)
    return identifier


def _associate_subnets() -> None:
    """Give every subnet an ACL, its VPC's default one at first, and forget the subnets that are gone."""
    known = set()
    for acl in ec2._network_acls.values():
        acl["Associations"] = [one for one in acl["Associations"] if one["SubnetId"] in ec2._subnets]
        known |= {one["SubnetId"] for one in acl["Associations"]}
    defaults = {acl["VpcId"]: acl for acl in ec2._network_acls.values() if acl["IsDefault"]}
    for identifier, subnet in ec2._subnets.items():
        if identifier not in known and subnet["VpcId"] in defaults:
            _associate(defaults[subnet["VpcId"]], identifier)


def _shown(acl: Acl) -> Acl:
    return {**acl, "Tags": ec2._tags.get(acl["NetworkAclId"], [])}


def _passes(acl: Acl, filters: Mapping[str, list[str]]) -> bool:
    facts = {
        "vpc-id": {acl["VpcId"]},
        "default": {str(acl["IsDefault"]).lower()},
        "network-acl-id": {acl["NetworkAclId"]},
        "association.subnet-id": {one["SubnetId"] for one in acl["Associations"]},
    } | {f"tag:{tag['Key']}": {tag["Value"]} for tag in ec2._tags.get(acl["NetworkAclId"], ())}
    return all(facts.get(name, set()) & set(values) for name, values in filters.items())
