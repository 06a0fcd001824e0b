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
    killed = [kill(one) for one in (pid, *children(pid))]
    for process in (one for one in killed if one is not None):
        wait(process)
    for lock in (data / "postmaster.pid", *data.parent.glob(".s.PGSQL.*.lock")):
        lock.unlink(missing_ok=True)


def postmaster(data: Path) -> int | None:
    """Give the process id of the server of ``data``, dead but not collected yet perhaps; None when none runs.

    A lock file may outlive its server, and another process have the number since.
    """
    said = _read(data / "postmaster.pid").split()
    if not said:  # none, or one that is just being written
        return None
    pid = int(said[0])
    return pid if state(pid) == "Z" or _serves(pid, data) else None


def state(pid: int) -> str | None:
    """Give the state of a process as the kernel has it (``T`` stopped, ``Z`` dead), or None when there is none."""
    return _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2][1:2] or None


def children(pid: int) -> list[int]:
    """Name the processes a process has started, and which have not ended."""
    return [int(one) for one in _read(Path(f"/proc/{pid}/task/{pid}/children")).split()]


def kill(pid: int) -> int | None:
    """Kill one process; give a descriptor that is readable once it is gone (``wait``), or None if it was already."""
    return tell(pid, signal.SIGKILL)


def tell(pid: int, number: signal.Signals) -> int | None:
    """Send a signal to one process, and give what ``kill`` gives."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return None
    try:
        signal.pidfd_send_signal(process, number)
    except ProcessLookupError:  # it has ended since
        os.close(process)
        return None
    return process


def wait(process: int, seconds: float | None = None) -> None:
    """Wait until a process is gone, if need be no longer than ``seconds``, and close the descriptor that tells."""
    gone = select.poll()
    gone.register(process, select.POLLIN)
    gone.poll(None if seconds is None else seconds * 1000)
    os.close(process)


def _serves(pid: int, data: Path) -> bool:
    """Say whether a process is the server of ``data``, by the words it was started with."""
    words = _read(Path(f"/proc/{pid}/cmdline")).split("\0")
    return data.resolve() in (Path(word).resolve() for word in words[1:] if word.startswith("/"))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:  # there is no such thing, or no longer
        return ""
