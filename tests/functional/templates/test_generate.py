"""``python generate.py``, as a user and as CI runs it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def copy(checkout: Path, tmp_path: Path) -> Path:
    """Give a folder with generate.py and the committed templates, to spoil."""
    shutil.copy(checkout / "generate.py", tmp_path)
    shutil.copytree(checkout / "templates", tmp_path / "templates")
    return tmp_path


def generate(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, folder / "generate.py", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_current_templates_pass(copy: Path) -> None:
    result = generate(copy, "--check")
    assert (result.returncode, result.stderr) == (0, "")


def test_a_stale_template_is_named_and_answers_3_and_is_not_touched(copy: Path) -> None:
    spoiled = copy / "templates" / "dns.yaml"
    spoiled.write_text("old", encoding="utf-8")
    result = generate(copy, "--check")
    assert result.returncode == 3
    assert "stale: templates/dns.yaml" in result.stderr
    assert "network.yaml" not in result.stderr
    assert spoiled.read_text(encoding="utf-8") == "old"


def test_generating_mends_it_byte_for_byte(copy: Path, checkout: Path) -> None:
    (copy / "templates" / "dns.yaml").write_text("old", encoding="utf-8")
    assert generate(copy).returncode == 0
    for path in (checkout / "templates").iterdir():
        assert (copy / "templates" / path.name).read_bytes() == path.read_bytes()
    assert generate(copy).stderr == ""


def test_a_word_it_does_not_know_is_wrong_usage(copy: Path) -> None:
    result = generate(copy, "--chekc")
    assert result.returncode == 2
    assert result.stderr.startswith("usage:")


def test_a_folder_that_cannot_be_written_is_told_in_three_lines(copy: Path) -> None:
    shutil.rmtree(copy / "templates")
    (copy / "templates").write_text("in the way", encoding="utf-8")
    result = generate(copy)
    assert result.returncode == 1
    what, where, hint = result.stderr.splitlines()
    assert what == "File exists"
    assert where == f"  where: {copy / 'templates'}"
    assert hint.startswith("  hint:  ")
    assert (copy / "templates").read_text(encoding="utf-8") == "in the way"


def test_a_template_of_the_users_own_is_left_alone(copy: Path) -> None:
    mine = copy / "templates" / "mine.yaml"
    mine.write_text("Resources: {}\n", encoding="utf-8")
    assert (generate(copy, "--check").returncode, generate(copy).stderr) == (0, "")
    assert mine.read_text(encoding="utf-8") == "Resources: {}\n"


def test_it_loads_nothing_that_only_the_command_needs(checkout: Path) -> None:
    code = "import sys, generate; print([name for name in ('click', 'rich', 'pydantic') if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], cwd=checkout, capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"
