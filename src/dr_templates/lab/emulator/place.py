"""Where an emulator is: its address, its directory, the environment that leads programs to it, its processes."""

from __future__ import annotations

import itertools
import math
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dr_templates.errors import DrError, Exit
from dr_templates.lab import processes
from dr_templates.lab.clock import Clock

HOST = "127.0.0.1"
ACCOUNT = "111122223333"
MARK = "DR_LAB_HOME"
"""Names the emulator's directory in the environment of each process it starts, and of no other."""
PROGRAMS = (b"postgres", b"initdb", b"pg_ctl", b"pg_basebackup")
LOOKS = 10
SECONDS = 5.0
"""How long one that was killed is waited for."""
SHORT, LINK = Path("/tmp"), "dr-lab-"  # noqa: S108 - only for links to directories of ours

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
    """An emulator that runs: its address, the directory for all it writes, its process, the account it plays.

    Its clock runs ``rate`` times as fast as the machine's since ``start``, in seconds since 1970.
    """

    endpoint: str
    home: Path
    pid: int
    account: str = ACCOUNT
    start: float = 0.0
    rate: float = 1.0

    @property
    def clock(self) -> Clock:
        """The lab's clock: whoever waits for this emulator's AWS goes by it."""
        return Clock(self.start, self.rate)

    def told(self) -> dict[str, str | int | float]:
        """Give address, process, account and clock as they are written down."""
        named: dict[str, str | int | float] = {"endpoint": self.endpoint, "pid": self.pid, "account": self.account}
        return {**named, "start": self.start, "rate": self.rate}


def checked(rate: float) -> float:
    """Give the rate of a clock, if it is one. Raises DrError (wrong usage) for less than 1 and for no number."""
    if not math.isfinite(rate) or rate < 1:
        raise DrError(
            what=f"the lab's clock cannot run at a rate of {rate:g}",
            where="rate",
            hint="Give a number of 1 or more: at 10 a minute of AWS's passes in six seconds.",
            code=Exit.USAGE,
        )
    return rate


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


def link(port: int) -> Path:
    """Name the short way to the sockets of the databases, for an emulator whose home has too long a path for them."""
    return SHORT / f"{LINK}{port}"


def sweep(home: Path) -> None:
    """Kill each process that was started for the emulator in ``home`` but ourselves, and wait until it is gone.

    It is looked for again until there is none: one may have started another meanwhile. Links to ``home`` go too, and
    the memory that databases shared.
    """
    for way in SHORT.glob(f"{LINK}*"):
        if way.is_symlink() and home in way.readlink().parents:
            way.unlink(missing_ok=True)
    for _ in range(LOOKS):
        found = [pid for pid in _processes(home) if pid != os.getpid()]
        processes.slay([*found, *itertools.chain(*map(processes.children, found))], SECONDS)
        if not found:
            return


def end_functions(home: Path, name: str) -> int:
    """Kill the interpreters of the functions whose names begin so, wait until they are gone, and say how many were."""
    words = f"ministack-lambda-{name}".encode()
    found = [pid for pid in _processes(home) if words in _said(Path(f"/proc/{pid}/cmdline"))]
    processes.slay(found, SECONDS)
    return len(found)


def alive(home: Path, pid: int) -> bool:
    """Say whether the process is one of the emulator in ``home``: process ids are used again."""
    return _belongs(Path(f"/proc/{pid}"), home)


def end(home: Path, pid: int, patience: float) -> None:
    """Ask the emulator to end, wait ``patience`` seconds for it, and kill what is left."""
    process = processes.tell(pid, signal.SIGTERM)
    if process is not None:
        processes.wait(process, patience)
    sweep(home)


def _processes(home: Path) -> list[int]:
    return [int(one.name) for one in Path("/proc").iterdir() if one.name.isdecimal() and _belongs(one, home)]


def _belongs(process: Path, home: Path) -> bool:
    """Know a process by the mark in its environment, or as a program of PostgreSQL at work below the directory."""
    if f"{MARK}={home}".encode() in _said(process / "environ").split(b"\0"):
        return True
    program, *words = _said(process / "cmdline").split(b"\0")
    return program.endswith(PROGRAMS) and any(word.startswith(f"{home}/work/".encode()) for word in words)


def _said(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # ended meanwhile, or another user's
        return b""
