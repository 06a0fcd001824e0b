"""An emulator for the whole run, and an environment in small of its own for each test."""

import itertools
from collections.abc import Iterator

import pytest

from dr_templates.config import Config, load
from dr_templates.deploy.deployment import Deployment
from dr_templates.lab.emulator import Emulator, running
from plans import drive, lab, small

NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with running() as there:
        yield there


@pytest.fixture
def config() -> Config:
    """Give an environment nobody else uses."""
    return load(small.CONFIG).model_copy(update={"suffix": f"t{next(NUMBERS)}"})


@pytest.fixture
def on(emulator: Emulator, config: Config) -> Iterator[Deployment]:
    yield drive.deployment(emulator, config)
    lab.unharmed(emulator)
