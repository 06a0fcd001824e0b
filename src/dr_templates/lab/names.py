"""Names asked of a lab's resolver, as a client of the database does it: with a cache that keeps what it was told."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from dnslib import QTYPE, RCODE, DNSError, DNSRecord

TRIES = 2
LONGEST = 8
"""Names that are followed, one to the next, before it is taken for a ring."""
PACKET = 4096


class UnresolvedError(Exception):
    """A name that has no address just now, with the reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class _Told:
    """What a name stands for: another name, or an address; to be kept until a time of the client's clock."""

    value: str
    final: bool
    until: float


@dataclass(frozen=True)
class Resolver:
    """Asks the server at ``host`` and ``port`` from the address ``source``; may be shared by threads.

    The lab's clock runs at ``rate``: what may be kept for a minute of it is kept for so much less. ``timeout`` is in
    seconds and for one try; ``now`` is the client's own clock.
    """

    host: str
    port: int
    source: str | None = None
    rate: float = 1.0
    timeout: float = 0.5
    now: Callable[[], float] = time.monotonic
    _kept: dict[str, _Told] = field(default_factory=dict, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def resolve(self, name: str) -> str:
        """Give the address of a name, from what is kept as far as it goes; only names that are there are kept.

        Raises UnresolvedError.
        """
        told: dict[str, _Told] = {}
        at = _plain(name)
        for _ in range(LONGEST):
            known = told.get(at) or self._known(at)
            if known is None:
                told = self._ask(at)
                self._keep(told)
                known = told.get(at)
            if known is None:
                raise UnresolvedError(reason=f"{at} has no address")
            if known.final:
                return known.value
            at = known.value
        raise UnresolvedError(reason=f"{name} leads round in a ring")

    def look(self, name: str) -> tuple[str | None, str | None]:
        """Ask anew, and give the name it stands for, if any, and the address behind it; None where there is none.

        Raises UnresolvedError when there is neither, or no answer.
        """
        at = _plain(name)
        told = self._ask(at)
        first = told.get(at)
        if first is None:
            raise UnresolvedError(reason=f"{at} has no address")
        last: _Told | None = first
        for _ in range(LONGEST):
            if last is None or last.final:
                break
            last = told.get(last.value)
        return (None if first.final else first.value), (last.value if last and last.final else None)

    def _known(self, name: str) -> _Told | None:
        with self._lock:
            known = self._kept.get(name)
        return known if known is not None and self.now() < known.until else None

    def _keep(self, told: dict[str, _Told]) -> None:
        with self._lock:
            self._kept.update(told)

    def _ask(self, name: str) -> dict[str, _Told]:
        """Ask for the addresses of a name; by TCP when the answer is too long for a packet."""
        asked = DNSRecord.question(name)
        said = self._by_packet(asked)
        if said.header.tc:
            said = self._by_stream(asked)
        code = RCODE[said.header.rcode]
        if code not in ("NOERROR", "NXDOMAIN") or (code == "NXDOMAIN" and not said.rr):
            raise UnresolvedError(reason=f"{name}: {code}")
        told: dict[str, _Told] = {}
        now = self.now()
        for one in said.rr:
            kind, until = QTYPE[one.rtype], now + one.ttl / self.rate
            if kind in ("A", "CNAME"):
                value = str(one.rdata) if kind == "A" else _plain(str(one.rdata))
                told.setdefault(_plain(str(one.rname)), _Told(value, kind == "A", until))
        return told

    def _by_packet(self, asked: DNSRecord) -> DNSRecord:
        trouble: Exception | None = None
        for _ in range(TRIES):
            try:
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
                    self._reach(way)
                    way.send(asked.pack())
                    return self._await(way, asked.header.id)
            except OSError as error:  # a timeout is one too
                trouble = error
        raise self._silence(trouble) from trouble

    def _by_stream(self, asked: DNSRecord) -> DNSRecord:
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as way:
                self._reach(way)
                packet = asked.pack()
                way.sendall(len(packet).to_bytes(2) + packet)
                with way.makefile("rb") as answer:
                    return DNSRecord.parse(answer.read(int.from_bytes(answer.read(2))))
        except (OSError, DNSError) as error:
            raise self._silence(error) from error

    def _reach(self, way: socket.socket) -> None:
        way.settimeout(self.timeout)
        if self.source is not None:
            way.bind((self.source, 0))
        way.connect((self.host, self.port))

    def _await(self, way: socket.socket, number: int) -> DNSRecord:
        """Wait for the answer to the question of that number; what else comes is passed over."""
        until = time.monotonic() + self.timeout
        while (left := until - time.monotonic()) > 0:
            way.settimeout(left)
            packet = way.recv(PACKET)
            try:
                said = DNSRecord.parse(packet)
            except DNSError:
                continue
            if said.header.id == number:
                return said
        raise TimeoutError

    def _silence(self, error: Exception | None) -> UnresolvedError:
        return UnresolvedError(reason=f"{self.host}:{self.port} gives no answer ({error or 'timed out'})")


def _plain(name: str) -> str:
    return name.lower().rstrip(".")
