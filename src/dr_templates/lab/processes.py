"""Processes of a server that was started by another: found by its lock file, signalled, and waited for."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from dr_templates.errors import DrError
from dr_templates.lab import memory


def send(data: Path, number: signal.Signals) -> int:
    """Send a signal to the postmaster of ``data``, and give its process id. Raises DrError when there is none."""
    pid = postmaster(data)
    if pid is None:
        raise DrError(what="the server is not running", where=str(data), hint="Start it first.")
    os.kill(pid, number)
    return pid


def runs(data: Path) -> bool:
    """Say whether the server of ``data`` is alive, frozen or not."""
    pid = postmaster(data)
    return pid is not None and state(pid) not in (None, "Z")


def frozen(data: Path) -> bool:
    """Say whether the server of ``data`` has been stopped without being ended."""
    pid = postmaster(data)
    return pid is not None and state(pid) == "T"


def freeze(data: Path) -> None:
    """Stop a server with all its processes, as a host that hangs does. Raises DrError when there is none.

    The postmaster comes first, so that it starts no process we do not see.
    """
    pid = send(data, signal.SIGSTOP)
    until = time.monotonic() + 1
    while state(pid) not in (None, "T", "Z") and time.monotonic() < until:
        time.sleep(0.001)
    _all(children(pid), signal.SIGSTOP)


def thaw(data: Path) -> None:
    """Undo ``freeze``. Raises DrError when there is no such server."""
    pid = postmaster(data)
    _all(children(pid) if pid else [], signal.SIGCONT)
    send(data, signal.SIGCONT)


def end(data: Path) -> None:
    """Kill a server with all its processes, wait until they are gone, and free its memory and the directory.

    The postmaster is stopped first, so that it starts no process we do not see. The lock files go too: where nobody
    collects dead processes (a container), a dead postmaster still holds them.
    """
    pid = postmaster(data)
    if pid is None:
        return
    os.kill(pid, signal.SIGSTOP)
    slay((pid, *children(pid)))
    for lock in (data / "postmaster.pid", *data.parent.glob(".s.PGSQL.*.lock")):
        lock.unlink(missing_ok=True)


def slay(pids: Sequence[int], seconds: float | None = None) -> None:
    """Kill processes, wait for each until it is gone, if need be no longer than ``seconds``, and free their memory."""
    segments, files = memory.mapped(_read(Path(f"/proc/{pid}/maps")) for pid in pids)
    for process in filter(None, [kill(pid) for pid in pids]):
        wait(process, seconds)
    memory.free(segments, files)


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


def _all(pids: list[int], number: signal.Signals) -> None:
    for process in filter(None, [tell(pid, number) for pid in pids]):
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
