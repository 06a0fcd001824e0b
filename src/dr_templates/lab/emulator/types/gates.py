"""The resource types of network ACLs: the ACL, its entries, its subnets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dr_templates.aws.clients import forgiven
from dr_templates.lab.emulator.types.handler import Handler, Made, Properties, client, tags, true
from dr_templates.lab.emulator.types.wire import RefusedError


def _make_acl(_logical_id: str, properties: Properties, _stack: str) -> Made:
    specifications = tags("network-acl", properties)
    made = client("ec2").create_network_acl(VpcId=properties["VpcId"], TagSpecifications=specifications)
    identifier = made["NetworkAcl"]["NetworkAclId"]
    return identifier, {"Id": identifier}


def _change_acl(identifier: str, old: Properties, new: Properties, stack: str, logical_id: str) -> Made:
    if old["VpcId"] != new["VpcId"]:
        return _make_acl(logical_id, new, stack)
    calls = client("ec2")
    if gone := old.get("Tags"):
        calls.delete_tags(Resources=[identifier], Tags=gone)
    if given := new.get("Tags"):
        calls.create_tags(Resources=[identifier], Tags=given)
    return identifier, {"Id": identifier}


def _remove_acl(identifier: str, _properties: Properties) -> None:
    with forgiven("InvalidNetworkAclID.NotFound"):
        client("ec2").delete_network_acl(NetworkAclId=identifier)


def _entry_request(properties: Properties) -> dict[str, Any]:
    request: dict[str, Any] = {
        "NetworkAclId": properties["NetworkAclId"],
        "RuleNumber": int(properties["RuleNumber"]),
        "Protocol": str(properties["Protocol"]),
        "RuleAction": properties["RuleAction"],
        "Egress": true(properties.get("Egress", False)),
        "CidrBlock": properties["CidrBlock"],
    }
    if ports := properties.get("PortRange"):
        request["PortRange"] = {end: int(port) for end, port in ports.items()}
    if icmp := properties.get("Icmp"):
        request["IcmpTypeCode"] = {part: int(number) for part, number in icmp.items()}
    return request


def _make_entry(_logical_id: str, properties: Properties, _stack: str) -> Made:
    request = _entry_request(properties)
    client("ec2").create_network_acl_entry(**request)
    identifier = f"{request['NetworkAclId']}|{request['RuleNumber']}|{str(request['Egress']).lower()}"
    return identifier, {"Id": identifier}


def _change_entry(identifier: str, old: Properties, new: Properties, stack: str, logical_id: str) -> Made:
    before, after = _entry_request(old), _entry_request(new)
    if any(before[name] != after[name] for name in ("NetworkAclId", "RuleNumber", "Egress")):
        return _make_entry(logical_id, new, stack)
    client("ec2").replace_network_acl_entry(**after)
    return identifier, {"Id": identifier}


def _remove_entry(_identifier: str, properties: Properties) -> None:
    request = _entry_request(properties)
    key = {name: request[name] for name in ("NetworkAclId", "RuleNumber", "Egress")}
    with forgiven("InvalidNetworkAclEntry.NotFound", "InvalidNetworkAclID.NotFound"):
        client("ec2").delete_network_acl_entry(**key)


def _join(_logical_id: str, properties: Properties, _stack: str) -> Made:
    moved = client("ec2").replace_network_acl_association(
        AssociationId=_association(properties["SubnetId"]), NetworkAclId=properties["NetworkAclId"]
    )["NewAssociationId"]
    return moved, {"AssociationId": moved}


def _rejoin(_identifier: str, _old: Properties, new: Properties, stack: str, logical_id: str) -> Made:
    return _join(logical_id, new, stack)


def _leave(_identifier: str, properties: Properties) -> None:
    """Give the subnet back to the default ACL of its VPC, unless it has gone to another since."""
    calls = client("ec2")
    found = _acls_of(properties["SubnetId"])
    if found and found[0]["NetworkAclId"] == properties["NetworkAclId"]:
        of_vpc = [{"Name": "vpc-id", "Values": [found[0]["VpcId"]]}, {"Name": "default", "Values": ["true"]}]
        default = calls.describe_network_acls(Filters=of_vpc)["NetworkAcls"][0]["NetworkAclId"]
        calls.replace_network_acl_association(AssociationId=_association(properties["SubnetId"]), NetworkAclId=default)


def _acls_of(subnet: str) -> list[dict[str, Any]]:
    found = client("ec2").describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])
    acls: list[dict[str, Any]] = found["NetworkAcls"]
    return acls


def _association(subnet: str) -> str:
    associations = (one for acl in _acls_of(subnet) for one in acl["Associations"] if one["SubnetId"] == subnet)
    found = next(associations, None)
    if found is None:
        raise RefusedError("InvalidSubnetID.NotFound", f"The subnet ID '{subnet}' does not exist")
    return str(found["NetworkAclAssociationId"])


TYPES: Mapping[str, Handler] = {
    "AWS::EC2::NetworkAcl": Handler(_make_acl, _change_acl, _remove_acl),
    "AWS::EC2::NetworkAclEntry": Handler(_make_entry, _change_entry, _remove_entry),
    "AWS::EC2::SubnetNetworkAclAssociation": Handler(_join, _rejoin, _leave),
}
