"""The root stacks, wired by name: a tier's parameters are its imports, its outputs its exports (docs/design.md)."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from troposphere import GetAtt, Ref, Template
from troposphere.cloudformation import Stack

from dr_templates.tiers import (
    control_monitoring,
    database_primary,
    database_replica,
    dns,
    failover,
    keys,
    monitoring,
    network,
    peering,
    probe,
    rotation,
    security,
    sheet,
    watchdog,
)
from dr_templates.topology import CONTROL

Build = Callable[[], Template]

TIERS: Mapping[str, Build] = MappingProxyType(
    {
        "keys": keys.build,
        "network": network.build,
        "security": security.build,
        "peering-request": peering.request,
        "database-primary": database_primary.build,
        "peering-accept": peering.accept,
        "database-replica": database_replica.build,
        "probe": probe.build,
        "watchdog": watchdog.build,
        "rotation": rotation.build,
        "monitoring": monitoring.build,
        "control-keys": keys.control,
        "dns": dns.build,
        "failover": failover.build,
        "control-monitoring": control_monitoring.build,
    }
)
"""Every nested template by the name of its file."""


class Member(NamedTuple):
    """A tier in a root: ``fixed`` parameters are the root's own answer, ``when`` a yes/no parameter that decides."""

    tier: str
    fixed: Mapping[str, str] = MappingProxyType({})
    when: str | None = None


class Place(NamedTuple):
    """One root stack: what it is, and its tiers in the order in which they may use each other."""

    description: str
    members: tuple[Member, ...]


AT_CONTROL = MappingProxyType({"SiteName": CONTROL})
"""Control is no site, but names what it has as a site does; no site may be called so."""

ROOTS: Mapping[str, Place] = MappingProxyType(
    {
        "foundation": Place(
            "Foundation of a site: keys, network, security. The same template at both sites, deployed in parallel.",
            (Member("keys"), Member("network"), Member("security")),
        ),
        "primary": Place(
            "Home site: the primary database and what watches it. After both foundations.",
            (
                Member("peering-request", when="Peering"),
                Member("database-primary"),
                Member("probe"),
                Member("watchdog", fixed={"AtHome": "yes"}),
                Member("rotation", fixed={"SecretAtHome": "yes"}),
                Member("monitoring"),
            ),
        ),
        "standby": Place(
            "Other site: the replica and what watches it. After the home site.",
            (
                Member("peering-accept", when="Peering"),
                Member("database-replica"),
                Member("probe"),
                Member("watchdog", fixed={"AtHome": "no"}),
                Member("rotation", fixed={"SecretAtHome": "no"}),
                Member("monitoring"),
            ),
        ),
        "control": Place(
            "Control region: the name that moves, and the failover that moves it. After both sites.",
            (
                Member("control-keys", fixed=AT_CONTROL),
                Member("dns"),
                Member("failover", fixed=AT_CONTROL),
                Member("control-monitoring", fixed=AT_CONTROL),
            ),
        ),
    }
)
"""Every root by the name of its file, in the order of deployment."""


def everything() -> dict[str, Template]:
    """Give every template by the name of its file: each tier, built once, and the roots wired from them."""
    tiers = {name: build() for name, build in TIERS.items()}
    return {**tiers, **{name: wire(place, tiers) for name, place in ROOTS.items()}}


def root(name: str) -> Template:
    """Give one root alone. Raises ``KeyError`` for a name that is no root's."""
    place = ROOTS[name]
    return wire(place, {member.tier: TIERS[member.tier]() for member in place.members})


def wire(place: Place, tiers: Mapping[str, Template]) -> Template:
    """Give a place's root: each parameter gets the output of its name from an earlier tier, or becomes the root's.

    A tier's rules are the root's as well: there they are asked before anything is made, and not after the database.
    """
    offered: dict[str, GetAtt] = {}
    stacks: list[Stack] = []
    open_parameters: list[str] = []
    outputs: list[tuple[str, object, str, str | None]] = []
    rules: dict[str, object] = {}
    for member in place.members:
        tier = tiers[member.tier]
        values: dict[str, object] = {}
        for name, parameter in tier.parameters.items():
            if name in member.fixed:
                values[name] = member.fixed[name]
            elif name in offered:
                values[name] = offered[name]
            else:
                open_parameters.append(name)
                values[name] = sheet.listed(name) if parameter.Type == "CommaDelimitedList" else Ref(name)
        rules.update(tier.rules)
        stack = _nested(member, values)
        stacks.append(stack)
        for name, output in tier.outputs.items():
            offered[name] = GetAtt(stack, f"Outputs.{name}")
            outputs.append((name, offered[name], output.Description, _condition(member)))
    template = sheet.begin(place.description, [*open_parameters, *_switches(place.members)], nested=False)
    for name in _switches(place.members):
        sheet.switch(template, f"Wants{name}", name)
    for name, rule in rules.items():
        template.add_rule(name, rule)
    for stack in stacks:
        template.add_resource(stack)
    for name, value, description, condition in outputs:
        sheet.give(template, name, value, description, when=condition)
    return template


def _switches(members: Sequence[Member]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(member.when for member in members if member.when))


def _condition(member: Member) -> str | None:
    return f"Wants{member.when}" if member.when else None


def _nested(member: Member, values: Mapping[str, object]) -> Stack:
    """Nest a tier by a relative path, which ``aws cloudformation package`` rewrites and cfn-lint follows.

    cfn-lint warns that such a path needs packaging (W3002). It does, and the deployer and the README do it; the warning
    is silenced here, on this one resource, and the template says why.
    """
    logical = "".join(word.capitalize() for word in member.tier.split("-"))
    extra = {"Condition": _condition(member)} if member.when else {}
    return Stack(
        logical,
        TemplateURL=f"./{member.tier}.yaml",
        Parameters=dict(values),
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Delete",
        Metadata={
            "Reason": "W3002: the path is meant for aws cloudformation package, and lets cfn-lint check the wiring",
            "cfn-lint": {"config": {"ignore_checks": ["W3002"]}},
        },
        **extra,
    )
