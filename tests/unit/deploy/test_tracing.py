import pytest

from dr_templates.aws.stacks.model import NESTED, Event
from dr_templates.deploy.tracing import Traced, first_failure
from plans.build import event


def traced(*events: object) -> list[Traced]:
    return [Traced((), one) for one in events]


def test_the_first_failure_of_a_resource_is_the_cause() -> None:
    first = event("Topic", "CREATE_FAILED", reason="no", second=1)
    later = event("Queue", "CREATE_FAILED", reason="neither", second=2)
    found = first_failure(traced(event("Key", "CREATE_COMPLETE"), first, later))
    assert found is not None
    assert found.event is first


def test_what_was_only_cancelled_is_not_the_cause() -> None:
    cancelled = event("Queue", "CREATE_FAILED", reason="Resource creation cancelled", second=1)
    real = event("Topic", "CREATE_FAILED", reason="no", second=2)
    found = first_failure(traced(cancelled, real))
    assert found is not None
    assert found.event is real


def test_a_nested_stack_that_failed_only_repeats_what_failed_in_it() -> None:
    parent = event("Keys", "CREATE_FAILED", kind=NESTED, reason="Embedded stack was not created", second=1)
    real = event("Key", "CREATE_FAILED", stack="arn:nested", reason="no", second=2)
    found = first_failure(traced(parent, real))
    assert found is not None
    assert found.event is real


def test_a_nested_stack_that_could_not_be_begun_is_the_cause_itself() -> None:
    parent = event("Keys", "CREATE_FAILED", kind=NESTED, reason="S3 error: Access Denied")
    found = first_failure(traced(parent, event("root", "CREATE_FAILED", physical="arn:root", reason="failed")))
    assert found is not None
    assert found.event is parent


def root(status: str, reason: str, second: int) -> Event:
    return event("orders", status, physical="arn:root", kind=NESTED, reason=reason, second=second)


@pytest.mark.parametrize("status", ["ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"])
def test_a_stack_that_goes_back_though_no_resource_failed_says_why_itself(status: str) -> None:
    found = first_failure(traced(event("Key", "CREATE_COMPLETE"), root(status, "Output KeyArn is malformed", 1)))
    assert found is not None
    assert found.event.reason == "Output KeyArn is malformed"


def test_an_update_that_somebody_cancelled_is_not_blamed_on_what_that_cancelled() -> None:
    turned = root("UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated", 1)
    cancelled = event("Queue", "UPDATE_FAILED", reason="Resource update cancelled", second=2)
    found = first_failure(traced(turned, cancelled))
    assert found is not None
    assert found.event is turned


def test_a_stack_that_goes_back_is_not_blamed_on_who_began() -> None:
    begun = root("UPDATE_IN_PROGRESS", "User Initiated", 1)
    turned = root("UPDATE_ROLLBACK_IN_PROGRESS", "Output KeyArn is malformed", 2)
    found = first_failure(traced(begun, turned))
    assert found is not None
    assert found.event is turned


def test_a_stack_that_goes_back_without_a_word_is_blamed_on_what_failed_in_it() -> None:
    cancelled = event("Queue", "UPDATE_FAILED", reason="Resource update cancelled", second=2)
    found = first_failure(traced(root("UPDATE_ROLLBACK_IN_PROGRESS", "", 1), cancelled))
    assert found is not None
    assert found.event is cancelled


def test_what_a_continued_rollback_failed_of_comes_before_that_it_was_continued() -> None:
    turned = root("UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated", 1)
    failed = root("UPDATE_ROLLBACK_FAILED", "The stack policy prevents this update", 2)
    found = first_failure(traced(turned, failed))
    assert found is not None
    assert found.event is failed


def test_a_stack_that_goes_back_because_a_resource_failed_only_repeats_that() -> None:
    real = event("Topic", "CREATE_FAILED", reason="no", second=1)
    turned = root("ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [Topic].", 2)
    found = first_failure(traced(real, turned))
    assert found is not None
    assert found.event is real


def test_without_a_failure_there_is_no_cause() -> None:
    assert first_failure(traced(event("Key", "CREATE_COMPLETE"))) is None
