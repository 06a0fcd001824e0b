"""How the tests of the command run it: in this process for speed, or as the program where that matters."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from dr_templates.cli.main import main

PROGRAM = Path(sys.executable).parent / "drctl"


@dataclass(frozen=True)
class Ran:
    """What came of one run."""

    code: int
    out: str
    err: str

    def fails(self, code: int = 1) -> str:
        """Assert a fault told in three parts on stderr, and give the first."""
        assert self.code == code, self
        what, _, rest = self.err.partition("\n  where: ")
        assert "\n  hint:  " in rest, self
        assert "Traceback" not in self.err
        return what


Drctl = Callable[..., Ran]


@pytest.fixture
def drctl(capsys: pytest.CaptureFixture[str]) -> Drctl:
    """Run the command in this process."""

    def run(*arguments: str | Path) -> Ran:
        code = main([str(argument) for argument in arguments])
        shown = capsys.readouterr()
        return Ran(code, shown.out, shown.err)

    return run


@pytest.fixture
def program(tmp_path: Path) -> Drctl:
    """Run the installed program, in an empty folder, with its streams piped."""

    def run(*arguments: str | Path, env: Mapping[str, str] | None = None) -> Ran:
        done = subprocess.run(
            [PROGRAM, *arguments],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**os.environ, **(env or {})},
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def example(checkout: Path) -> Path:
    """Give the example configuration."""
    return checkout / "config/example.yaml"
