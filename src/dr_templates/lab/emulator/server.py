"""The emulator's process: ministack's application with the lab's extensions, on the loopback address alone."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dr_templates import files
from dr_templates.errors import DrError
from dr_templates.lab.emulator import endings, patches
from dr_templates.lab.emulator.place import ACCOUNT, HOST, MARK, Emulator, checked, environment, kept, record, sweep

FILES = 65_536
"""Files and connections that may be open at once, if the system lets us: clients keep theirs, often a thousand."""
GRACE = 2.0
"""Seconds that requests under way are given at the end."""
IDLE = 86_400.0
"""Seconds a connection may be idle: longer than a rehearsal.

The server may carry a request out and give no answer when it comes as the connection is closed for being idle, and the
client then asks again for what is there already.
"""


def serve(home: Path, *, port: int = 0, account: str = ACCOUNT, watch: bool = False, rate: float = 1.0) -> None:
    """Serve until SIGTERM or SIGINT, and end all that was started meanwhile; never return.

    ``port`` 0 takes a free one: ``record.json`` in ``home`` tells which, and is there as long as requests are answered.
    With ``watch``, the end of standard input ends the emulator as well: so it does not outlive who started it. Its
    clock runs at ``rate``. Raises DrError for a rate that is none, when the port is taken or ministack does not fit.
    """
    checked(rate)
    patches.found()
    home.mkdir(parents=True, exist_ok=True)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _bind(listener, port)
        listener.listen(128)
        endpoint = f"http://{HOST}:{listener.getsockname()[1]}"
        here = Emulator(endpoint, home, os.getpid(), account, time.time(), rate)
        _settle(here)
        asyncio.run(_serve(_application(here), here, listener, watch=watch))


def _application(here: Emulator) -> Any:  # noqa: ANN401 - an ASGI application
    try:
        from dr_templates.lab.emulator import assembly  # noqa: PLC0415 - ministack reads the environment as it is imported
    except (ImportError, AttributeError, KeyError) as error:
        raise patches.misfit(error) from error
    return assembly.application(here)


def _bind(listener: socket.socket, port: int) -> None:
    try:
        listener.bind((HOST, port))
    except OSError as error:
        raise DrError(
            what=f"port {port} cannot be used: {error.strerror}",
            where=f"{HOST}:{port}",
            hint="Give another port, or end what listens there.",
        ) from error


def _settle(here: Emulator) -> None:
    """Leave nothing of the caller's environment but what a program needs: no credentials, no profiles.

    ministack reads its settings when it is imported, so this comes first.
    """
    port = here.endpoint.rpartition(":")[2]
    work = here.home / "work"
    work.mkdir(exist_ok=True)
    settings = {
        **kept(os.environ),
        **environment(here),
        MARK: str(here.home),
        "HOME": str(work),
        "TMPDIR": str(work),
        "BIND_HOST": HOST,
        "MINISTACK_HOST": HOST,
        "GATEWAY_PORT": port,
        "MINISTACK_ACCOUNT_ID": here.account,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "S3_DATA_DIR": str(work / "s3"),
        "STATE_DIR": str(work / "state"),
        "DOCKER_HOST": f"unix://{work}/none",
    }
    os.environ.clear()
    os.environ.update(settings)
    _few, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES if most == resource.RLIM_INFINITY else min(FILES, most), most))


async def _serve(app: Any, here: Emulator, listener: socket.socket, *, watch: bool) -> None:  # noqa: ANN401 - as above
    from hypercorn.asyncio import serve as hypercorn  # noqa: PLC0415 - of the extra, which only a server needs
    from hypercorn.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.keep_alive_timeout = IDLE
    config.graceful_timeout = GRACE
    config.shutdown_timeout = GRACE
    config.loglevel = "WARNING"
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if watch:
        _watch(lambda: loop.call_soon_threadsafe(stop.set))
    files.replace(record(here.home), json.dumps({**here.told(), "home": str(here.home)}).encode())
    serving = asyncio.ensure_future(hypercorn(app, config, shutdown_trigger=stop.wait))
    code = 1
    try:
        await asyncio.wait({serving, asyncio.ensure_future(stop.wait())}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait({serving}, timeout=1.5 * GRACE)  # a request that waits for a function cannot be cancelled
        if serving.done():
            serving.result()
        code = 0
    finally:
        if code:
            traceback.print_exc()
        _end(here, code)


def _watch(stop: Callable[[], object]) -> None:
    def wait() -> None:
        sys.stdin.read()
        stop()

    threading.Thread(target=wait, name="watch", daemon=True).start()


def _end(here: Emulator, code: int) -> None:
    """End what was started, and the process at once: a thread that waits for an answer must not hold it."""
    record(here.home).unlink(missing_ok=True)
    endings.run()
    sweep(here.home)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
