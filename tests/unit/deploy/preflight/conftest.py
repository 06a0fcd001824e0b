"""The example environment, read from the templates once."""

from pathlib import Path

import pytest

from dr_templates.config import Config, load
from dr_templates.deploy.preflight.wanted import Wanted, wanted


@pytest.fixture(scope="session")
def config(checkout: Path) -> Config:
    return load(checkout / "config/example.yaml")


@pytest.fixture(scope="session")
def example(config: Config) -> Wanted:
    return wanted(config)


@pytest.fixture(scope="session")
def peered(config: Config) -> Wanted:
    """Give the environment with the two VPCs peered."""
    return wanted(config.model_copy(update={"network": config.network.model_copy(update={"peering": True})}))


@pytest.fixture(scope="session")
def told(peered: Wanted) -> Wanted:
    """Give the environment with all that can be switched on: peering, and somebody who gets e-mail."""
    alarms = peered.config.alarms.model_copy(update={"email": "ann@example.com"})
    return wanted(peered.config.model_copy(update={"alarms": alarms}))
