"""Calls to AWS and the network: from the caller's place to the called region and back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from dr_templates.lab.emulator.network import drops
from dr_templates.lab.emulator.network.switch import Switch
from dr_templates.lab.emulator.orders.calls import SCOPE, place

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

GLOBAL, GLOBALLY = ("iam", "route53"), "us-east-1"
"""Services with one control plane, and the region it is in (fact B2), for whichever region a call is signed."""
HELD = 2.0
"""Lab seconds until a caller sees that its connection is gone."""


def front(app: App, switch: Switch) -> App:
    """Give the application that lets through to ``app`` what the network lets through.

    A call that is lost is not carried out. One whose answer is lost is; either way the caller gets no answer: its
    connection is held for a while and then closed.
    """

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        trip = _trip(scope) if scope["type"] == "http" else None
        if trip is None:
            await app(scope, receive, send)
            return
        caller, region = trip
        there, back = switch.way(caller, region, "api"), switch.way(region, caller, "api")
        said: list[Message] = []

        async def keep(message: Message) -> None:
            said.append(message)

        if (late := there()) is not None:
            await asyncio.sleep(late)
            await app(scope, receive, keep)
            if (late := back()) is not None:
                await asyncio.sleep(late)
                for message in said:
                    await send(message)
                return
        await asyncio.sleep(HELD / switch.clock.rate)
        await drops.drop(scope["client"], receive)

    return answer


def _trip(scope: Scope) -> tuple[str, str] | None:
    """Name the place a call comes from and the region that answers it; None for what is no call of AWS."""
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
    signed = SCOPE.search(headers.get("authorization", ""))
    if signed is None:
        return None
    region, service = signed.groups()
    return place(headers), (GLOBALLY if service in GLOBAL else region)
