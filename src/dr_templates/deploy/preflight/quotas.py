"""Whether there is room for what the stacks make: limits of the account, less what is in use, with what is ours."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from dr_templates.aws.account.look import Seen
from dr_templates.aws.account.quotas import AT_ONCE, CODE, LISTED, OF_LAMBDA, OF_RDS, Quota
from dr_templates.aws.asking import Heard
from dr_templates.deploy.preflight import needs
from dr_templates.deploy.preflight.finding import ACCOUNT, Finding, blocker, ok, unread, warning
from dr_templates.deploy.preflight.wanted import Wanted

CHECK = "quotas"
COUNTED: Final[Mapping[str, tuple[str, ...]]] = {
    **{name: (kind,) for name, kind in (*needs.OF_TYPE.items(), *needs.OF_ACCOUNT.items()) if name != AT_ONCE},
    "security groups": (needs.GROUP, "AWS::EC2::VPC"),
    "gateway endpoints": (needs.ENDPOINT,),
}
"""Which of the things that our stacks have already made are in use of a quota."""


def quotas(wanted: Wanted, seen: Seen) -> Iterator[Finding]:
    """Find quotas that the account has too little left of; an environment that stands counts for itself."""
    for region in wanted.topology.regions:
        wishes = needs.of_region(wanted, region)
        ours = _ours(seen, (region,))
        yield from _of_place(wanted.label(region), region, wishes, ours, seen)
    yield from _of_place(ACCOUNT, "", needs.of_account(wanted), _ours(seen, wanted.topology.regions), seen)


def _of_place(
    place: str, region: str, wishes: Mapping[str, int], ours: Mapping[str, int] | None, seen: Seen
) -> Iterator[Finding]:
    """Give what is wrong; where nothing is, the quota that has least left."""
    heard = {name: seen.quota(name, region) for name in wishes}
    told = {name: each.told for name, each in heard.items() if each.told is not None}
    own = {name: min(need, (ours or {}).get(name, 0)) for name, need in wishes.items()}
    left = {name: quota.limit - quota.used + own[name] - wishes[name] for name, quota in told.items()}
    short = [
        _short(name, wishes[name], told[name], own[name], place, region, sure=ours is not None)
        for name, rest in left.items()
        if rest < 0
    ]
    yield from (*_unread(place, region, wishes, heard), *short)
    if left and not short:
        scarcest = min(left, key=lambda name: left[name])
        spare = f"scarcest: {scarcest}, {left[scarcest]:.0f} to spare"
        yield ok(CHECK, place, f"room in {len(left)} of {len(wishes)} quotas; {spare}")


def _unread(place: str, region: str, wishes: Mapping[str, int], heard: Mapping[str, Heard[Quota]]) -> Iterator[Finding]:
    """Give one line for each reason, which many quotas may share."""
    for trouble in dict.fromkeys(each.trouble for each in heard.values() if each.told is None):
        names = [name for name, each in heard.items() if each.told is None and each.trouble == trouble]
        needed = ", ".join(f"{name} {wishes[name]}" for name in names)
        yield unread(
            CHECK, place, Heard(trouble=trouble), f"is there room for this: {needed}? {_service(names[0], region)}"
        )


def _short(name: str, need: int, quota: Quota, own: int, place: str, region: str, *, sure: bool) -> Finding:
    what = f"{name}: {need} needed, of which {own} are there; {quota.used:.0f} of {quota.limit:.0f} are in use"
    mend = f"Free some, or ask for more: {_service(name, region)}"
    if not sure:
        return warning(CHECK, place, f"{what}, and which of them are ours could not be read", mend)
    if name == AT_ONCE:
        what = f"{need} functions may run at a time, and the account lets {quota.limit:.0f}: some may have to wait"
        return warning(CHECK, place, what, mend)
    return blocker(CHECK, place, what, mend)


def _service(name: str, region: str) -> str:
    """Give the command that shows a quota, and whose answer names the code to raise it by."""
    codes = {**dict.fromkeys(OF_RDS, "rds"), **dict.fromkeys(OF_LAMBDA, "lambda"), "roles": "iam"}
    where = f" --region {region}" if region else " --region us-east-1"
    if name in LISTED:
        listed = LISTED[name]
        asked = f"--service-code {listed.service} --quota-code {listed.code}"
        return f"aws service-quotas get-aws-default-service-quota {asked}{where}"
    return f"aws service-quotas list-service-quotas --service-code {codes.get(name, 'route53')}{where}"


def _ours(seen: Seen, regions: tuple[str, ...]) -> dict[str, int] | None:
    """Count what our stacks have made towards each quota; None where a region's stacks could not be read."""
    held = [heard.told for heard in (seen.at("stacks", region) for region in regions) if heard.told is not None]
    if len(held) < len(regions):
        return None
    types = Counter(one.type for each in held for one in each.made)
    counted = {name: sum(types[kind] for kind in kinds) for name, kinds in COUNTED.items()}
    counted["stacks"] += sum(len(each.stacks) for each in held)
    ids = {one.id for each in held for one in each.made if one.type == needs.INSTANCE}
    instances = [one for region in regions for one in seen.at(needs.INSTANCE, region).told or ()]
    counted[CODE] = types[needs.FUNCTION] * needs.ARCHIVE_MIB
    counted[needs.STORAGE] = sum(one.size for one in instances if one.id in ids)
    return counted
