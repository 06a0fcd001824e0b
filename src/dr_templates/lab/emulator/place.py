"""Where an emulator is: its address, its directory, the environment that leads programs to it, its processes."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dr_templates.lab import processes

HOST = "127.0.0.1"
ACCOUNT = "111122223333"
MARK = "DR_LAB_HOME"
"""Names the emulator's directory in the environment of each process it starts, and of no other."""

KEPT = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "VIRTUAL_ENV",
    "DR_PG_BIN",
    "PYTHONPATH",
    "COVERAGE_PROCESS_START",
    "COVERAGE_PROCESS_CONFIG",
)


@dataclass(frozen=True)
class Emulator:
    """An emulator that runs: its address, the directory for all it writes, its process, the account it plays."""

    endpoint: str
    home: Path
    pid: int
    account: str = ACCOUNT

    def told(self) -> dict[str, str | int]:
        """Give address, process and account as they are written down."""
        return {"endpoint": self.endpoint, "pid": self.pid, "account": self.account}


def record(home: Path) -> Path:
    """Name the file in which a running emulator says where it is."""
    return home / "record.json"


def environment(emulator: Emulator) -> dict[str, str]:
    """Give the variables that lead boto3, the AWS CLI and drctl to the emulator, whatever AWS files the user has.

    An access key of twelve digits is taken for the number of the account.
    """
    return {
        "AWS_ENDPOINT_URL": emulator.endpoint,
        "AWS_ACCESS_KEY_ID": emulator.account,
        "AWS_SECRET_ACCESS_KEY": "lab",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def kept(variables: Mapping[str, str]) -> dict[str, str]:
    """Give those variables that a program needs to run at all: none that could hold credentials."""
    return {name: variables[name] for name in KEPT if name in variables}


def sweep(home: Path, *, but: int | None = None) -> None:
    """Kill each process that was started for the emulator in ``home``, and wait until it is gone."""
    found = [pid for pid in _processes(home) if pid not in (but, os.getpid())]
    for process in filter(None, map(processes.kill, found)):
        select.select([process], [], [], 5)
        os.close(process)


def alive(home: Path, pid: int) -> bool:
    """Say whether the process is one of the emulator in ``home``: process ids are used again."""
    return _belongs(Path(f"/proc/{pid}"), home)


def end(home: Path, pid: int, patience: float) -> None:
    """Ask the emulator to end, wait ``patience`` seconds for it, and kill what is left."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        process = None
    if process is not None:
        signal.pidfd_send_signal(process, signal.SIGTERM)
        select.select([process], [], [], patience)
        os.close(process)
    sweep(home)


def _processes(home: Path) -> list[int]:
    return [int(one.name) for one in Path("/proc").iterdir() if one.name.isdecimal() and _belongs(one, home)]


def _belongs(process: Path, home: Path) -> bool:
    """Know a process by the mark in its environment, or as a server with its data below the directory."""
    if f"{MARK}={home}".encode() in _said(process / "environ").split(b"\0"):
        return True
    program, *words = _said(process / "cmdline").split(b"\0")
    return program.endswith(b"postgres") and any(word.startswith(f"{home}/work/".encode()) for word in words)


def _said(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # ended meanwhile, or another user's
        return b""
