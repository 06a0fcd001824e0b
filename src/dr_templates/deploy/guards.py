"""What keeps the stacks of an environment from harm: termination protection, and policies for what holds data.

A stack policy covers the resources of its own stack alone, so the root has one for its nested stacks and each nested
stack that holds data one for what is in it. CloudFormation asks it on every update, whoever makes it (fact G5).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from dr_templates.aws.stacks import guarding, read
from dr_templates.aws.stacks.model import Stack
from dr_templates.deploy.blueprint import Blueprints
from dr_templates.deploy.deployment import Deployment
from dr_templates.deploy.roots import Root

KEPT = ("AWS::KMS::Key", "AWS::RDS::DBInstance", "AWS::RDS::DBSubnetGroup", "AWS::SecretsManager::Secret")
"""Types whose loss is a loss of data, or that a database cannot be without."""
OPEN: dict[str, Any] = {"Statement": [{"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}]}
"""What a stack without a policy allows."""


Allowed = Mapping[str, Collection[str]]
"""Logical ids of what may go, by the logical id of the nested stack they are in."""
NOTHING: Allowed = MappingProxyType({})


@dataclass(frozen=True)
class Guard:
    """One thing to change about how a stack is kept: what it is in words, the stack, and the policy or the switch."""

    words: str
    stack: str
    policy: guarding.Policy | None = None
    protect: bool | None = None


def keepers(blueprints: Blueprints, template: str) -> tuple[str, ...]:
    """Name the nested stacks of a root that hold what is kept, by logical id."""
    return tuple(
        logical_id
        for logical_id, (tier, _) in blueprints.nested(template).items()
        if any(resource["Type"] in KEPT for resource in blueprints.bodies[tier]["Resources"].values())
    )


def policy(kept: Collection[str], allowed: Collection[str] = ()) -> dict[str, Any]:
    """Give a policy under which nothing of the types ``kept`` is replaced or deleted but logical ids ``allowed``."""
    deny: dict[str, Any] = {
        "Effect": "Deny",
        "Action": ["Update:Replace", "Update:Delete"],
        "Principal": "*",
        "Condition": {"StringEquals": {"ResourceType": sorted(kept)}},
    }
    if allowed:
        deny["NotResource"] = [f"LogicalResourceId/{name}" for name in sorted(allowed)]
    else:
        deny["Resource"] = "*"
    return {"Statement": [*OPEN["Statement"], deny]}


def _of_root(keeping: Collection[str], allowed: Collection[str]) -> dict[str, Any]:
    """Give the policy of a root: its nested stacks that hold data stay."""
    kept = [f"LogicalResourceId/{name}" for name in keeping if name not in allowed]
    if not kept:
        return OPEN
    deny = {"Effect": "Deny", "Action": ["Update:Replace", "Update:Delete"], "Principal": "*", "Resource": kept}
    return {"Statement": [*OPEN["Statement"], deny]}


def differences(
    on: Deployment, one: Root, stack: Stack, keeping: Collection[str], allowed: Allowed = NOTHING
) -> Iterator[Guard]:
    """Tell what has to change about a stack that stands, for it to be kept as configured. Reads, changes nothing.

    ``keeping`` names the nested stacks in it that hold what is kept, ``allowed`` what may go for now.
    """
    protection = on.config.protection
    client = on.client(one)
    if stack.protected != protection.termination_protection:
        words = f"termination protection {'on' if protection.termination_protection else 'off'}"
        yield Guard(words, stack.name, protect=protection.termination_protection)
    if not keeping:
        return
    nested = read.nested(client, stack.name)
    wanted = {stack.name: _of_root(keeping, allowed)}
    wanted |= {nested[name]: policy(KEPT, allowed.get(name, ())) for name in keeping if name in nested}
    for name, body in wanted.items():
        asked = body if protection.stack_policy else OPEN
        if (guarding.policy(client, name) or OPEN) != asked:
            yield Guard(f"stack policy of {_short(name)}", name, policy=asked)


def settle(on: Deployment, one: Root, guards: Collection[Guard]) -> None:
    """Make a stack kept as the guards say."""
    client = on.client(one)
    for guard in guards:
        if guard.protect is not None:
            guarding.protect(client, guard.stack, on=guard.protect)
        if guard.policy is not None:
            guarding.set_policy(client, guard.stack, guard.policy)


def _short(stack: str) -> str:
    """Name a stack by its own name, where it is known by its id."""
    return stack.split("/")[1] if stack.startswith("arn:") else stack
