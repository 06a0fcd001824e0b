"""Lines between two ends: what is sent on one arrives, or arrives later, or is held while nothing gets through.

As with TCP nothing is lost that is held: it arrives once the way is open again, unless that takes so long that the
connection is given up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from dr_templates.lab.listening import Streams

Way = Callable[[], float | None]
"""Tells how many seconds what is sent now is on its way; None while nothing gets through."""
SIZE = 65_536
MOST = 16_777_216
"""Bytes that may be on their way on one line; who sends more waits."""
LOOK = 0.02
"""Seconds between two looks whether a way that was closed is open again."""
TRIPS = 3
"""Trips there and back before the first byte of a session: TCP's greeting, the request for TLS, TLS's greeting."""


class HeldError(Exception):
    """A connection was given up: nothing has got through for too long."""


def free() -> float:
    """Be a way on which everything arrives at once."""
    return 0.0


@dataclass(frozen=True)
class Road:
    """Both ways between who connects and whom it reaches.

    What is sent is held for ``held`` seconds at most, and a new connection hangs for ``hung``.
    """

    there: Way = free
    back: Way = free
    held: float = 120.0
    hung: float = 10.0


@dataclass(frozen=True)
class Roads:
    """The roads to servers: of a session, by the server's name and the client's address; of a replica to its source.

    A replica without one reaches its source directly.
    """

    session: Callable[[str, str], Road] = field(default=lambda _server, _address: Road())
    stream: Callable[[str, str], Road | None] = field(default=lambda _replica, _source: None)


@dataclass
class _Line:
    """One way of a connection: chunks that are on it, each with the loop's time at which it is due at the end."""

    target: asyncio.StreamWriter
    way: Way
    held: float
    chunks: asyncio.Queue[tuple[float, bytes]] = field(default_factory=asyncio.Queue)
    count: int = 0
    size: int = 0


async def reach(road: Road) -> None:
    """Let a new connection be made, as late as its greetings take. Raises HeldError when it has hung too long."""
    there, back = await _opened(road.there, road.hung), await _opened(road.back, road.hung)
    if there or back:
        await asyncio.sleep(TRIPS * (there + back))


async def join(client: Streams, server: Streams, road: Road) -> None:
    """Carry what is sent both ways until one side's end has arrived, then let what is there reach the client.

    Raises HeldError when something was held for too long.
    """
    lines = [_Line(server[1], road.there, road.held), _Line(client[1], road.back, road.held)]
    sources = [client[0], server[0]]
    tasks = [
        *(asyncio.ensure_future(_take(source, line)) for source, line in zip(sources, lines, strict=True)),
        *(asyncio.ensure_future(_deliver(line)) for line in lines),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for one in ended:
        if isinstance(one, HeldError):
            raise one
    client[1].close()
    await client[1].wait_closed()


async def _take(source: asyncio.StreamReader, line: _Line) -> None:
    """Take what is sent: on a free line straight to its end, else on to it. The end of all is empty bytes."""
    loop = asyncio.get_running_loop()
    while True:
        chunk = await source.read(SIZE)
        delay = line.way()
        if delay == 0 and not line.count:
            if not chunk:
                return
            line.target.write(chunk)
            await line.target.drain()
            continue
        line.count, line.size = line.count + 1, line.size + len(chunk)
        line.chunks.put_nowait((loop.time() + (delay or 0.0), chunk))
        if not chunk:
            await loop.create_future()  # it ends where it arrives
        while line.size > MOST:
            await asyncio.sleep(LOOK)


async def _deliver(line: _Line) -> None:
    loop = asyncio.get_running_loop()
    while True:
        due, chunk = await line.chunks.get()
        while (early := due - loop.time()) > 0:
            await asyncio.sleep(early)
        await _opened(line.way, due + line.held - loop.time())
        if not chunk:
            return
        line.target.write(chunk)
        await line.target.drain()
        line.count, line.size = line.count - 1, line.size - len(chunk)


async def _opened(way: Way, patience: float) -> float:
    """Wait until something gets through, and tell how long it takes. Raises HeldError after ``patience`` seconds."""
    loop = asyncio.get_running_loop()
    until = loop.time() + patience
    while (delay := way()) is None:
        if loop.time() >= until:
            raise HeldError
        await asyncio.sleep(LOOK)
    return delay
