from dr_templates.aws.stacks.model import NESTED
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


def test_without_a_failure_there_is_no_cause() -> None:
    assert first_failure(traced(event("Key", "CREATE_COMPLETE"))) is None
