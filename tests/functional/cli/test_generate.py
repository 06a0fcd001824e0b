"""``drctl generate`` and ``drctl archives``: what lands on disk, and when nothing does."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dr_templates import render
from dr_templates.tiers.root import ROOTS, TIERS

Drctl = Callable[..., Any]


NAMES = sorted(f"{name}.yaml" for name in (*TIERS, *ROOTS))


def test_it_writes_every_template_and_says_which(tmp_path: Path, drctl: Drctl) -> None:
    ran = drctl("generate", "--to", tmp_path)
    assert ran.code == 0
    assert sorted(ran.out.splitlines()) == [str(tmp_path / name) for name in NAMES]
    assert sorted(path.name for path in tmp_path.iterdir()) == NAMES


def test_a_second_run_changes_nothing(tmp_path: Path, drctl: Drctl) -> None:
    drctl("generate", "--to", tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    ran = drctl("generate", "--to", tmp_path, "--output", "json")
    assert (ran.code, json.loads(ran.out)) == (0, {"changed": []})
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
    assert drctl("generate", "--to", tmp_path).err == "templates are current\n"


def test_check_names_stale_missing_and_surplus_templates_and_exits_3(tmp_path: Path, drctl: Drctl) -> None:
    drctl("generate", "--to", tmp_path)
    assert drctl("generate", "--check", "--to", tmp_path).code == 0
    (tmp_path / "dns.yaml").write_text("Resources: {}\n")
    (tmp_path / "control.yaml").unlink()
    (tmp_path / "cache.yaml").write_text(f"{render.BANNER}Resources: {{}}\n")
    told = drctl("generate", "--check", "--to", tmp_path).fails(3)
    assert told == "not what the source gives: cache.yaml, control.yaml, dns.yaml"
    ran = drctl("generate", "--check", "--to", tmp_path, "--output", "json")
    assert (ran.code, json.loads(ran.out)) == (3, {"stale": ["cache.yaml", "control.yaml", "dns.yaml"]})
    assert not (tmp_path / "control.yaml").exists()


def test_files_of_the_user_are_safe_in_the_folder_it_writes_to(tmp_path: Path, drctl: Drctl) -> None:
    mine = tmp_path / "docker-compose.yaml"
    mine.write_text("services: {}\n")
    assert str(mine) not in drctl("generate", "--to", tmp_path).out
    assert mine.read_text() == "services: {}\n"
    assert drctl("generate", "--check", "--to", tmp_path).code == 0
    assert "files that others wrote" in " ".join(drctl("generate", "--help").out.split())


@pytest.mark.parametrize("command", ["generate", "archives"])
def test_a_target_that_cannot_be_written_is_told_in_three_lines(tmp_path: Path, drctl: Drctl, command: str) -> None:
    (tmp_path / "file").write_text("in the way")
    ran = drctl(command, "--to", tmp_path / "file" / "folder")
    assert ran.fails() in {"Not a directory", "File exists"}
    assert str(tmp_path / "file") in ran.err
    assert ran.out == ""


def test_archives_lie_where_the_bucket_will_have_them(tmp_path: Path, drctl: Drctl) -> None:
    ran = drctl("archives", "--to", tmp_path, "--output", "json")
    keys = json.loads(ran.out)
    assert {"NetworkArchiveKey", "ProbeArchiveKey", "RotationArchiveKey"} <= set(keys)
    for key in keys.values():
        assert hashlib.sha256((tmp_path / key).read_bytes()).hexdigest()[:16] in key
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == {tmp_path / key for key in keys.values()}
    again = drctl("archives", "--to", tmp_path)
    assert again.out.splitlines() == [f"{parameter}={key}" for parameter, key in keys.items()]


@pytest.mark.parametrize(
    "command",
    [
        ("archives", "--to", "build"),
        ("parameters", "--site", "virginia", "--stack", "foundation", "--config", "{example}"),
    ],
)
def test_an_installed_copy_without_a_checkout_says_what_is_missing(
    tmp_path: Path, checkout: Path, example: Path, command: tuple[str, ...]
) -> None:
    """``pip install .`` puts the package somewhere without the folder of handlers."""
    copy = tmp_path / "site-packages"
    shutil.copytree(checkout / "src/dr_templates", copy / "dr_templates", ignore=shutil.ignore_patterns("__pycache__"))
    code = "import sys; from dr_templates.cli.main import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", code, *(word.format(example=example) for word in command)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )
    what, where, hint = done.stderr.splitlines()
    assert done.returncode == 1
    assert what.startswith("archives are built from a checkout")
    assert where == f"  where: {tmp_path / 'lambda'}"
    assert "clone" in hint
    assert done.stdout == ""
