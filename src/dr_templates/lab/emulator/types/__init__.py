"""Resource types the emulator lacks or has wrong, and the actions they stand on."""

from __future__ import annotations

from collections.abc import Mapping

from ministack.services import ec2
from ministack.services.cloudformation import provisioners

from dr_templates.lab.emulator import patches
from dr_templates.lab.emulator.stacks import blocking
from dr_templates.lab.emulator.types import (
    acl,
    database,
    dbgroups,
    endpoints,
    gates,
    groups,
    keys,
    lambdas,
    named,
    network,
    peering,
    rotation,
    route53,
    secrets,
)
from dr_templates.lab.emulator.types.handler import Handler
from dr_templates.lab.emulator.types.wire import action

TYPES: Mapping[str, Handler] = {
    **database.TYPES,
    **dbgroups.TYPES,
    **endpoints.TYPES,
    **gates.TYPES,
    **groups.TYPES,
    **keys.TYPES,
    **named.TYPES,
    **network.TYPES,
    **peering.TYPES,
    **route53.TYPES,
    **secrets.TYPES,
}
EC2 = {**acl.ACTIONS, **endpoints.ACTIONS, **groups.ACTIONS, **network.ACTIONS, **peering.ACTIONS}


def install() -> None:
    """Register types and actions; what is done for a resource of these types may take long."""
    for name, function in EC2.items():
        patches.entry(ec2._ACTION_MAP, name, action("ec2", name, function))
    for name, function in peering.NEW_ACTIONS.items():
        ec2._ACTION_MAP[name] = action("ec2", name, function)
    patches.replace(ec2, "_zone_name_for_az_id", network.zone_of)
    lambdas.install()
    rotation.install()
    for resource, handler in TYPES.items():
        provisioners._RESOURCE_HANDLERS[resource] = handler.entry()
    blocking.blocking(TYPES)
