"""The RDS API of instances: each action changes the record at once, and the server behind it on a thread of its own."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from dr_templates.lab.emulator.rds import change, creation, deletion, descriptions, role
from dr_templates.lab.emulator.rds.instances import Fleet
from dr_templates.lab.emulator.types.wire import Function

ACTIONS = {
    "CreateDBInstance": creation.create,
    "CreateDBInstanceReadReplica": creation.create_replica,
    "DescribeDBInstances": descriptions.describe,
    "ModifyDBInstance": change.modify,
    "PromoteReadReplica": role.promote,
    "RebootDBInstance": role.reboot,
    "StopDBInstance": role.stop,
    "StartDBInstance": role.start,
    "DeleteDBInstance": deletion.delete,
}


def table(fleet: Fleet) -> Mapping[str, Function]:
    """Give each action on one fleet under its name in the API."""
    return {name: functools.partial(action, fleet) for name, action in ACTIONS.items()}
