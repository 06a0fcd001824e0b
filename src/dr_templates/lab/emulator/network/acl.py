"""What a network ACL lets through: its entries in the order of their numbers, the first that fits decides (A49)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Any

TCP, ALL = "6", "-1"
Entry = Mapping[str, Any]


def allows(entries: Iterable[Entry], address: str, port: int, *, egress: bool) -> bool:
    """Say whether TCP from ``address`` may come in for ``port``, or go out (``egress``) to it. No entry: it may not."""
    at = IPv4Address(address)
    for entry in sorted(entries, key=lambda one: int(one["RuleNumber"])):
        if bool(entry["Egress"]) == egress and _fits(entry, at, port):
            return str(entry["RuleAction"]) == "allow"
    return False


def _fits(entry: Entry, address: IPv4Address, port: int) -> bool:
    if str(entry["Protocol"]) not in (TCP, ALL) or "CidrBlock" not in entry:
        return False
    ports = entry.get("PortRange") if str(entry["Protocol"]) == TCP else None
    if ports and not ports["From"] <= port <= ports["To"]:
        return False
    return address in IPv4Network(entry["CidrBlock"])
