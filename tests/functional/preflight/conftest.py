"""Clients whose every call and answer is written down before; a call too few or another one fails the test."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

Stub = Callable[..., Any]
"""Takes a service and its calls in order: operation, arguments, and an answer or an error code."""


@pytest.fixture
def stub() -> Iterator[Stub]:
    stubbers: list[Stubber] = []

    def make(service: str, *calls: tuple[str, dict[str, Any], dict[str, Any] | str]) -> Any:  # noqa: ANN401 - a client
        client = boto3.client(
            service,  # type: ignore[call-overload]  # a literal elsewhere
            region_name="us-east-1",
            aws_access_key_id="lab",
            aws_secret_access_key="lab",  # noqa: S106 - of nobody
        )
        stubber = Stubber(client)
        for operation, arguments, answer in calls:
            if isinstance(answer, str):
                stubber.add_client_error(operation, answer, "no", expected_params=arguments)
            else:
                stubber.add_response(operation, answer, arguments)
        stubber.activate()
        stubbers.append(stubber)
        return client

    yield make
    for stubber in stubbers:
        stubber.assert_no_pending_responses()
