"""One emulator for all tests of the engine."""

from collections.abc import Iterator

import pytest
from tests.lab.emulator.engine.hand import ONCE, REGION, Hand

from dr_templates.aws.clients import boto
from dr_templates.lab.emulator import Emulator, environment, running


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with running() as there, pytest.MonkeyPatch.context() as patch:
        for name, value in environment(there).items():
            patch.setenv(name, value)
        boto("s3", REGION, ONCE).create_bucket(
            Bucket="templates", CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        yield there


@pytest.fixture
def hand(emulator: Emulator) -> Iterator[Hand]:
    one = Hand(emulator)
    yield one
    for what in ("faults", "calls", "pace"):
        one.order(what, method="DELETE")
