"""RDS with real PostgreSQL behind it, in the place of the emulator's own."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from ministack.services import rds

from dr_templates.lab import postgres
from dr_templates.lab.certificates import make_authority
from dr_templates.lab.emulator import endings, patches
from dr_templates.lab.emulator.clocks.state import clock
from dr_templates.lab.emulator.network.switch import SWITCH
from dr_templates.lab.emulator.orders import databases
from dr_templates.lab.emulator.rds import actions, backups, groups, instances, offers, subscriptions, ways, workers
from dr_templates.lab.emulator.types.wire import Function, Request, action
from dr_templates.lab.software import find


def install(home: Path) -> None:
    """Put it there: the servers' files go below ``home``, and with the emulator's end all servers end."""
    root = home / "work" / "rds"
    root.mkdir(parents=True)
    stack = contextlib.ExitStack()
    endings.at_end(stack.close)
    port = int(os.environ["GATEWAY_PORT"])
    if sockets := ways.short(root, port):
        stack.callback(sockets.unlink, missing_ok=True)
    room = stack.enter_context(postgres.open_room(find(os.environ), root, sockets, clock(), SWITCH.roads()))
    fleet = instances.open_fleet(room, make_authority("emulator's authority"), port)
    own = {**actions.table(fleet), **groups.ACTIONS, **offers.ACTIONS}
    for name, function in {**own, **subscriptions.ACTIONS, **backups.ACTIONS}.items():
        made = action("rds", name, function if name.startswith("Describe") else alone(fleet.lock, function))
        if name in rds._ACTION_MAP:
            patches.entry(rds._ACTION_MAP, name, made)
        else:
            rds._ACTION_MAP[name] = made
    workers.install(fleet)
    databases.install(fleet)


def alone(lock: AbstractContextManager[object], function: Function) -> Function:
    """Let one action at a time look at what is there and change it: RDS is answered on many threads."""

    def one(request: Request) -> Mapping[str, Any]:
        with lock:
            return function(request)

    return one
