"""Connections of the emulator's web server that are closed without an answer, for which ASGI has no word."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from hypercorn.asyncio.tcp_server import TCPServer

from dr_templates.lab.emulator import patches

PATIENCE = 5.0
"""Seconds the server is given to notice: it does at once."""
_open: dict[tuple[str, int], asyncio.StreamWriter] = {}


def install() -> None:
    """Know each connection of the web server by its client's address."""

    async def run(self: Any) -> None:  # noqa: ANN401 - a method of the server's own class
        peer = self.writer.get_extra_info("peername")
        _open[peer] = self.writer
        try:
            await stock(self)
        finally:
            _open.pop(peer, None)

    stock = patches.replace(TCPServer, "run", run)


async def drop(client: tuple[str, int], receive: Callable[[], Awaitable[dict[str, Any]]]) -> None:
    """Abort the connection of a request, and wait until the server knows: it would answer for us otherwise."""
    writer = _open.get(client)
    if writer is not None:
        writer.transport.abort()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while (await receive())["type"] != "http.disconnect":
                pass
