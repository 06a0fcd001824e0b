"""The lab's extensions put together: every patch in its order, and the application that comes of it.

Importing this imports ministack, which reads the environment as it does: the server imports it once that is settled.
"""

from __future__ import annotations

from typing import Any

from ministack.app import app

from dr_templates.lab.emulator import clocks, dns, network, rds, types, used
from dr_templates.lab.emulator.changes import growth, sets
from dr_templates.lab.emulator.orders import control
from dr_templates.lab.emulator.place import Emulator
from dr_templates.lab.emulator.stacks import blocking, deploy, launch, nested, requests, resources


def application(here: Emulator) -> Any:  # noqa: ANN401 - an ASGI application
    """Apply every patch, the lab's own types among them, and give the application to be served.

    Raises DrError when ministack is another than the one the lab is made for.
    """
    used.check()
    clocks.install(here.clock)
    network.install(here.clock)
    for part in (blocking, requests, resources, deploy, launch, nested, growth, sets):
        part.install()
    with blocking.noticed():
        types.install()
        rds.install(here.home)
        dns.install(here.home, here.clock)
    return network.front(control.front(app))
