"""Security group rules: each one source and one id, by the API and as resources of their own."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import ec2

from dr_templates.aws.clients import forgiven
from dr_templates.lab.emulator.types.handler import Handler, Made, Properties, client
from dr_templates.lab.emulator.types.wire import Function, RefusedError, Request

SOURCES = ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs")
NAMES = {"IpRanges": "CidrIp", "Ipv6Ranges": "CidrIpv6", "PrefixListIds": "PrefixListId", "UserIdGroupPairs": "GroupId"}
SHOWN = {"IpRanges": "CidrIpv4", "Ipv6Ranges": "CidrIpv6", "PrefixListIds": "PrefixListId"}
GONE = ("InvalidSecurityGroupRuleId.NotFound", "InvalidGroup.NotFound")
Rule = dict[str, Any]


def _authorize(request: Request, *, egress: bool) -> dict[str, Any]:
    """AuthorizeSecurityGroupIngress and -Egress: refused when a rule is there already."""
    rules = _rules(request["GroupId"], egress=egress)
    new = list(_split(request.get("IpPermissions", ())))
    present = {_identity(rule) for rule in rules}
    for rule in new:
        if _identity(rule) in present:
            words = "the specified rule already exists"
            raise RefusedError("InvalidPermission.Duplicate", words)
    rules += new
    return {"Return": True, "SecurityGroupRules": [_shown(request["GroupId"], rule, egress=egress) for rule in new]}


def _revoke(request: Request, *, egress: bool) -> dict[str, Any]:
    """RevokeSecurityGroupIngress and -Egress, by id or by what the rules say; all or none."""
    rules = _rules(request["GroupId"], egress=egress)
    if identifiers := request.get("SecurityGroupRuleIds"):
        known = {_identifier(rule): rule for rule in rules}
        missing = [one for one in identifiers if one not in known]
        if missing:
            words = f"The security group rule ID '{missing[0]}' does not exist"
            raise RefusedError("InvalidSecurityGroupRuleId.NotFound", words)
        going = [known[one] for one in identifiers]
    else:
        present = {_identity(rule): rule for rule in rules}
        asked = [_identity(rule) for rule in _split(request.get("IpPermissions", ()))]
        if any(one not in present for one in asked):
            words = "The specified rule does not exist in this security group."
            raise RefusedError("InvalidPermission.NotFound", words)
        going = [present[one] for one in asked]
    for rule in going:
        rules.remove(rule)
    return {"Return": True}


def describe_rules(request: Request) -> dict[str, Any]:
    """DescribeSecurityGroupRules, by id and by the filter group-id."""
    filters = {one["Name"]: one.get("Values", []) for one in request.get("Filters", ())}
    wanted = {*request.get("SecurityGroupRuleIds", ()), *filters.get("security-group-rule-id", ())}
    groups = filters.get("group-id")
    shown = [
        _shown(group, rule, egress=egress)
        for group in list(ec2._security_groups)
        if groups is None or group in groups
        for egress in (False, True)
        for rule in _rules(group, egress=egress)
        if not wanted or _identifier(rule) in wanted
    ]
    return {"SecurityGroupRules": shown}


ACTIONS: Mapping[str, Function] = {
    "AuthorizeSecurityGroupIngress": lambda request: _authorize(request, egress=False),
    "AuthorizeSecurityGroupEgress": lambda request: _authorize(request, egress=True),
    "RevokeSecurityGroupIngress": lambda request: _revoke(request, egress=False),
    "RevokeSecurityGroupEgress": lambda request: _revoke(request, egress=True),
    "DescribeSecurityGroupRules": describe_rules,
}


def _rules(group: str, *, egress: bool) -> list[Rule]:
    """Give the rules of a group in one direction, each with a single source, for reading and changing."""
    found = ec2._security_groups.get(group)
    if found is None:
        raise RefusedError("InvalidGroup.NotFound", f"The security group '{group}' does not exist")
    key = "IpPermissionsEgress" if egress else "IpPermissions"
    rules = found[key]
    if any(sum(len(rule.get(kind, ())) for kind in SOURCES) != 1 for rule in rules):
        rules[:] = _split(rules)
    return rules  # type: ignore[no-any-return]  # the emulator's stores carry no types


def _split(permissions: Iterable[Mapping[str, Any]]) -> Iterable[Rule]:
    for permission in permissions:
        ports = {name: permission[name] for name in ("FromPort", "ToPort") if permission.get(name) is not None}
        for kind in SOURCES:
            for source in permission.get(kind, ()):
                empty: Rule = {other: [] for other in SOURCES}
                yield {**empty, "IpProtocol": str(permission["IpProtocol"]), **ports, kind: [dict(source)]}


def _kind(rule: Rule) -> str:
    return next(kind for kind in SOURCES if rule.get(kind))


def _identity(rule: Rule) -> tuple[Any, ...]:
    kind = _kind(rule)
    return rule["IpProtocol"], rule.get("FromPort"), rule.get("ToPort"), kind, rule[kind][0].get(NAMES[kind])


def _identifier(rule: Rule) -> str:
    return str(rule.setdefault("SecurityGroupRuleId", f"sgr-{secrets.token_hex(9)[:17]}"))


def _shown(group: str, rule: Rule, *, egress: bool) -> dict[str, Any]:
    kind = _kind(rule)
    source = rule[kind][0]
    if kind == "UserIdGroupPairs":
        told = {"ReferencedGroupInfo": {"GroupId": source.get("GroupId"), "UserId": get_account_id()}}
    else:
        told = {SHOWN[kind]: source[NAMES[kind]]}
    return {
        "SecurityGroupRuleId": _identifier(rule),
        "GroupId": group,
        "GroupOwnerId": get_account_id(),
        "IsEgress": egress,
        "IpProtocol": rule["IpProtocol"],
        "FromPort": rule.get("FromPort", -1),
        "ToPort": rule.get("ToPort", -1),
        "Description": source.get("Description"),
        "Tags": ec2._tags.get(_identifier(rule), []),
        **told,
    }


def _permission(properties: Properties) -> dict[str, Any]:
    """Turn a template's rule into the API's."""
    permission: dict[str, Any] = {"IpProtocol": str(properties["IpProtocol"])}
    permission |= {end: int(properties[end]) for end in ("FromPort", "ToPort") if end in properties}
    words = {"Description": properties["Description"]} if "Description" in properties else {}
    sources = {
        "IpRanges": ("CidrIp", ("CidrIp",)),
        "Ipv6Ranges": ("CidrIpv6", ("CidrIpv6",)),
        "PrefixListIds": ("PrefixListId", ("SourcePrefixListId", "DestinationPrefixListId")),
        "UserIdGroupPairs": ("GroupId", ("SourceSecurityGroupId", "DestinationSecurityGroupId")),
    }
    for kind, (name, given) in sources.items():
        for one in given:
            if one in properties:
                permission[kind] = [{name: properties[one], **words}]
    return permission


def _handler(way: str) -> Handler:
    """Make the handler of SecurityGroupIngress or SecurityGroupEgress: a changed rule is a new one."""

    def calls() -> tuple[Callable[..., Any], Callable[..., Any]]:
        api = client("ec2")
        if way == "ingress":
            return api.authorize_security_group_ingress, api.revoke_security_group_ingress
        return api.authorize_security_group_egress, api.revoke_security_group_egress

    def make(_logical_id: str, properties: Properties, _stack: str) -> Made:
        made = calls()[0](GroupId=properties["GroupId"], IpPermissions=[_permission(properties)])
        identifier = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
        return identifier, {"Id": identifier}

    def change(identifier: str, old: Properties, new: Properties, stack: str, logical_id: str) -> Made:
        if {**old, "Description": None} == {**new, "Description": None}:
            remove(identifier, old)
        return make(logical_id, new, stack)

    def remove(identifier: str, properties: Properties) -> None:
        with forgiven(*GONE):
            calls()[1](GroupId=properties["GroupId"], SecurityGroupRuleIds=[identifier])

    return Handler(make, change, remove)


TYPES: Mapping[str, Handler] = {
    "AWS::EC2::SecurityGroupIngress": _handler("ingress"),
    "AWS::EC2::SecurityGroupEgress": _handler("egress"),
}
