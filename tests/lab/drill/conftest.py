"""A directory of its own for all that a drill makes while it runs, which has to be empty when it is over."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.lab.drill import traces


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a directory that takes every temporary one, also of the programs that are started; nothing stays in it."""
    tmp_path_factory.getbasetemp()  # pytest's own are elsewhere
    place = Path(tempfile.mkdtemp(prefix="dr-room-"))
    place.chmod(0o755)  # PostgreSQL may run as somebody else
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    monkeypatch.setenv("TMPDIR", str(place))
    try:
        yield place
        assert traces.owned(place) == set()
        assert traces.links(place) == []
        assert [*place.iterdir()] == []
    finally:
        shutil.rmtree(place)
