"""A root planned where CloudFormation refuses more than one thing."""

from collections.abc import Iterator

import boto3
import pytest
from botocore.stub import Stubber

from dr_templates.aws.clients import Clients
from dr_templates.config import load
from dr_templates.deploy import planning, roots
from dr_templates.deploy.deployment import Deployment
from dr_templates.deploy.roots import Root
from dr_templates.errors import DrError
from plans import small

CONFIG = load(small.CONFIG)
ONE = Root("virginia", "foundation")
ARN = "arn:aws:cloudformation:us-east-1:111122223333:changeSet/drctl-1/0a1b"
STACK = "arn:aws:cloudformation:us-east-1:111122223333:stack/orders-demo-virginia-foundation/9f"


@pytest.fixture
def stub() -> Iterator[Stubber]:
    anyone = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")  # noqa: S106 - no secret
    with Stubber(anyone.client("cloudformation")) as there:
        yield there
        there.assert_no_pending_responses()


def test_a_change_set_that_failed_and_stays_is_told_by_why_it_failed_first(stub: Stubber) -> None:
    on = Deployment(CONFIG, Clients(make=lambda *_: stub.client), lambda _: None)
    failed = {"ChangeSetId": ARN, "StackId": STACK, "Status": "FAILED", "StatusReason": "Template error"}
    standing = {
        "StackName": "orders",
        "StackId": STACK,
        "StackStatus": "REVIEW_IN_PROGRESS",
        "CreationTime": "2026-01-01",
    }
    stub.add_response("create_change_set", {"Id": ARN, "StackId": STACK})
    stub.add_response("describe_change_set", failed)
    stub.add_response("describe_stacks", {"Stacks": [standing]})
    stub.add_client_error("delete_change_set", "AccessDenied", "not authorized to throw away")
    with pytest.raises(DrError) as caught:
        planning.plan_root(on, small.source(CONFIG), ONE, dict.fromkeys(roots.every(on.topology)))
    first, left = caught.value.what.splitlines()
    assert first == "CloudFormation cannot make a change set: Template error"
    assert "not authorized to throw away" in left
