"""Lets one side of a VPC peering resolve the other's private names, which each side must allow in its own region."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from dr_templates.aws import clients
from dr_templates.runtime.custom_resource import Context, answer, post_from
from dr_templates.runtime.errors import WorkError

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import PeeringConnectionOptionsRequestTypeDef, VpcPeeringConnectionTypeDef

NOT_YET_SEEN = "not there"
COMING = frozenset({NOT_YET_SEEN, "initiating-request", "pending-acceptance", "provisioning"})
PAUSE_SECONDS = 5.0
RESERVE_SECONDS = 20.0  # for the calls themselves and the answer


@dataclass(frozen=True)
class Wait:
    """How many pauses there is time for, and how to make one."""

    pauses: int
    sleep: Callable[[float], None]


def handler(event: Mapping[str, Any], context: Context) -> None:
    """Answer CloudFormation once the option is set, or once there is no time left to wait for the connection."""
    ec2 = clients.ec2(os.environ["AWS_REGION"])
    left = context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS
    wait = Wait(int(left / PAUSE_SECONDS), time.sleep)
    answer(event, context, partial(allow, ec2, wait), post_from(os.environ))


def allow(ec2: EC2Client, wait: Wait, event: Mapping[str, Any]) -> tuple[str, Mapping[str, str]]:
    """Wait for the connection PeeringConnectionId and set the option for Side, ``Requester`` or ``Accepter``."""
    properties = event["ResourceProperties"]
    peering, side = properties["PeeringConnectionId"], properties["Side"]
    option: PeeringConnectionOptionsRequestTypeDef = {"AllowDnsResolutionFromRemoteVpc": True}
    with clients.aws_errors_explained(f"Setting DNS resolution on {peering}"):
        status = _status(ec2, peering)
        for _ in range(wait.pauses):
            if status not in COMING:
                break
            wait.sleep(PAUSE_SECONDS)
            status = _status(ec2, peering)
        if status != "active":
            raise WorkError(reason=f"{peering} is {status}, not active; has the other side accepted it?")
        match side:
            case "Requester":
                ec2.modify_vpc_peering_connection_options(
                    VpcPeeringConnectionId=peering, RequesterPeeringConnectionOptions=option
                )
            case "Accepter":
                ec2.modify_vpc_peering_connection_options(
                    VpcPeeringConnectionId=peering, AccepterPeeringConnectionOptions=option
                )
            case _:
                raise WorkError(reason=f"Side is {side}; it must be Requester or Accepter")
    return f"{peering}/{side}", {}


def _status(ec2: EC2Client, peering: str) -> str:
    """Tell the connection's state; the accepter's region may hear of it later than CloudFormation does."""
    found: list[VpcPeeringConnectionTypeDef] = []
    with clients.forgiven("InvalidVpcPeeringConnectionID.NotFound"):
        found = ec2.describe_vpc_peering_connections(VpcPeeringConnectionIds=[peering])["VpcPeeringConnections"]
    return found[0]["Status"]["Code"] if found else NOT_YET_SEEN
