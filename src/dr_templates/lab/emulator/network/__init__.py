"""The network between places: orders that cut it or make it slow, and the parts of the emulator that obey."""

from __future__ import annotations

import json
import os

from dr_templates.lab.clock import Clock
from dr_templates.lab.emulator.network import calls, drops, inside, model
from dr_templates.lab.emulator.network.switch import SWITCH
from dr_templates.lab.emulator.orders import control


def install(clock: Clock) -> None:
    """Take orders for the network from now on, and let events and state machines obey them.

    Addresses of clients are 127.<port in two bytes>.240 and on, beside those of the databases.
    """
    port = int(os.environ["GATEWAY_PORT"])
    SWITCH.clock, SWITCH.net = clock, f"127.{port >> 8}.{port & 255}"
    drops.install()
    inside.install(SWITCH)
    control.ORDERS["GET", "network"] = _told
    control.ORDERS["POST", "network"] = _take
    control.ORDERS["DELETE", "network"] = _forget


def front(app: calls.App) -> calls.App:
    """Give the application that stands before ``app``: calls of AWS pass it as the network lets them."""
    return calls.front(app, SWITCH)


def _told(_body: bytes) -> object:
    return {"addresses": SWITCH.known(), **model.told(SWITCH.network)}


def _take(body: bytes) -> object:
    SWITCH.network = model.read(json.loads(body))
    return {}


def _forget(_body: bytes) -> object:
    SWITCH.network = model.Network()
    return {}
