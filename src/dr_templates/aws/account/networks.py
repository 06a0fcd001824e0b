"""The VPCs of a region, and whom they are peered with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

STANDING = ["active", "pending-acceptance", "provisioning"]
"""Peering connections that are there, or about to be."""


@dataclass(frozen=True)
class Network:
    """A VPC: its id, its address ranges, and its Name tag, empty without one."""

    id: str
    ranges: tuple[IPv4Network, ...]
    name: str = ""


@dataclass(frozen=True)
class Peering:
    """A peering connection: the VPCs at its two ends. Another account's ranges are known once it has accepted."""

    id: str
    ends: tuple[Network, Network]


def networks(ec2: EC2Client) -> tuple[Network, ...]:
    """Give every VPC of the region with the ranges that are associated with it."""
    return tuple(
        Network(
            vpc["VpcId"],
            _ranges(
                block
                for block in vpc.get("CidrBlockAssociationSet", ())
                if block.get("CidrBlockState", {}).get("State", "associated") == "associated"
            )
            or _ranges([vpc]),
            next((tag["Value"] for tag in vpc.get("Tags", ()) if tag["Key"] == "Name"), ""),
        )
        for page in ec2.get_paginator("describe_vpcs").paginate()
        for vpc in page["Vpcs"]
    )


def peerings(ec2: EC2Client) -> tuple[Peering, ...]:
    """Give the region's peering connections."""
    pages = ec2.get_paginator("describe_vpc_peering_connections").paginate(
        Filters=[{"Name": "status-code", "Values": STANDING}]
    )
    return tuple(
        Peering(peering["VpcPeeringConnectionId"], (_end(peering, "Requester"), _end(peering, "Accepter")))
        for page in pages
        for peering in page["VpcPeeringConnections"]
    )


def _end(peering: Mapping[str, Any], side: str) -> Network:
    told = peering.get(f"{side}VpcInfo", {})
    return Network(told.get("VpcId", ""), _ranges(told.get("CidrBlockSet", ())) or _ranges([told]))


def _ranges(blocks: Any) -> tuple[IPv4Network, ...]:  # noqa: ANN401 - one key of three of AWS's types
    return tuple(IPv4Network(block["CidrBlock"]) for block in blocks if block.get("CidrBlock"))
