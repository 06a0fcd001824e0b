"""Root stacks at work as CloudFormation answers about them when it tells little."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from dr_templates.aws.clients import Clients
from dr_templates.config import load
from dr_templates.deploy.deployment import Deployment
from dr_templates.deploy.following import RECHECK, follow
from dr_templates.deploy.roots import Root
from dr_templates.deploy.steps import Done
from dr_templates.deploy.tracing import Trace
from dr_templates.errors import DrError

ROOT = Root("virginia", "primary")
STACK = "arn:aws:cloudformation:us-east-1:111122223333:stack/orders-prod-virginia-primary/9f"
CONFIG = load(Path(__file__).parents[3] / "config" / "example.yaml")


class Cloud:
    """A client that is told beforehand what it will be asked."""

    def __init__(self) -> None:
        anyone = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")  # noqa: S106 - no secret
        self.client = anyone.client("cloudformation")
        self.stub = Stubber(self.client)
        self.on = Deployment(CONFIG, Clients(make=lambda *_: self.client), lambda _: None)

    def silent(self, looks: int) -> None:
        for _ in range(looks):
            self.stub.add_response("describe_stack_events", {"StackEvents": []}, {"StackName": STACK})

    def standing(self, status: str, name: str = STACK) -> None:
        stack: dict[str, Any] = {
            "StackName": "orders",
            "StackId": STACK,
            "CreationTime": datetime(2026, 1, 1, tzinfo=UTC),
        }
        self.stub.add_response("describe_stacks", {"Stacks": [{**stack, "StackStatus": status}]}, {"StackName": name})


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    there = Cloud()
    with there.stub:
        yield there
        there.stub.assert_no_pending_responses()


@pytest.mark.parametrize("status", ["REVIEW_IN_PROGRESS", "UPDATE_COMPLETE", "CREATE_FAILED"])
def test_a_stack_that_never_begins_is_neither_waited_for_without_end_nor_taken_for_done(
    cloud: Cloud, status: str
) -> None:
    cloud.silent(RECHECK)
    cloud.standing(status)
    with pytest.raises(DrError, match=f"has not: virginia primary is {status} as before"):
        list(follow(cloud.on, {ROOT: Trace(cloud.client, STACK)}))


def test_a_stack_that_is_at_work_and_says_nothing_is_waited_for(cloud: Cloud) -> None:
    cloud.silent(RECHECK)
    cloud.standing("UPDATE_IN_PROGRESS")
    cloud.silent(RECHECK)
    cloud.standing("DELETE_COMPLETE")
    cloud.standing("DELETE_COMPLETE", "orders-prod-virginia-primary")
    steps = list(follow(cloud.on, {ROOT: Trace(cloud.client, STACK)}))
    assert [step.status for step in steps if isinstance(step, Done)] == ["DELETE_COMPLETE"]
