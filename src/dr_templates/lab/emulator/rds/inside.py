"""Run in the interpreter of a function, before its code: only the standard library, and nothing of this package."""

import functools
import json
import os
import socket
import ssl
import time
from collections.abc import Callable
from typing import Any

DATABASES = ".rds.amazonaws.com"


def install(hosts: str, authority: str, unwanted: tuple[str, ...], clock: tuple[float, float]) -> None:
    """Find the databases in the file ``hosts``, trust ``authority`` too, and forget the variables ``unwanted``.

    Each call to AWS carries ``app/lab-<region>`` in its User-Agent. ``clock`` is a start and a rate: see ``Clock``.
    """
    for name in unwanted:
        os.environ.pop(name, None)
    os.environ["AWS_SDK_UA_APP_ID"] = f"lab-{os.environ['AWS_REGION']}"
    start, rate = clock
    if rate != 1:
        _hasten(start, rate)
    socket.getaddrinfo = _resolving(hosts, socket.getaddrinfo)
    ssl.create_default_context = _trusting(authority, ssl.create_default_context)


def _hasten(start: float, rate: float) -> None:
    """Let ``time.time`` and ``time.sleep`` go by the lab's clock; what is monotonic stays the machine's."""
    machines, pause = time.time, time.sleep
    time.time = lambda: start + (machines() - start) * rate
    time.time_ns = lambda: int(time.time() * 1e9)
    time.sleep = lambda seconds: pause(float(seconds) / rate)


def _resolving(hosts: str, stock: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(stock)
    def getaddrinfo(host: Any, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as the function it replaces
        if isinstance(host, str) and host.endswith(DATABASES):
            with open(hosts, encoding="utf-8") as file:  # noqa: PTH123 - every import here is one more in each function
                known = json.load(file)
            if host not in known:
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            host = known[host]
        return stock(host, *arguments, **named)

    return getaddrinfo


def _trusting(authority: str, stock: Callable[..., ssl.SSLContext]) -> Callable[..., ssl.SSLContext]:
    @functools.wraps(stock)
    def create_default_context(*arguments: Any, **named: Any) -> ssl.SSLContext:  # noqa: ANN401 - as above
        context = stock(*arguments, **named)
        context.load_verify_locations(cafile=authority)
        return context

    return create_default_context
