"""A deployment's events, followed through nested stacks."""

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from botocore.stub import Stubber

from dr_templates.deploy.tracing import Trace, baseline, cause

ROOT = "arn:aws:cloudformation:us-east-1:111122223333:stack/orders/1"
KEYS = "arn:aws:cloudformation:us-east-1:111122223333:stack/orders-Keys/2"
NESTED = "AWS::CloudFormation::Stack"
NOW = datetime(2026, 11, 25, tzinfo=UTC)


def event(
    number: int, status: str, name: str = "", *, stack: str = ROOT, physical: str = "", **more: str
) -> dict[str, Any]:
    """Give an event; without a name, of the stack itself."""
    return {
        "EventId": f"e{number}",
        "Timestamp": NOW + timedelta(seconds=number),
        "StackId": stack,
        "StackName": "orders",
        "LogicalResourceId": name or "orders",
        "PhysicalResourceId": physical or (f"id-{name}" if name else stack),
        "ResourceType": more.get("kind", NESTED if not name else "AWS::KMS::Key"),
        "ResourceStatus": status,
        "ResourceStatusReason": more.get("reason", ""),
    }


class Cloud:
    """A client that is told beforehand what it will be asked, the oldest event first."""

    def __init__(self) -> None:
        anyone = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")  # noqa: S106 - no secret
        self.client = anyone.client("cloudformation")
        self.stub = Stubber(self.client)
        self.stub.activate()

    def tells(self, stack: str, *events: dict[str, Any]) -> None:
        self.stub.add_response("describe_stack_events", {"StackEvents": events[::-1]}, {"StackName": stack})

    def reads(self, trace: Trace) -> list[str]:
        found = ["/".join((*one.path, one.event.logical_id, one.event.status)) for one in trace.read()]
        self.stub.assert_no_pending_responses()
        return found


def begun(cloud: Cloud) -> Trace:
    """Give a trace that has seen a root begin, and a nested stack with it."""
    trace = Trace(cloud.client, ROOT)
    cloud.tells(
        ROOT, event(1, "CREATE_IN_PROGRESS"), event(2, "CREATE_IN_PROGRESS", "Keys", physical=KEYS, kind=NESTED)
    )
    cloud.tells(KEYS, event(3, "CREATE_IN_PROGRESS", stack=KEYS))
    assert cloud.reads(trace) == [
        "orders/CREATE_IN_PROGRESS",
        "Keys/CREATE_IN_PROGRESS",
        "Keys/orders/CREATE_IN_PROGRESS",
    ]
    return trace


def test_what_was_told_is_not_told_again() -> None:
    cloud = Cloud()
    trace = begun(cloud)
    cloud.tells(
        ROOT, event(1, "CREATE_IN_PROGRESS"), event(2, "CREATE_IN_PROGRESS", "Keys", physical=KEYS, kind=NESTED)
    )
    cloud.tells(KEYS, event(3, "CREATE_IN_PROGRESS", stack=KEYS), event(4, "CREATE_COMPLETE", "Key", stack=KEYS))
    assert cloud.reads(trace) == ["Keys/Key/CREATE_COMPLETE"]


def test_a_nested_stack_that_is_done_is_not_asked_any_more() -> None:
    cloud = Cloud()
    trace = begun(cloud)
    done = event(6, "CREATE_COMPLETE", "Keys", physical=KEYS, kind=NESTED)
    cloud.tells(ROOT, event(2, "CREATE_IN_PROGRESS", "Keys", physical=KEYS, kind=NESTED), done)
    cloud.tells(KEYS, event(3, "CREATE_IN_PROGRESS", stack=KEYS), event(5, "CREATE_COMPLETE", stack=KEYS))
    assert cloud.reads(trace) == ["Keys/orders/CREATE_COMPLETE", "Keys/CREATE_COMPLETE"]
    cloud.tells(ROOT, done, event(7, "CREATE_COMPLETE"))
    assert cloud.reads(trace) == ["orders/CREATE_COMPLETE"]
    assert trace.ended


def test_a_nested_stack_that_is_at_work_again_is_asked_again() -> None:
    cloud = Cloud()
    trace = begun(cloud)
    done = event(6, "CREATE_COMPLETE", "Keys", physical=KEYS, kind=NESTED)
    ended = event(5, "CREATE_COMPLETE", stack=KEYS)
    cloud.tells(ROOT, event(2, "CREATE_IN_PROGRESS", "Keys", physical=KEYS, kind=NESTED), done)
    cloud.tells(KEYS, event(3, "CREATE_IN_PROGRESS", stack=KEYS), ended)
    cloud.reads(trace)
    again = event(7, "DELETE_IN_PROGRESS", "Keys", physical=KEYS, kind=NESTED)
    failed = event(8, "DELETE_FAILED", "Key", stack=KEYS)
    cloud.tells(ROOT, done, again, event(10, "ROLLBACK_FAILED"))
    cloud.tells(KEYS, ended, failed)
    assert "Keys/Key/DELETE_FAILED" in cloud.reads(trace)
    cloud.tells(ROOT, event(10, "ROLLBACK_FAILED"))
    cloud.tells(KEYS, failed)
    assert cloud.reads(trace) == []


