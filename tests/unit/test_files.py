"""Files are written whole or not at all."""

import subprocess
import sys
from pathlib import Path

import pytest

from dr_templates.files import replace


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "lambda/probe.zip"
    replace(path, b"old")
    replace(path, b"new")
    assert path.read_bytes() == b"new"
    assert [*path.parent.iterdir()] == [path]


def test_a_failed_replacement_leaves_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "taken"
    path.mkdir()
    (path / "something").touch()
    with pytest.raises(OSError, match="taken"):
        replace(path, b"new")
    assert [*tmp_path.iterdir()] == [path]


def test_a_write_that_fails_midway_leaves_the_old_file_and_no_draft(tmp_path: Path) -> None:
    """The limit on the size of a file stands for a full disk: part of the new body is written, then no more."""
    path = tmp_path / "template.yaml"
    path.write_bytes(b"old")
    code = (
        "import pathlib, resource, sys\n"
        "from dr_templates.files import replace\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try:\n"
        "    replace(pathlib.Path(sys.argv[1]), b'new ' * 4096)\n"
        "except OSError as error:\n"
        "    sys.exit(error.strerror)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "File too large\n")
    assert path.read_bytes() == b"old"
    assert [*tmp_path.iterdir()] == [path]
