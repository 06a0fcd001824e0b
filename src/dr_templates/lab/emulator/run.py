"""Emulators started and ended: in the background for the command line, for a while for tests."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from dr_templates.errors import DrError
from dr_templates.lab.emulator.place import ACCOUNT, MARK, Emulator, alive, checked, end, kept, record, sweep

PATIENCE = 30.0
"""Seconds an emulator is given to come up: it takes one or two."""
FAREWELL = 10.0
"""Seconds it is given to end by itself."""
PORT = 4566


@contextlib.contextmanager
def running(*, port: int = 0, account: str = ACCOUNT, rate: float = 1.0) -> Iterator[Emulator]:
    """Run an emulator in a directory of its own as long as the block runs; nothing is left of it, however it is left.

    ``port`` 0 takes a free one; its clock runs at ``rate``. Raises DrError for a rate that is none, and when it does
    not come up.
    """
    command = _command(port, account, rate)
    home = Path(tempfile.mkdtemp(prefix="dr-emulator-")).resolve()
    home.chmod(0o755)
    try:
        with _started(home, command, watch=True) as process:
            try:
                yield _await(home, process)
            finally:
                end(home, process.pid, FAREWELL)
    finally:
        shutil.rmtree(home, ignore_errors=False)


def up(home: Path, port: int = PORT, account: str = ACCOUNT, rate: float = 1.0) -> Emulator:
    """Start an emulator in the background, and give where it is; when one runs in ``home`` already, it is that one.

    Its clock runs at ``rate``. Raises DrError for a rate that is none, and when it does not come up.
    """
    command = _command(port, account, rate)
    home = home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    with _alone(home):
        if (there := at(home)) is not None:
            return there
        _clean(home)
        with _started(home, command, watch=False) as process:
            try:
                return _await(home, process)
            except BaseException:
                end(home, process.pid, FAREWELL)
                raise


def down(home: Path) -> bool:
    """End the emulator in ``home`` and wait until it is gone; False when none ran. Its log is kept."""
    home = home.resolve()
    if not home.is_dir():
        return False
    with _alone(home):
        there = at(home)
        if there is not None:
            end(home, there.pid, FAREWELL)
        _clean(home)
        return there is not None


def at(home: Path) -> Emulator | None:
    """Give the emulator that runs in ``home``, or None."""
    try:
        said = json.loads(record(home).read_text(encoding="utf-8"))
        clock = (float(said["start"]), float(said["rate"]))
        there = Emulator(said["endpoint"], home, int(said["pid"]), said["account"], *clock)
    except (OSError, ValueError, KeyError, TypeError):  # none, or torn by a crash
        return None
    return there if alive(home, there.pid) else None


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Let one caller at a time start or end what is in ``home``."""
    with (home / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _clean(home: Path) -> None:
    """Remove what an emulator that is gone has left: processes, record, working files."""
    sweep(home)
    record(home).unlink(missing_ok=True)
    shutil.rmtree(home / "work", ignore_errors=True)


def _command(port: int, account: str, rate: float) -> list[str]:
    """Give the command of an emulator but for its home. Raises DrError for a rate that is none."""
    settings = ("--port", str(port), "--account", account, "--rate", str(checked(rate)))
    return [sys.executable, "-m", "dr_templates.lab.emulator", *settings]


@contextlib.contextmanager
def _started(home: Path, command: list[str], *, watch: bool) -> Iterator[subprocess.Popen[bytes]]:
    """Start the process; leaving the block closes its standard input, which a watching one takes for its end."""
    command = [*command, "--home", str(home), *(["--watch"] if watch else [])]
    with (home / "log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - this interpreter and this program
            command,
            stdin=subprocess.PIPE if watch else subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**kept(os.environ), MARK: str(home)},
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.stdin is not None:
            process.stdin.close()
        if watch:
            process.wait()
        else:
            process.returncode = process.poll() or 0  # it stays: nobody waits for it here


def _await(home: Path, process: subprocess.Popen[bytes]) -> Emulator:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        there = at(home)
        if there is not None and _healthy(there):
            return there
        time.sleep(0.02)
    last = (home / "log").read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:]
    raise DrError(
        what="the emulator did not come up" + "".join(f"\n{line}" for line in last),
        where=str(home / "log"),
        hint="The log may say more.",
    )


def _healthy(there: Emulator) -> bool:
    straight = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with straight.open(f"{there.endpoint}/_ministack/health", timeout=2) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP's OK
    except (urllib.error.URLError, OSError):
        return False
