"""The emulator's front: counts and breaks calls as ordered, and takes the orders below ``/_lab/``."""

from __future__ import annotations

import dataclasses
import inspect
import json
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ministack.core.responses import request_scope
from ministack.services.cloudformation import handlers, stacks

from dr_templates.lab.emulator.orders import calls, faults, pace
from dr_templates.lab.emulator.orders.state import SETTINGS

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Reply = tuple[int, object]
Order = Callable[[bytes], object]

OURS = "/_lab/"


def front(app: App) -> App:
    """Give the application that stands before ``app``."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        body, again = await _read(receive)
        if scope["path"].startswith(OURS):
            status, said = await _ordered(scope["method"], scope["path"].removeprefix(OURS), body)
            await _send(send, status, {"content-type": "application/json"}, json.dumps(said).encode())
            return
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = scope["query_string"].decode()
        call = calls.identify(scope["method"], scope["path"], query, headers, body, time.time())
        fault = SETTINGS.armed.on_call(call) if call else None
        if call and fault:
            await _send(send, fault.status, *calls.refusal(fault, headers, call.service))
            return
        await app(scope, again, send)

    return answer


async def _read(receive: Receive) -> tuple[bytes, Receive]:
    """Read a request's body, and give a way to read it once more."""
    messages: list[Message] = []
    while not messages or messages[-1].get("more_body"):
        messages.append(await receive())
        if messages[-1]["type"] != "http.request":
            break
    body = b"".join(message.get("body", b"") for message in messages)
    waiting = iter(messages)

    async def again() -> Message:
        for message in waiting:
            return message
        return await receive()

    return body, again


async def _send(send: Send, status: int, headers: Mapping[str, str], body: bytes) -> None:
    listed = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": listed})
    await send({"type": "http.response.body", "body": body})


def _arm(ordered: list[faults.Fault]) -> None:
    """Take faults on; those of stacks take effect at once. Raises ValueError, with none taken on, for no such stack."""
    found = {one: _find(one) for one in ordered if isinstance(one, faults.StackFault)}
    for one in ordered:
        if isinstance(one, faults.StackFault):
            stack = found[one]
            stack.update(StackStatus=one.status, StackStatusReason=one.reason)
            name, stack_id = stack["StackName"], stack["StackId"]
            with request_scope(stack_id.split(":")[4], one.region):
                kind = "AWS::CloudFormation::Stack"
                stacks._add_event(stack_id, name, name, kind, one.status, one.reason, stack_id)
        else:
            SETTINGS.armed.faults.append(one)


def _find(fault: faults.StackFault) -> dict[str, Any]:
    with request_scope(os.environ["MINISTACK_ACCOUNT_ID"], fault.region):
        stack: dict[str, Any] | None = handlers._resolve_stack(fault.stack)
    if stack is None:
        words = f"there is no stack {fault.stack} in {fault.region}"
        raise ValueError(words)
    return stack


async def _ordered(method: str, what: str, body: bytes) -> Reply:
    """Take an order, or tell what is set; one that takes a while is awaited."""
    take = ORDERS.get((method, what))
    if take is None:
        known = ", ".join(f"{method} {what}" for method, what in sorted(ORDERS))
        return 404, {"error": f"there is no such order; there are {known}"}
    try:
        told = take(body)
        return 200, await told if inspect.isawaitable(told) else told
    except ValueError as error:  # bad JSON is one too
        return 400, {"error": str(error)}


def _told_calls(_body: bytes) -> object:
    return [dataclasses.asdict(call) for call in SETTINGS.armed.calls]


def _forget_calls(_body: bytes) -> object:
    SETTINGS.armed.calls.clear()
    return {}


def _told_faults(_body: bytes) -> object:
    return [dataclasses.asdict(fault) for fault in SETTINGS.armed.faults]


def _forget_faults(_body: bytes) -> object:
    SETTINGS.armed.faults.clear()
    return {}


def _take_faults(body: bytes) -> object:
    _arm(faults.read(json.loads(body)))
    return {}


def _told_pace(_body: bytes) -> object:
    return dataclasses.asdict(SETTINGS.pace)


def _take_pace(body: bytes) -> object:
    SETTINGS.pace = pace.read(json.loads(body))
    return {}


def _forget_pace(_body: bytes) -> object:
    SETTINGS.pace = pace.Pace()
    return {}


ORDERS: dict[tuple[str, str], Order] = {
    ("GET", "calls"): _told_calls,
    ("DELETE", "calls"): _forget_calls,
    ("GET", "faults"): _told_faults,
    ("POST", "faults"): _take_faults,
    ("DELETE", "faults"): _forget_faults,
    ("GET", "pace"): _told_pace,
    ("POST", "pace"): _take_pace,
    ("DELETE", "pace"): _forget_pace,
}
"""By method and what comes after ``/_lab/``: what is told as JSON. An order that makes no sense raises ValueError.
One that would hold up the loop gives what can be awaited instead.

Other parts of the emulator add theirs when they are installed.
"""
