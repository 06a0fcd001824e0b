"""Names that are taken: what somebody else, or a deploy that failed, has left under a name of ours."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from dr_templates.aws.account.existing import LISTINGS, Existing
from dr_templates.aws.account.look import Seen
from dr_templates.deploy.preflight.finding import Finding, blocker, ok, unread, warning
from dr_templates.deploy.preflight.wanted import Wanted

CHECK = "names"
FAILED = "CREATE_FAILED"
INSTANCE = "AWS::RDS::DBInstance"
_REGION: Final = 3  # which part of an ARN is the region
FREE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "AWS::CloudWatch::Alarm": "aws cloudwatch delete-alarms --alarm-names {name}",
        "AWS::CloudWatch::Dashboard": "aws cloudwatch delete-dashboards --dashboard-names {name}",
        "AWS::DynamoDB::Table": "aws dynamodb delete-table --table-name {name}",
        "AWS::Events::Rule": "aws events delete-rule --name {name}",
        "AWS::KMS::Alias": "aws kms delete-alias --alias-name {name}",
        "AWS::Lambda::Function": "aws lambda delete-function --function-name {name}",
        "AWS::Logs::LogGroup": "aws logs delete-log-group --log-group-name {name}",
        "AWS::RDS::DBInstance": "aws rds delete-db-instance --db-instance-identifier {name} "
        "--final-db-snapshot-identifier {name}-last",
        "AWS::RDS::DBParameterGroup": "aws rds delete-db-parameter-group --db-parameter-group-name {name}",
        "AWS::RDS::DBSubnetGroup": "aws rds delete-db-subnet-group --db-subnet-group-name {name}",
        "AWS::RDS::EventSubscription": "aws rds delete-event-subscription --subscription-name {name}",
        "AWS::SNS::Topic": "aws sns delete-topic --topic-arn {id}",
        "AWS::SecretsManager::Secret": "aws secretsmanager delete-secret --secret-id {name} "
        "--force-delete-without-recovery",
        "AWS::StepFunctions::StateMachine": "aws stepfunctions delete-state-machine --state-machine-arn {id}",
    }
)
"""How a name is made free again, by type."""


def names(wanted: Wanted, seen: Seen) -> Iterator[Finding]:
    """Find whatever bears a name that a stack of ours will give, and was not made by our stacks."""
    owners = _owners(wanted, seen)
    for region in wanted.topology.regions:
        found = [finding for kind in LISTINGS for finding in _of_type(wanted, kind, region, seen, owners)]
        number = len(wanted.at(region, *LISTINGS))
        free = ok(CHECK, wanted.label(region), f"{number} names are free, or our own stacks have them")
        yield from found or [free]


@dataclass(frozen=True)
class _Owners:
    """Our stacks' own, by type and id: what they have made, and what they have at least tried to make.

    ``known`` unless some could not be read.
    """

    made: frozenset[tuple[str, str]]
    tried: frozenset[tuple[str, str]]
    known: bool


def _owners(wanted: Wanted, seen: Seen) -> _Owners:
    heard = [seen.at("stacks", region) for region in wanted.topology.regions]
    held = [one for each in heard if each.told is not None for one in each.told.made]
    return _Owners(
        made=frozenset((one.type, known) for one in held if one.status != FAILED for known in _known_by(one.id)),
        tried=frozenset((one.type, known) for one in held for known in _known_by(one.id)),
        known=all(each.told is not None for each in heard),
    )


def _of_type(wanted: Wanted, kind: str, region: str, seen: Seen, owners: _Owners) -> Iterator[Finding]:
    ours, place = {one.name for one in wanted.at(region, kind)}, wanted.label(region)
    heard = seen.at(kind, region)
    if not ours:
        return
    if heard.told is None:
        yield unread(CHECK, place, heard, f"none of these may exist in {region}: {', '.join(sorted(ours))}")
        return
    for one in heard.told:
        if one.name in ours and not _among(one, kind, owners.made):
            yield _taken(one, kind, place, region, owners)


def _taken(one: Existing, kind: str, place: str, region: str, owners: _Owners) -> Finding:
    what = f"{kind} {one.name} exists in {region}"
    if one.leaving:
        what += ", and its name is taken until it is deleted for good"
    free = f"{FREE[kind].format(name=one.name, id=one.id)} --region {region}"
    if not owners.known:
        look = f"aws cloudformation describe-stack-resources --physical-resource-id {one.id} --region {region}"
        return warning(CHECK, place, f"{what}; whether our stacks made it could not be read", f"Look: {look}")
    if _among(one, kind, owners.tried):
        mend = f"If it is a leftover of that try: {free}"
        return warning(CHECK, place, f"{what}, and our stack failed to create it", mend)
    mend = f"Choose another name or suffix; or, if nobody needs it: {free}"
    if one.leaving and kind == INSTANCE:
        mend = "Wait until it is gone."
    return blocker(CHECK, place, f"{what}, and none of our stacks made it", mend)


def _among(one: Existing, kind: str, owned: frozenset[tuple[str, str]]) -> bool:
    """Tell whether a thing is among our stacks' own of its type: several types bear the same name."""
    return not owned.isdisjoint({(kind, _anywhere(one.id)), (kind, one.name)})


def _known_by(physical: str) -> tuple[str, ...]:
    """Give what a stack's resource may be listed by: its id without a region, and the name at the end of an ARN."""
    if not physical.startswith("arn:"):
        return (physical,)
    return _anywhere(physical), physical.rpartition(":")[2].rpartition("/")[2]


def _anywhere(known: str) -> str:
    """Leave the region out of an ARN: a replicated secret has the ARN of its source but for that (fact A39)."""
    if not known.startswith("arn:"):
        return known
    parts = known.split(":")
    return ":".join([*parts[:_REGION], *parts[_REGION + 1 :]])
