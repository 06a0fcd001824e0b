"""Whether the keys of an environment that stands can still be used, and their policies still let ours do it."""

import json
import shlex
from collections.abc import Iterable, Iterator
from typing import Any, Final

from dr_templates.aws.account.keys import ENABLED, Key
from dr_templates.aws.account.look import Seen
from dr_templates.aws.asking import Heard
from dr_templates.deploy.preflight.finding import Finding, blocker, ok, unread, warning
from dr_templates.deploy.preflight.policies import SUFFERS, Fault, Policy, administered, faults, mended
from dr_templates.deploy.preflight.wanted import Resource, Wanted

CHECK: Final = "keys"
DISABLED, LEAVING = "Disabled", "PendingDeletion"
KEY, ALIAS = "AWS::KMS::Key", "AWS::KMS::Alias"


def keys(wanted: Wanted, seen: Seen) -> Iterator[Finding]:
    """Find keys behind our aliases that are disabled or about to be deleted, or whose policies lack what is ours.

    Of the policies that are to be given, find those that KMS would refuse.
    """
    for region in wanted.topology.regions:
        place, heard = wanted.label(region), {one.name: seen.at("key", one.name) for one in wanted.at(region, ALIAS)}
        standing = {alias: each.told for alias, each in heard.items() if each.told is not None}
        refused = [key.policy for key in standing.values() if key.policy.told is None]
        found = [
            *_unread(heard.values(), place, f"aws kms describe-key --region {region} --key-id {next(iter(heard), '')}"),
            *_unread(refused, place, f"aws kms get-key-policy --region {region} --key-id ... --policy-name default"),
            *(_unusable(alias, key, place, region) for alias, key in standing.items() if key.state != ENABLED),
        ]
        for alias in wanted.at(region, ALIAS):
            template = _template(alias, wanted)
            found += _given(alias.name, template, place, wanted.config.account)
            if alias.name in standing and not _strange(standing[alias.name], region, seen):
                found += _kept(alias, template, standing[alias.name], place, wanted.config.account)
        what = f"{len(standing)} keys can be used, as our templates have it" if standing else "none is there yet"
        yield from found or [ok(CHECK, place, what)]


def _unread(heard: Iterable[Heard[Any]], place: str, by_hand: str) -> Iterator[Finding]:
    """Give one line for each reason, which many keys may share."""
    for trouble in dict.fromkeys(each.trouble for each in heard if each.trouble):
        yield unread(CHECK, place, Heard(trouble=trouble), by_hand)


def _unusable(alias: str, key: Key, place: str, region: str) -> Finding:
    enable = f"aws kms enable-key --region {region} --key-id {key.id}"
    mends = {
        DISABLED: f"Enable it: {enable}",
        LEAVING: f"Keep it: aws kms cancel-key-deletion --region {region} --key-id {key.id}, then {enable}",
    }
    what = f"{alias} leads to a key that cannot be used: it is {key.state}"
    see = f"See: aws kms describe-key --region {region} --key-id {key.id}"
    return blocker(CHECK, place, what, mends.get(key.state, see))


def _template(alias: Resource, wanted: Wanted) -> Policy:
    """Give the policy of the key that an alias of the templates is for."""
    title = alias.properties["TargetKeyId"]["Ref"]
    there = wanted.at(alias.region, KEY)
    policy: Policy = next(
        one.properties["KeyPolicy"] for one in there if (one.place, one.title) == (alias.place, title)
    )
    return policy


def _strange(key: Key, region: str, seen: Seen) -> bool:
    """Tell that others made the key, whose policy is none of ours: the check of the names has found that already."""
    held = seen.at("stacks", region).told
    return held is not None and key.id not in {one.id for one in held.made if one.type == KEY}


def _given(alias: str, template: Policy, place: str, account: str) -> Iterator[Finding]:
    """Find that KMS would refuse a policy of the templates, as it refuses those that lock their giver out."""
    kept = administered(template, account)
    mend = f"Let arn:aws:iam::{account}:root have kms:PutKeyPolicy in the template of the keys."
    if kept is False:
        yield blocker(CHECK, place, f"the policy for {alias} lets account {account} never change it again", mend)
    elif kept is None:
        what = f"whether the policy for {alias} lets these credentials change it again could not be told"
        yield warning(CHECK, place, what, mend)


def _kept(alias: Resource, template: Policy, key: Key, place: str, account: str) -> Iterator[Finding]:
    """Find what a standing policy no longer allows, or denies, of what its template lets ours do."""
    standing = key.policy.told
    if standing is None:
        return
    faulty = faults(template, standing, account, key.arn)
    for fault in faulty:
        found = blocker if fault.stops else warning
        yield found(CHECK, place, _words(alias.name, fault), _mend(alias, template, key, faulty, fault, account))


def _words(alias: str, fault: Fault) -> str:
    who, actions = " and ".join(fault.who), ", ".join(fault.actions)
    if fault.denied:
        verb = "denies" if fault.sure else "may deny"
        return f"the policy of {alias} {verb} {who} {actions}, by {fault.statement}"
    if not fault.sure:
        return f"the policy of {alias} lets {who} do {actions} only under more conditions than {fault.statement} has"
    so = f": {SUFFERS[fault.statement]}" if fault.stops and fault.statement in SUFFERS else ""
    return f"the policy of {alias} no longer lets {who} do {actions}, as {fault.statement} did{so}"


def _mend(alias: Resource, template: Policy, key: Key, faulty: tuple[Fault, ...], fault: Fault, account: str) -> str:
    at = f"--region {alias.region} --key-id {key.id} --policy-name default"
    if fault.denied and not fault.stops:
        return f"See that it spares what ours do: aws kms get-key-policy {at}"
    standing = key.policy.told or {}
    new = json.dumps(mended(template, standing, faulty), separators=(",", ":"))
    put = f"aws kms put-key-policy {at} --policy {shlex.quote(new)}"
    if administered(standing, account, key.arn) is False:
        return f"Only whom the policy still names, or AWS Support, can put it right: {put}"
    return f"If that deny may go: {put}" if fault.denied else f"Put it right: {put}"
