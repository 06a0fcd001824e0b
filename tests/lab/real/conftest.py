"""This project's own templates, deployed once to an emulator, with everything in them switched on."""

from collections.abc import Iterator

import pytest

from dr_templates.config import Config, load
from dr_templates.deploy import deployment
from dr_templates.deploy.deployment import Deployment, Source
from dr_templates.deploy.steps import Step
from dr_templates.lab.emulator import Emulator, running
from plans import drive, small


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with running() as there:
        yield there


@pytest.fixture(scope="session")
def config() -> Config:
    """Give the demo's environment with everything that can be switched on."""
    read = load(small.CONFIG)
    network = read.network.model_copy(update={"peering": True})
    alarms = read.alarms.model_copy(update={"email": "oncall@example.com"})
    return read.model_copy(update={"network": network, "alarms": alarms})


@pytest.fixture(scope="session")
def source(config: Config) -> Source:
    return deployment.source(config)


@pytest.fixture(scope="session")
def on(emulator: Emulator, config: Config) -> Deployment:
    return drive.deployment(emulator, config)


@pytest.fixture(scope="session")
def deployed(on: Deployment, source: Source) -> list[Step]:
    """Give the steps of the one deployment these tests look at."""
    return drive.deploy(on, source)
