"""The switch of the network: what is ordered now, where clients come from, and the roads that follow from it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from dr_templates.lab.clock import Clock
from dr_templates.lab.emulator.network import acl, sites
from dr_templates.lab.emulator.network.model import Network, passes
from dr_templates.lab.lines import Road, Roads, Way

FIRST, LAST = 240, 252
"""The last byte of clients' addresses: the databases' are below, the resolver's is above."""
HELD, HUNG = 120.0, 10.0
"""Lab seconds that what is sent is held, and that a new connection hangs, before the connection is given up."""
LOOK = 0.05
"""Seconds for which an ACL that was read counts."""
EPHEMERAL = 49_152
"""A port that clients get their answers on."""
Gate = Callable[[], tuple[bool, bool]]
"""Tells whether an ACL lets questions in, and answers out."""


@dataclass
class Switch:
    """The network's state. There is one in the emulator's process, ``SWITCH``; it is read on many threads.

    ``net`` begins the addresses of databases and clients.
    """

    clock: Clock = field(default_factory=lambda: Clock(0.0))
    net: str = "127.0.0"
    network: Network = field(default_factory=Network)
    addresses: dict[str, str] = field(default_factory=dict)
    gates: dict[tuple[str, str], Gate] = field(default_factory=dict)

    def way(self, source: str, target: str, what: str) -> Way:
        """Give the way from a place to another for a kind of traffic, as it is whenever it is asked."""
        seen: Network | None = None
        seconds: float | None = None

        def ask() -> float | None:
            nonlocal seen, seconds
            if self.network is not seen:
                now = self.network
                late = passes(now, source, target, what)
                seen, seconds = now, None if late is None else late / self.clock.rate
            return seconds

        return ask

    def dark(self, region: str) -> bool:
        """Say whether a region's services cannot reach each other."""
        return passes(self.network, region, region, "api") is None

    def known(self) -> dict[str, str]:
        """Give the address of clients by region; one that was given once stays."""
        for region in sorted(sites.regions() - self.addresses.keys()):
            number = FIRST + len(self.addresses)
            if number <= LAST:
                self.addresses[region] = f"{self.net}.{number}"
        return dict(self.addresses)

    def place(self, address: str) -> str | None:
        """Give the region of a client by its address; None for any other."""
        found = (region for region, known in self.addresses.copy().items() if known == address)
        return next(found, None)

    def session(self, server: str, address: str) -> Road:
        """Give the road of a client to a server: through the network, and through the ACL before it."""
        record = sites.instance(server)
        if record is None:
            return Road()
        here, place = sites.region(record), self.place(address)
        gate = self.gates.setdefault((server, place or ""), _lately(lambda: _gate(server, place)))
        there, back = self.way(place or here, here, "clients"), self.way(here, place or here, "clients")
        return self._road(lambda: there() if gate()[0] else None, lambda: back() if gate()[1] else None)

    def shut(self, record: sites.Record) -> bool:
        """Say whether the ACL before an instance keeps out the clients of its own region, or their answers in."""
        if "Endpoint" not in record:
            return False
        return not all(_gate(str(record["DbiResourceId"]).lower(), sites.region(record)))

    def stream(self, replica: str, source: str) -> Road | None:
        """Give the road of a replica to its source; the log comes by its way back."""
        ends = sites.instance(replica), sites.instance(source)
        if ends[0] is None or ends[1] is None:
            return None
        here, there = sites.region(ends[0]), sites.region(ends[1])
        return self._road(self.way(here, there, "replication"), self.way(there, here, "replication"))

    def roads(self) -> Roads:
        """Give the roads to all servers."""
        return Roads(self.session, self.stream)

    def _road(self, there: Way, back: Way) -> Road:
        return Road(there, back, HELD / self.clock.rate, HUNG / self.clock.rate)


SWITCH = Switch()


def _gate(server: str, place: str | None) -> tuple[bool, bool]:
    """Ask the ACL before a server about clients of a place, or about functions beside it (None)."""
    record = sites.instance(server)
    entries = None if record is None else sites.entries(record)
    if record is None or entries is None:
        return True, True
    address = sites.function_address(record) if place is None else sites.client_address(record, place)
    port = int(record["Endpoint"]["Port"])
    return (
        acl.allows(entries, address, port, egress=False),
        acl.allows(entries, address, EPHEMERAL, egress=True),
    )


def _lately(ask: Gate) -> Gate:
    """Ask anew only when the last answer is no longer fresh."""
    said, until = (True, True), 0.0

    def again() -> tuple[bool, bool]:
        nonlocal said, until
        now = time.monotonic()
        if now >= until:
            said, until = ask(), now + LOOK
        return said

    return again
