"""Names, as Route 53 answers them: a DNS server on loopback for the zones in the emulator."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from random import Random

from dr_templates.lab.clock import Clock
from dr_templates.lab.emulator import endings
from dr_templates.lab.emulator.dns import checks, serve, wire
from dr_templates.lab.emulator.dns.answers import Answer, answer, seen
from dr_templates.lab.emulator.dns.stores import Stores
from dr_templates.lab.emulator.network.switch import SWITCH
from dr_templates.lab.emulator.orders import control
from dr_templates.lab.emulator.orders.faults import OUTSIDE

PORT = 5353


def install(home: Path, clock: Clock) -> None:
    """Serve names until the emulator ends, on 127.<its port in two bytes>.253, and take the orders that tell of it.

    Who asks decides what is seen: an address of a region's clients sees the private zones of VPCs there, any other
    sees all. A question is lost or late as the network's order says for ``dns`` inside of its place. Raises DrError
    when the address is taken.
    """
    port, account = int(os.environ["GATEWAY_PORT"]), os.environ["MINISTACK_ACCOUNT_ID"]
    host = f"127.{port >> 8}.{port & 255}.253"
    stores = Stores(account, home / "work" / "rds" / "hosts.json", clock)
    random = Random()  # noqa: S311 - to choose between records, no secret

    def reply(packet: bytes, address: str, longest: int | None) -> bytes | None:
        def ask(name: str, kind: str) -> Answer:
            return answer(seen(stores.world(), SWITCH.place(address)), name, kind, stores.healthy(), random)

        return wire.reply(packet, ask, longest=longest)

    def late(address: str) -> float | None:
        place = SWITCH.place(address) or OUTSIDE
        return SWITCH.way(place, place, "dns")()

    def told(_body: bytes) -> object:
        zones = [{**dataclasses.asdict(zone), "regions": sorted(zone.regions)} for zone in stores.world().zones]
        return {"host": host, "port": PORT, "zones": zones}

    def told_health(_body: bytes) -> object:
        found = stores.statuses().items()
        return {identifier: {"alarm": alarm, **dataclasses.asdict(status)} for identifier, (alarm, status) in found}

    checks.install(clock)
    endings.at_end(serve.serve(host, PORT, reply, late))
    control.ORDERS["GET", "dns"] = told
    control.ORDERS["GET", "dns/health"] = told_health
