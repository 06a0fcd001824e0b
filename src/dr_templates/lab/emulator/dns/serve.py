"""The server: UDP and TCP on one loopback address, on a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dr_templates.errors import DrError
from dr_templates.lab.emulator.dns import wire

Reply = Callable[[bytes, str, int | None], bytes | None]
"""Replies to a packet from an address, in so many bytes at most; None when there is no reply."""
Late = Callable[[str], float | None]
"""Tells by how many seconds an address gets its replies late; None when its questions are lost."""
PATIENCE = 5.0
"""Seconds a TCP connection may take for its next question."""


@dataclass(frozen=True)
class _Way:
    reply: Reply
    late: Late


def serve(host: str, port: int, reply: Reply, late: Late) -> Callable[[], None]:
    """Listen by UDP and TCP, and return the function that ends it. Raises DrError when the address is taken."""
    with contextlib.ExitStack() as held:
        stream = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
        datagrams = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        for one in (stream, datagrams):  # shared with a multicast responder on all addresses, which most desktops run
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.setblocking(False)
            _bind(one, host, port)
        held.pop_all()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    def run() -> None:
        with contextlib.closing(loop):
            loop.run_until_complete(_run(stream, datagrams, _Way(reply, late), stop))

    thread = threading.Thread(target=run, name="dns", daemon=True)
    thread.start()

    def end() -> None:
        loop.call_soon_threadsafe(stop.set)
        thread.join()

    return end


def _bind(one: socket.socket, host: str, port: int) -> None:
    try:
        one.bind((host, port))
        if one.type == socket.SOCK_STREAM:
            one.listen(128)
    except OSError as error:
        raise DrError(
            what=f"names cannot be served: {error.strerror}",
            where=f"{host}:{port}",
            hint="End what listens there, as a DNS server on all addresses does, or give the emulator another port.",
        ) from error


async def _run(stream: socket.socket, datagrams: socket.socket, way: _Way, stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(functools.partial(_Datagrams, way), sock=datagrams)
    talks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(_talk(reader, writer, way))
        talks.add(task)
        task.add_done_callback(talks.discard)

    listener = await asyncio.start_server(accept, sock=stream)
    try:
        await stop.wait()
    finally:
        transport.close()
        listener.close()
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, way: _Way) -> None:
        self.way = way

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - typeshed's BaseTransport has no sendto
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        late = self.way.late(addr[0])
        if late is None:
            return
        told = self.way.reply(data, addr[0], wire.LONGEST)
        if told is not None:
            asyncio.get_running_loop().call_later(late, self.transport.sendto, told, addr)


async def _talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: _Way) -> None:
    """Answer one question after the other: each comes after its length in two bytes (RFC 7766)."""
    with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError), contextlib.closing(writer):
        address = writer.get_extra_info("peername")[0]
        while (late := way.late(address)) is not None:
            length = int.from_bytes(await asyncio.wait_for(reader.readexactly(2), PATIENCE))
            told = way.reply(await asyncio.wait_for(reader.readexactly(length), PATIENCE), address, None)
            if told is None:
                return
            await asyncio.sleep(late)
            writer.write(len(told).to_bytes(2) + told)
            await asyncio.wait_for(writer.drain(), PATIENCE)
