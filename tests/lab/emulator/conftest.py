"""One emulator for all tests of its engine, its resource types and its databases, and the way for clients to it."""

from collections.abc import Iterator

import pytest

from dr_templates.lab.emulator import Emulator, environment, running


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with running() as there:
        yield there


@pytest.fixture
def led(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lead every client of the test to this emulator; tests of another folder have their own."""
    for name, value in environment(emulator).items():
        monkeypatch.setenv(name, value)
