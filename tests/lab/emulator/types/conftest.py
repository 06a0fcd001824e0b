"""A hand that makes, changes and removes stacks of single resource types."""

import functools
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.config import Config

from dr_templates.aws.clients import boto

HOME, AWAY = "us-east-1", "eu-west-1"
ONCE = Config(retries={"total_max_attempts": 1})
WAIT = {"Delay": 0, "MaxAttempts": 3000}
Template = dict[str, Any]


def client(service: str, region: str = HOME) -> Any:  # noqa: ANN401 - boto3 types clients by literals
    """Give a client for the emulator the test is led to; each is made once, as that takes longer than most calls."""
    return _client(service, region, os.environ["AWS_ENDPOINT_URL"])


@functools.cache
def _client(service: str, region: str, _endpoint: str) -> Any:  # noqa: ANN401 - as above
    return boto(service, region, ONCE)


@dataclass(frozen=True)
class Stacks:
    """Stacks of one region; those that are left are removed at the end."""

    region: str = HOME
    made: list[str] = field(default_factory=list)

    def create(self, name: str, resources: Template, **outputs: object) -> dict[str, str]:
        """Make a stack, and give its outputs. A failure is an AssertionError with the reasons."""
        self.made.append(name)
        self.cloud.create_stack(StackName=name, TemplateBody=body(resources, outputs), **self.capable)
        return self.settle(name)

    def update(self, name: str, resources: Template, **outputs: object) -> dict[str, str]:
        self.cloud.update_stack(StackName=name, TemplateBody=body(resources, outputs), **self.capable)
        return self.settle(name)

    def delete(self, name: str) -> None:
        self.made.remove(name)
        identifier = self.seen(name)["StackId"]
        self.cloud.delete_stack(StackName=name)
        self.cloud.get_waiter("stack_delete_complete").wait(StackName=identifier, WaiterConfig=WAIT)

    def settle(self, name: str) -> dict[str, str]:
        until(lambda: not self.seen(name)["StackStatus"].endswith("IN_PROGRESS"))
        stack = self.seen(name)
        assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), self.reasons(name)
        return {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", ())}

    def seen(self, name: str) -> dict[str, Any]:
        return self.cloud.describe_stacks(StackName=name)["Stacks"][0]

    def reasons(self, name: str) -> list[str]:
        events = self.cloud.describe_stack_events(StackName=name)["StackEvents"]
        return [event.get("ResourceStatusReason", "") for event in events if "FAILED" in event["ResourceStatus"]]

    @property
    def cloud(self) -> Any:  # noqa: ANN401 - as ``client``
        return client("cloudformation", self.region)

    @property
    def capable(self) -> dict[str, list[str]]:
        return {"Capabilities": ["CAPABILITY_NAMED_IAM"]}


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    """Ask until it is true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.02)


def body(resources: Template, outputs: Template) -> str:
    shown = {name: {"Value": value} for name, value in outputs.items()}
    return json.dumps({"Resources": resources, **({"Outputs": shown} if shown else {})})


def resource(kind: str, **properties: object) -> Template:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def ref(name: str) -> Template:
    return {"Ref": name}


def att(name: str) -> Template:
    return {"Fn::GetAtt": name.split(".", 1)}


@pytest.fixture
def stacks(led: None) -> Iterator[Stacks]:  # noqa: ARG001 - where its clients are led to
    one = Stacks()
    yield one
    for name in [*one.made]:
        one.delete(name)
