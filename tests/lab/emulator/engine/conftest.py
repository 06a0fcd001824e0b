"""A hand for each test of the engine, and the bucket its templates lie in."""

from collections.abc import Iterator

import pytest
from tests.lab.emulator.engine.hand import BUCKET, REGION, Hand

from dr_templates.lab.emulator import Emulator
from plans import drive


@pytest.fixture(scope="session")
def bucket(emulator: Emulator) -> None:
    where = {"LocationConstraint": REGION}
    drive.clients(emulator).s3(REGION).create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)


@pytest.fixture
def hand(emulator: Emulator, bucket: None, led: None) -> Iterator[Hand]:  # noqa: ARG001 - what it works with
    one = Hand(emulator)
    yield one
    for what in ("faults", "calls", "pace"):
        one.order(what, method="DELETE")
