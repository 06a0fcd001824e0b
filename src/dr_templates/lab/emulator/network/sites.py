"""What is where in the emulator: the region of a server, the ACL before it, the addresses in its network."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from ministack.services import ec2, lambda_svc, rds

from dr_templates.lab.emulator.network.acl import Entry

NOWHERE = "203.0.113.10"
"""The address of a client whose region has no network; one of those that documentation may use."""
Record = dict[str, Any]


def instance(server: str) -> Record | None:
    """Give the instance behind a server's name, which is the beginning of its resource id; None when it is gone."""
    found = (one for one in rds._instances.all_values() if str(one.get("DbiResourceId", "")).lower().startswith(server))
    return next(found, None)


def region(record: Record) -> str:
    """Give the region of an instance."""
    return str(record["DBInstanceArn"]).split(":")[3]


def entries(record: Record) -> list[Entry] | None:
    """Give the entries of the ACL of the subnet an instance is in; None when its subnet has none that is known.

    A subnet that was associated with none has the default one of its VPC.
    """
    group = record["DBSubnetGroup"]
    placed = [one for one in group["Subnets"] if one["SubnetAvailabilityZone"]["Name"] == record["AvailabilityZone"]]
    subnet = next((one["SubnetIdentifier"] for one in [*placed, *group["Subnets"]]), None)
    acls = _there(ec2._network_acls, region(record))
    own = (acl for acl in acls if subnet in {one["SubnetId"] for one in [*acl["Associations"]]})
    default = (acl for acl in acls if acl["IsDefault"] and acl["VpcId"] == group["VpcId"])
    acl = next(own, None) or next(default, None)
    return None if acl is None else [*acl["Entries"]]


def client_address(record: Record, place: str) -> str:
    """Give the address of a client of an instance: a host of its place's VPC, and in no subnet of functions there."""
    vpc = _vpc(place, record["DBSubnetGroup"]["VpcId"] if place == region(record) else None)
    if vpc is None:
        return NOWHERE
    host = _outside(IPv4Network(vpc["CidrBlock"]), [IPv4Network(one["CidrBlock"]) for one in _functions(place)])
    return NOWHERE if host is None else str(host)


def function_address(record: Record) -> str:
    """Give the address of a function beside an instance; without subnets of functions that of a client."""
    subnets = [one for one in _functions(region(record)) if one["VpcId"] == record["DBSubnetGroup"]["VpcId"]]
    if not subnets:
        return client_address(record, region(record))
    return str(IPv4Network(subnets[0]["CidrBlock"])[-2])


def regions() -> set[str]:
    """Name the regions that have a database, a group of subnets for one, or a VPC of their own."""
    stores = [*rds._instances.all_items(), *rds._subnet_groups.all_items()]
    vpcs = [(key, vpc) for key, vpc in ec2._vpcs.all_items() if not vpc["IsDefault"]]
    return {key[1] for key, _ in [*stores, *vpcs]}


def _vpc(place: str, identifier: str | None) -> Record | None:
    """Give a VPC of a region: the one named, else the one with a database, else one of its own, else the default."""
    vpcs = {one["VpcId"]: one for one in _there(ec2._vpcs, place)}
    used = [one["DBSubnetGroup"]["VpcId"] for one in _there(rds._instances, place)]
    own = [one["VpcId"] for one in vpcs.values() if not one["IsDefault"]]
    return next((vpcs[one] for one in [identifier, *used, *own, *vpcs] if one in vpcs), None)


def _functions(place: str) -> list[Record]:
    """Give the subnets of a region in which functions run."""
    configurations = [one["config"].get("VpcConfig") or {} for one in _there(lambda_svc._functions, place)]
    named = {subnet for one in configurations for subnet in one.get("SubnetIds") or ()}
    return [one for one in _there(ec2._subnets, place) if one["SubnetId"] in named]


def _outside(vpc: IPv4Network, taken: Iterable[IPv4Network]) -> IPv4Address | None:
    """Find the last host of a network that is in none of its parts that are taken."""
    host = vpc.broadcast_address - 1
    for part in sorted(taken, reverse=True):
        if host in part:
            host = part.network_address - 1
    return host if host in vpc and host > vpc.network_address else None


def _there(store: Any, place: str) -> list[Record]:  # noqa: ANN401 - ministack's stores have no types
    """Give what a store has in a region, of any account: an emulator plays one."""
    return [value for (_account, region, _name), value in store.all_items() if region == place]
