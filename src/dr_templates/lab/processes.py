"""Processes of a server that was started by another: found by its lock file, signalled, and waited for."""

from __future__ import annotations

import os
import select
import signal
from pathlib import Path

from dr_templates.errors import DrError


def send(data: Path, number: signal.Signals) -> None:
    """Send a signal to the postmaster of ``data``. Raises DrError when there is none."""
    pid = postmaster(data)
    if pid is None:
        raise DrError(what="the server is not running", where=str(data), hint="Start it first.")
    os.kill(pid, number)


def end(data: Path) -> None:
    """Kill a server with all its processes, wait until they are gone, and free the directory.

    The postmaster is stopped first, so that it starts no process we do not see. The lock files go too: where nobody
    collects dead processes (a container), a dead postmaster still holds them.
    """
    pid = postmaster(data)
    if pid is None:
        return
    os.kill(pid, signal.SIGSTOP)
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    killed = [kill(one) for one in (pid, *map(int, children))]
    for process in (one for one in killed if one is not None):
        select.select([process], [], [])
        os.close(process)
    for lock in (data / "postmaster.pid", *data.parent.glob(".s.PGSQL.*.lock")):
        lock.unlink()


def postmaster(data: Path) -> int | None:
    """Give the process id of the server of ``data``, or None when none runs."""
    try:
        pid = int((data / "postmaster.pid").read_text(encoding="ascii").split()[0])
        os.kill(pid, 0)
    except (FileNotFoundError, ProcessLookupError):
        return None
    return pid


def kill(pid: int) -> int | None:
    """Kill one process; give a descriptor that is readable once it is gone (close it), or None if it was already."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return None
    signal.pidfd_send_signal(process, signal.SIGKILL)
    return process
