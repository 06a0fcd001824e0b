"""Which AWS services the role of a function lets it call."""

import re
from collections.abc import Iterator

from cfnlint.template import Template

from dr_templates.rules._intrinsics import referred
from dr_templates.rules._values import Resource, Value, elements, present, resources

ROLE = "AWS::IAM::Role"

MADE_BY_LAMBDA = frozenset(
    {
        "dynamodb:describestream",
        "dynamodb:getrecords",
        "dynamodb:getsharditerator",
        "dynamodb:liststreams",
        "ec2:assignprivateipaddresses",
        "ec2:createnetworkinterface",
        "ec2:deletenetworkinterface",
        "ec2:describenetworkinterfaces",
        "ec2:describesecuritygroups",
        "ec2:describesubnets",
        "ec2:describevpcs",
        "ec2:getsecuritygroupsforvpc",
        "ec2:unassignprivateipaddresses",
        "sqs:deletemessage",
        "sqs:getqueueattributes",
        "sqs:receivemessage",
    }
)
"""Actions the Lambda service performs with the function's role: network interfaces, event sources."""

LOCAL = frozenset({"logs", "rds-db", "xray"})
"""Prefixes not judged: Lambda ships logs itself, an IAM token is signed locally (fact C3), traces are its daemon's."""

_ACTION = re.compile(r"([a-z0-9-]+):[A-Za-z0-9*?]+")


def called(cfn: Template, function: Resource) -> Iterator[str]:
    """Give the service prefixes, as IAM writes them, that a function's role in this template allows it."""
    for value in present(function.properties, "Role"):
        role = referred(value.value)
        for resource in resources(cfn, ROLE):
            if resource.name == role:
                for statement in _statements(cfn, resource):
                    yield from _services(statement)


def _statements(cfn: Template, role: Resource) -> Iterator[Value]:
    for inline in elements(role.properties, "Policies"):
        yield from elements(inline, "PolicyDocument", "Statement")
    attached = {referred(arn.value) for arn in elements(role.properties, "ManagedPolicyArns")}
    for policy in resources(cfn, "AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::ManagedPolicy"):
        roles = {referred(r.value) for key in ("Roles", "RoleName") for r in elements(policy.properties, key)}
        if role.name in roles or policy.name in attached:
            yield from elements(policy.properties, "PolicyDocument", "Statement")


def _services(statement: Value) -> Iterator[str]:
    if not any(effect.value == "Allow" for effect in present(statement, "Effect")):
        return
    conditions = [name.lower() for value in present(statement, "Condition") for name in _keys(value.value)]
    for action in elements(statement, "Action"):
        parts = _ACTION.fullmatch(action.value) if isinstance(action.value, str) else None
        if parts is None or parts[1] in LOCAL or action.value.lower() in MADE_BY_LAMBDA:
            continue
        if parts[1] == "kms" and "kms:viaservice" in conditions:
            continue  # the other service calls KMS on the function's behalf
        yield parts[1]


def _keys(condition: object) -> Iterator[str]:
    if isinstance(condition, dict):
        for tests in condition.values():
            if isinstance(tests, dict):
                yield from (str(key) for key in tests)
