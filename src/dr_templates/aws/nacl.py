"""The gate before a database: denies in its network ACL, read, set and lifted by their numbers (fact A49).

An ACL keeps no memory of connections, so a deny cuts those that are open, and it leaves everything that CloudFormation
has made as it is. The functions raise what boto3 raises, and ``NoGateError``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from dr_templates.aws.clients import code, forgiven
from dr_templates.failover.gate import EPOCHS, OWN
from dr_templates.failover.model import Gate

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import NetworkAclEntryTypeDef

POSTGRES, EPHEMERAL = (5432, 5432), (1024, 65535)
"""Ports of questions and of answers: what a deny cuts in either direction."""
TCP = "6"
ALL = "-1"
EVERYWHERE = "0.0.0.0/0"
THERE = "NetworkAclEntryAlreadyExists"
NOT_THERE = "InvalidNetworkAclEntry.NotFound"
ALLOWED = ("DryRunOperation", THERE)
REFUSED = ("UnauthorizedOperation", "AccessDenied")


class NoGateError(Exception):
    """There is no ACL of that name, or more than one."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Acl:
    """A network ACL: its id, and what is shut in it."""

    id: str
    gate: Gate


def find(ec2: EC2Client, name: str) -> Acl:
    """Read the ACL that bears ``name`` as its Name tag. Raises ``NoGateError`` unless there is exactly one."""
    found = ec2.describe_network_acls(Filters=[{"Name": "tag:Name", "Values": [name]}]).get("NetworkAcls", [])
    if len(found) != 1:
        raise NoGateError(reason=f"{len(found)} network ACLs are named {name}, not one")
    return Acl(found[0].get("NetworkAclId", ""), gate(found[0].get("Entries", ())))


def gate(entries: Iterable[NetworkAclEntryTypeDef]) -> Gate:
    """Give the numbers of our denies by direction. An entry that would let anybody through is none of them."""
    shut = [entry for entry in entries if _shuts(entry)]
    return Gate(
        entering=frozenset(entry["RuleNumber"] for entry in shut if not entry.get("Egress")),
        leaving=frozenset(entry["RuleNumber"] for entry in shut if entry.get("Egress")),
    )


def close(ec2: EC2Client, acl: str, number: int, *, leaving: bool) -> None:
    """Deny questions to the database from everywhere, or its answers (``leaving``); done already is done."""
    with forgiven(THERE):
        _deny(ec2, acl, number, leaving=leaving, dry=False)


def open_(ec2: EC2Client, acl: str, numbers: Iterable[int]) -> None:
    """Lift these denies and no others, the ways out first; one that is not there is fine."""
    for leaving in (True, False):
        for number in sorted(numbers):
            with forgiven(NOT_THERE):
                ec2.delete_network_acl_entry(NetworkAclId=acl, RuleNumber=number, Egress=leaving)


def may_close(ec2: EC2Client, acl: str) -> bool:
    """Tell whether we could close the gate if we had to, without doing it.

    EC2 answers ``DryRunOperation`` to a dry run that is allowed, and looks at the right before at the number. Any other
    answer than yes or no is raised.
    """
    try:
        _deny(ec2, acl, OWN, leaving=False, dry=True)
    except ClientError as error:
        if code(error) in ALLOWED:
            return True
        if code(error) in REFUSED:
            return False
        raise
    return False


def _deny(ec2: EC2Client, acl: str, number: int, *, leaving: bool, dry: bool) -> None:
    first, last = EPHEMERAL if leaving else POSTGRES
    ec2.create_network_acl_entry(
        NetworkAclId=acl,
        RuleNumber=number,
        Protocol=TCP,
        RuleAction="deny",
        Egress=leaving,
        CidrBlock=EVERYWHERE,
        PortRange={"From": first, "To": last},
        DryRun=dry,
    )


def _shuts(entry: NetworkAclEntryTypeDef) -> bool:
    number = entry.get("RuleNumber", 0)
    first, last = EPHEMERAL if entry.get("Egress") else POSTGRES
    ports = entry.get("PortRange", {"From": 0, "To": 65535})
    return (
        (number in EPOCHS or number == OWN)
        and entry.get("RuleAction") == "deny"
        and entry.get("CidrBlock") == EVERYWHERE
        and (
            entry.get("Protocol") == ALL
            or (entry.get("Protocol") == TCP and ports.get("From", 0) <= first and ports.get("To", 0) >= last)
        )
    )