def test_a_nested_stack_that_was_done_and_went_on_between_two_looks_is_asked_again() -> None:
    cloud = Cloud()
    trace = begun(cloud)
    again = event(7, "DELETE_IN_PROGRESS", "Keys", physical=KEYS, kind=NESTED)
    at_work = event(8, "DELETE_IN_PROGRESS", stack=KEYS)
    begins = event(2, "CREATE_IN_PROGRESS", "Keys", physical=KEYS, kind=NESTED)
    cloud.tells(ROOT, begins, event(6, "CREATE_COMPLETE", "Keys", physical=KEYS, kind=NESTED), again)
    cloud.tells(KEYS, event(3, "CREATE_IN_PROGRESS", stack=KEYS), event(5, "CREATE_COMPLETE", stack=KEYS), at_work)
    cloud.reads(trace)
    cloud.tells(ROOT, again)
    cloud.tells(KEYS, at_work, event(9, "DELETE_FAILED", "Key", stack=KEYS))
    assert cloud.reads(trace) == ["Keys/Key/DELETE_FAILED"]


def test_a_stack_that_nothing_was_read_of_has_not_ended() -> None:
    assert not Trace(Cloud().client, ROOT).ended


def test_a_stack_without_a_past_is_followed_from_its_beginning() -> None:
    cloud = Cloud()
    cloud.tells(ROOT)
    trace = baseline(cloud.client, ROOT)
    cloud.tells(ROOT, event(1, "CREATE_IN_PROGRESS"))
    assert cloud.reads(trace) == ["orders/CREATE_IN_PROGRESS"]


def test_from_a_baseline_on_what_a_rollback_stopped_at_is_not_told_of_the_one_that_goes_on() -> None:
    cloud = Cloud()
    past = (
        event(1, "UPDATE_IN_PROGRESS"),
        event(2, "UPDATE_FAILED", "Key", reason="long mended"),
        event(3, "UPDATE_ROLLBACK_FAILED"),
    )
    cloud.tells(ROOT, *past)
    trace = baseline(cloud.client, ROOT)
    cloud.tells(ROOT, *past, event(4, "UPDATE_ROLLBACK_IN_PROGRESS"))
    assert cloud.reads(trace) == ["orders/UPDATE_ROLLBACK_IN_PROGRESS"]


def test_a_stack_under_review_has_not_ended() -> None:
    cloud = Cloud()
    trace = Trace(cloud.client, ROOT)
    cloud.tells(ROOT, event(1, "REVIEW_IN_PROGRESS"))
    cloud.reads(trace)
    assert not trace.ended


def test_from_a_baseline_on_only_what_is_new_is_told() -> None:
    cloud = Cloud()
    past = (event(1, "CREATE_IN_PROGRESS"), event(2, "CREATE_COMPLETE"))
    cloud.tells(ROOT, *past)
    trace = baseline(cloud.client, ROOT)
    cloud.tells(ROOT, *past, event(3, "UPDATE_IN_PROGRESS"))
    assert cloud.reads(trace) == ["orders/UPDATE_IN_PROGRESS"]
    assert not trace.ended


def test_the_history_of_a_nested_stack_before_this_operation_is_not_told() -> None:
    cloud = Cloud()
    trace = Trace(cloud.client, ROOT)
    cloud.tells(
        ROOT, event(10, "UPDATE_IN_PROGRESS"), event(11, "UPDATE_IN_PROGRESS", "Keys", physical=KEYS, kind=NESTED)
    )
    cloud.tells(KEYS, event(1, "CREATE_FAILED", "Old", stack=KEYS), event(12, "UPDATE_IN_PROGRESS", stack=KEYS))
    assert "Keys/Old/CREATE_FAILED" not in cloud.reads(trace)


def test_a_resource_that_is_no_stack_is_not_looked_into() -> None:
    cloud = Cloud()
    trace = Trace(cloud.client, ROOT)
    topic = event(2, "CREATE_IN_PROGRESS", "Topic", physical="arn:aws:sns:us-east-1:1:t", kind="AWS::SNS::Topic")
    waiting = event(3, "CREATE_IN_PROGRESS", "Later", physical="", kind=NESTED)
    cloud.tells(ROOT, event(1, "CREATE_IN_PROGRESS"), topic, waiting)
    assert len(cloud.reads(trace)) == 3


def test_the_cause_is_that_of_the_last_operation() -> None:
    cloud = Cloud()
    cloud.tells(
        ROOT,
        event(1, "CREATE_IN_PROGRESS"),
        event(2, "CREATE_FAILED", "Key", reason="long mended"),
        event(3, "UPDATE_IN_PROGRESS"),
        event(4, "UPDATE_FAILED", "Other", reason="now"),
        event(5, "UPDATE_ROLLBACK_IN_PROGRESS"),
        event(6, "UPDATE_FAILED", "Key", reason="no way back"),
        event(7, "UPDATE_ROLLBACK_FAILED"),
    )
    found = cause(cloud.client, ROOT)
    assert found is not None
    assert found.event.reason == "now"


def test_the_cause_of_an_undoing_is_what_the_undoing_failed_of() -> None:
    cloud = Cloud()
    cloud.tells(
        ROOT,
        event(1, "UPDATE_IN_PROGRESS"),
        event(2, "UPDATE_FAILED", "Other", reason="now"),
        event(3, "UPDATE_ROLLBACK_IN_PROGRESS"),
        event(4, "UPDATE_FAILED", "Key", reason="no way back"),
    )
    found = cause(cloud.client, ROOT, undoing=True)
    assert found is not None
    assert found.event.reason == "no way back"
