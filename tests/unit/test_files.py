"""Files are written whole or not at all."""

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
