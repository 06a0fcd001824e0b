"""Servers of asyncio that run in a thread of their own, for as long as nobody closes them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Handler = Callable[[Streams], Coroutine[None, None, None]]
Accept = Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]
Listen = Callable[[Accept], Coroutine[None, None, asyncio.Server]]


def open_server(listen: Listen, handle: Handler, name: str) -> Callable[[], None]:
    """Serve each connection with ``handle``; return the function that aborts them all and ends the thread.

    ``listen`` begins to listen. Raises the OSError it raises, as when the address is taken.
    """
    opened: Future[Callable[[], None]] = Future()
    thread = threading.Thread(target=_run, args=(listen, handle, opened), name=name, daemon=True)
    thread.start()
    stop = opened.result()

    def close() -> None:
        stop()
        thread.join()

    return close


def abort(writer: asyncio.StreamWriter) -> None:
    """End a connection at once, whatever is on its way."""
    writer.transport.abort()


def _run(listen: Listen, handle: Handler, opened: Future[Callable[[], None]]) -> None:
    try:
        asyncio.run(_serve(listen, handle, opened))
    except OSError as error:
        opened.set_exception(error)


async def _serve(listen: Listen, handle: Handler, opened: Future[Callable[[], None]]) -> None:
    connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(handle((reader, writer)))
        connections[task] = writer
        task.add_done_callback(connections.pop)

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    server = await listen(accept)

    def stop_soon() -> None:
        loop.call_soon_threadsafe(stop.set)

    opened.set_result(stop_soon)
    await stop.wait()
    server.close()
    for task, writer in tuple(connections.items()):
        task.cancel()
        abort(writer)
    await asyncio.gather(*connections, return_exceptions=True)
