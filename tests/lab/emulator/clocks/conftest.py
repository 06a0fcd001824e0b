"""An emulator whose clock runs fast, for all tests of what goes by it."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.lab.emulator.types.conftest import HOME, client, until

from dr_templates.lab.clock import Clock
from dr_templates.lab.emulator import Emulator, running

RATE = 20.0
APART = 60.0
"""Seconds between the lab's time and the machine's, by which the two cannot be taken for each other."""

Function = Callable[..., str]


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with running(rate=RATE) as there:
        yield there


@pytest.fixture
def clock(emulator: Emulator) -> Clock:
    """Give the lab's clock once it is well ahead of the machine's."""
    clock = emulator.clock
    clock.pause(APART - (clock.now() - clock.real(clock.now())))
    return clock


@pytest.fixture
def function(led: None) -> Function:  # noqa: ARG001 - where its clients are led to
    """Make a function of some code, and give its ARN."""

    def make(name: str, code: str, region: str = HOME, **more: object) -> str:
        return made(name, code, region, **more)

    return make


def made(name: str, code: str, region: str, **more: object) -> str:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.py", code)
    trust = json.dumps({"Statement": []})
    role = client("iam").create_role(RoleName=f"{name}-{region}", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    settings = {"Runtime": "python3.13", "Handler": "index.handler", "Role": role, "Timeout": 30, **more}
    client("lambda", region).create_function(FunctionName=name, Code={"ZipFile": archive.getvalue()}, **settings)
    until(lambda: client("lambda", region).get_function(FunctionName=name)["Configuration"]["State"] == "Active")
    return str(client("lambda", region).get_function(FunctionName=name)["Configuration"]["FunctionArn"])


def call(name: str, region: str = HOME) -> Any:  # noqa: ANN401 - any JSON
    answer = client("lambda", region).invoke(FunctionName=name)
    said = json.load(answer["Payload"])
    assert "FunctionError" not in answer, said
    return said
