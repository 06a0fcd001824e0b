"""Lines on their own: what is sent arrives in order, late or held, and nothing is lost but what is given up."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dr_templates.lab.lines import HeldError, Road, Way, join, reach
from dr_templates.lab.listening import Streams, abort


@contextlib.asynccontextmanager
async def joined(place: Path, road: Road) -> AsyncIterator[tuple[Streams, Streams, "asyncio.Task[None]"]]:
    """Give both outer ends of a road and what carries between them."""
    ends: asyncio.Queue[Streams] = asyncio.Queue()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends.put_nowait((reader, writer))

    async with await asyncio.start_unix_server(accept, place):
        client = await asyncio.open_unix_connection(place)
        near = await ends.get()
        server = await asyncio.open_unix_connection(place)
        far = await ends.get()
        carrying = asyncio.ensure_future(join(near, far, road))
        try:
            yield client, server, carrying
        finally:
            carrying.cancel()
            await asyncio.gather(carrying, return_exceptions=True)
            for _, writer in (client, near, server, far):
                abort(writer)
                with contextlib.suppress(OSError):
                    await writer.wait_closed()


def switched(closed: list[object]) -> Way:
    """Be a way that is closed as long as the list holds something."""
    return lambda: None if closed else 0.0


def test_what_is_late_arrives_in_order_and_many_are_on_their_way_at_once(tmp_path: Path) -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        async with joined(tmp_path / "socket", Road(there=lambda: 0.3)) as (client, server, _):
            began = loop.time()
            for number in range(10):
                client[1].write(b"%d" % number)
                await client[1].drain()
                await asyncio.sleep(0.02)
            assert await server[0].readexactly(10) == b"0123456789"
            assert 0.3 <= loop.time() - began < 2.5
            server[1].write(b"at once")
            assert await client[0].readexactly(7) == b"at once"

    asyncio.run(run())


def test_what_was_sent_while_nothing_passed_arrives_afterwards_and_so_does_the_end(tmp_path: Path) -> None:
    async def run() -> None:
        closed: list[object] = ["closed"]
        async with joined(tmp_path / "socket", Road(there=switched(closed))) as (client, server, carrying):
            client[1].write(b"first ")
            await client[1].drain()
            await asyncio.sleep(0.1)
            client[1].write(b"second")
            client[1].write_eof()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(server[0].read(1), 0.2)
            closed.clear()
            assert await server[0].readexactly(12) == b"first second"
            await asyncio.wait_for(carrying, 5)

    asyncio.run(run())


def test_a_connection_on_which_nothing_passes_for_too_long_is_given_up(tmp_path: Path) -> None:
    async def run() -> None:
        road = Road(there=lambda: None, held=0.1)
        async with joined(tmp_path / "socket", road) as (client, _, carrying):
            client[1].write(b"lost")
            with pytest.raises(HeldError):
                await asyncio.wait_for(carrying, 5)

    asyncio.run(run())


def test_the_end_of_the_servers_words_lets_them_reach_the_client(tmp_path: Path) -> None:
    async def run() -> None:
        async with joined(tmp_path / "socket", Road(back=lambda: 0.1)) as (client, server, carrying):
            server[1].write(b"farewell")
            server[1].write_eof()
            assert await client[0].read() == b"farewell"
            await asyncio.wait_for(carrying, 5)

    asyncio.run(run())


def test_a_new_connection_waits_for_both_ways_and_no_longer_than_it_may() -> None:
    async def run() -> None:
        closed: list[object] = ["closed"]
        asyncio.get_running_loop().call_later(0.1, closed.clear)
        await asyncio.wait_for(reach(Road(back=switched(closed))), 5)
        with pytest.raises(HeldError):
            await asyncio.wait_for(reach(Road(there=lambda: None, hung=0.1)), 5)

    asyncio.run(run())


def test_a_new_connection_is_late_by_its_greetings() -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await reach(Road(there=lambda: 0.02, back=lambda: 0.03))
        assert loop.time() - began >= 3 * 0.05

    asyncio.run(run())
