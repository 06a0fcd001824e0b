"""What the caller may do, as IAM's own simulator tells it, and the role that RDS needs for itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_iam.type_defs import EvaluationResultTypeDef

RDS_ROLE = "AWSServiceRoleForRDS"
EVERYTHING = "*"
AT_ONCE = 50
"""How many actions are simulated in one call."""
ALLOWED, FORBIDDEN = "allowed", "explicitDeny"
GLOBAL, GLOBAL_AT = ("iam", "route53"), "us-east-1"
"""Services that have one endpoint for all regions, and where that is."""


@dataclass(frozen=True)
class Denial:
    """An action that is not allowed: forbidden by a policy (``explicit``), or allowed by none.

    ``unknown`` names conditions that the simulator had no value for: then the answer may be wrong. So it may be where
    a policy of the ``organisation`` denies, of whose conditions the simulator tells nothing.
    """

    action: str
    explicit: bool = False
    unknown: tuple[str, ...] = ()
    organisation: bool = False


def denials(iam: IAMClient, caller: str, region: str, actions: Mapping[str, str]) -> tuple[Denial, ...] | None:
    """Give which actions a caller is denied in a region; None for a federated user, whom nobody can simulate.

    The account's root user may do everything. ``caller`` is an ARN as STS tells it.
    """
    _, _, _, _, account, who = caller.split(":", 5)
    kind, _, name = who.partition("/")
    match kind:
        case "root":
            return ()
        case "user":
            return simulate(iam, caller, region, actions)
        case "assumed-role":
            return simulate(iam, _role(iam, account, name.partition("/")[0]), region, actions)
        case _:
            return None


def _role(iam: IAMClient, account: str, role: str) -> str:
    """Give the ARN of a session's role. The session's leaves out the path, which roles of AWS's sign-on have."""
    try:
        return iam.get_role(RoleName=role)["Role"]["Arn"]
    except ClientError:
        return f"arn:aws:iam::{account}:role/{role}"


def simulate(iam: IAMClient, arn: str, region: str, actions: Mapping[str, str]) -> tuple[Denial, ...]:
    """Simulate actions of a user or role; each comes with the ARN of what it would act on.

    All are asked first for everything; those that no policy allows so broadly again for that ARN, as policies may be
    bound to names. A global service is called in us-east-1, whatever region a stack is in, and conditions on the region
    are held against that.
    """
    here: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for action, resource in actions.items():
        here[GLOBAL_AT if action.partition(":")[0] in GLOBAL else region][action] = resource
    found = [denial for where, some in here.items() for denial in _simulate(iam, arn, where, some)]
    return tuple(sorted(found, key=lambda denial: denial.action))


def _simulate(iam: IAMClient, arn: str, region: str, actions: Mapping[str, str]) -> list[Denial]:
    first = _denied(iam, arn, region, actions, EVERYTHING)
    narrow: defaultdict[str, list[str]] = defaultdict(list)
    for denial in first:
        narrow[actions[denial.action]].append(denial.action)
    final = [denial for denial in first if actions[denial.action] == EVERYTHING]
    for resource, few in narrow.items():
        if resource != EVERYTHING:
            final.extend(_denied(iam, arn, region, few, resource))
    return final


def _denied(iam: IAMClient, arn: str, region: str, actions: Iterable[str], resource: str) -> list[Denial]:
    return [
        Denial(
            told["EvalActionName"],
            explicit=told["EvalDecision"] == FORBIDDEN,
            unknown=_missing(told),
            organisation=not told.get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations", True),
        )
        for few in _batches(sorted(actions))
        for told in _simulated(iam, arn, region, few, resource)
        if told["EvalDecision"] != ALLOWED
    ]


def _missing(told: EvaluationResultTypeDef) -> tuple[str, ...]:
    """Give the conditions without a value, told of the whole or of the one resource."""
    parts = (told, *told.get("ResourceSpecificResults", ()))
    return tuple(dict.fromkeys(key for part in parts for key in part.get("MissingContextValues", ())))


def _batches(actions: Sequence[str]) -> Iterator[Sequence[str]]:
    return (actions[start : start + AT_ONCE] for start in range(0, len(actions), AT_ONCE))


def _simulated(
    iam: IAMClient, arn: str, region: str, actions: Sequence[str], resource: str
) -> Iterator[EvaluationResultTypeDef]:
    """Tell the simulator the region: many organisations deny by it, and a missing value would look like a denial."""
    pages = iam.get_paginator("simulate_principal_policy").paginate(
        PolicySourceArn=arn,
        ActionNames=list(actions),
        ResourceArns=[resource],
        ContextEntries=[
            {"ContextKeyName": "aws:RequestedRegion", "ContextKeyValues": [region], "ContextKeyType": "string"}
        ],
    )
    for page in pages:
        yield from page["EvaluationResults"]


def rds_role(iam: IAMClient) -> bool:
    """Tell that the service-linked role of RDS is there. Raises what boto3 raises when it is not."""
    iam.get_role(RoleName=RDS_ROLE)
    return True
