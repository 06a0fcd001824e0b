"""The link on which a replica reaches its source: a unix socket of the replica's own, with a road behind it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

from dr_templates.lab import lines
from dr_templates.lab.lines import Road
from dr_templates.lab.listening import Accept, Streams, abort, open_server


def open_link(place: Path, source: Path, road: Road) -> Callable[[], None]:
    """Listen on the socket ``place`` for the server behind ``source``; return the function that closes the link.

    The source is looked up as a connection is made: one that is not there, or no longer, refuses it.
    """

    async def listen(accept: Accept) -> asyncio.Server:
        server = await asyncio.start_unix_server(accept, place)
        place.chmod(0o777)  # PostgreSQL may run as somebody else; the directory above is its own
        return server

    async def handle(replica: Streams) -> None:
        with contextlib.ExitStack() as stack:
            stack.enter_context(contextlib.suppress(OSError, EOFError, lines.HeldError))
            stack.callback(abort, replica[1])
            await lines.reach(road)
            server = await asyncio.open_unix_connection(source)
            stack.callback(abort, server[1])
            await lines.join(replica, server, road)

    return open_server(listen, handle, f"link {place.parent.parent.name}")
