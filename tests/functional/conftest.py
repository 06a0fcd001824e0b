"""The emulator of these tests: every test that speaks to it finds an empty account."""

import logging
import os
from collections.abc import Iterator

import pytest
import requests
from moto.server import ThreadedMotoServer


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Run it, and give its address; without the images it would read for every region, which nothing here asks for."""
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    running = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        running.stop()


@pytest.fixture
def emulator(server: str) -> str:
    """Empty the account of what other tests have left, and give the emulator's address."""
    requests.post(f"{server}/moto-api/reset", timeout=10).raise_for_status()
    return server
