"""What goes wrong at AWS is told by its true cause, and the next run goes on."""

from typing import Any

import pytest
from botocore.config import Config as Settings

from dr_templates.aws.clients import PATIENT
from dr_templates.config import Config
from dr_templates.deploy import recovering, roots
from dr_templates.deploy.deployment import Deployment
from dr_templates.deploy.looking import look
from dr_templates.deploy.roots import Root
from dr_templates.errors import DrError, Exit
from dr_templates.lab.emulator import Emulator
from plans import drive, lab, small

IMPATIENT = PATIENT.merge(Settings(retries={"mode": "standard", "total_max_attempts": 2}))
PRIMARY = Root("virginia", "primary")
QUEUE = {"resource": "AWS::SQS::Queue", "logical_id": "Queue", "reason": "the queue will not be"}


def refusing(service: str, action: str, code: str, message: str, times: int = 1000, **more: object) -> dict[str, Any]:
    return {"service": service, "action": action, "code": code, "message": message, "times": times, **more}


def whole(on: Deployment) -> bool:
    return all(stack is not None and stack.whole for stack in look(on).values())


def other(config: Config, **values: object) -> Config:
    return config.model_copy(update={"alarms": config.alarms.model_copy(update=values)})


@pytest.mark.parametrize("action", ["CreateChangeSet", "DescribeStacks", "ExecuteChangeSet", "DescribeStackEvents"])
def test_aws_that_is_busy_for_a_moment_is_asked_again(
    on: Deployment, config: Config, emulator: Emulator, action: str
) -> None:
    lab.arm(emulator, refusing("cloudformation", action, "Throttling", "Rate exceeded", times=1))
    drive.deploy(on, small.source(config))
    assert whole(on)


@pytest.mark.parametrize(
    ("service", "action", "code", "message", "told"),
    [
        ("cloudformation", "CreateChangeSet", "Throttling", "Rate exceeded", "Rate exceeded"),
        ("cloudformation", "CreateChangeSet", "AccessDenied", "not authorized to perform it", "not authorized"),
        ("cloudformation", "ExecuteChangeSet", "AccessDenied", "not authorized to perform it", "not authorized"),
        ("cloudformation", "DescribeStackEvents", "ExpiredToken", "token is expired", "AWS does not know who you are"),
        ("cloudformation", "DescribeStacks", "ExpiredToken", "token is expired", "AWS does not know who you are"),
        ("s3", "PutObject", "AccessDenied", "Access Denied", "Access Denied"),
        ("s3", "CreateBucket", "TooManyBuckets", "more buckets than allowed", "more buckets than allowed"),
        ("s3", "HeadBucket", "403", "Forbidden", "the bucket cannot be used"),
    ],
)
def test_what_aws_refuses_is_told_in_its_words_and_the_next_run_goes_on(
    config: Config, emulator: Emulator, on: Deployment, service: str, action: str, code: str, message: str, told: str
) -> None:
    hasty = drive.deployment(emulator, config, IMPATIENT)
    status = 403 if code in ("403", "AccessDenied") else 400
    lab.arm(emulator, refusing(service, action, code, message, status=status))
    with pytest.raises(DrError, match=told) as caught:
        drive.deploy(hasty, small.source(config))
    assert caught.value.code is Exit.FAILED
    assert caught.value.hint
    assert any(place in caught.value.where for place in ("us-east-1", "eu-west-1", "eu-central-1"))
    lab.unharmed(emulator)
    drive.deploy_on(on, small.source(config))
    assert whole(on)


def test_a_resource_that_fails_in_a_nested_stack_is_the_cause_and_what_was_made_stands(
    on: Deployment, config: Config, emulator: Emulator
) -> None:
    lab.arm(emulator, QUEUE)
    with pytest.raises(DrError) as caught:
        drive.deploy(on, small.source(config))
    assert caught.value.what == "virginia primary: Data/Queue (AWS::SQS::Queue): the queue will not be"
    assert caught.value.where == f"us-east-1 / {on.stack(PRIMARY)} / Data/Queue"
    stacks = look(on)
    assert stacks[Root("virginia", "foundation")] is not None
    primary = stacks[PRIMARY]
    assert primary is not None
    assert primary.status == "CREATE_FAILED"
    lab.unharmed(emulator)
    drive.deploy_on(on, small.source(config))
    assert whole(on)


def test_a_failed_update_is_rolled_back_and_the_next_run_goes_on(
    on: Deployment, config: Config, emulator: Emulator
) -> None:
    drive.deploy(on, small.source(config))
    changed = other(config, cpu_percent=44)
    again = drive.deployment(emulator, changed)
    lab.arm(emulator, {"resource": "AWS::CloudWatch::Alarm", "logical_id": "Cpu", "reason": "no alarm", "times": 1})
    with pytest.raises(DrError, match=r"Data/Cpu .*: no alarm"):
        drive.deploy(again, small.source(changed))
    stack = look(on)[PRIMARY]
    assert stack is not None
    assert stack.status == "UPDATE_ROLLBACK_COMPLETE"
    lab.unharmed(emulator)
    drive.deploy(again, small.source(changed))
    assert drive.plan(again, small.source(changed)).empty


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED", "DELETE_FAILED"])
def test_a_stack_in_a_bad_status_holds_the_plan_and_says_why(
    on: Deployment, config: Config, emulator: Emulator, status: str
) -> None:
    source = small.source(config)
    lab.arm(emulator, QUEUE)
    with pytest.raises(DrError):
        drive.deploy(on, source)
    lab.unharmed(emulator)
    lab.arm(emulator, {"stack": on.stack(PRIMARY), "region": "us-east-1", "status": status, "reason": "stuck"})
    with pytest.raises(DrError, match=f"{on.stack(PRIMARY)} is {status}") as caught:
        drive.plan(on, source)
    assert "Data/Queue: the queue will not be" in caught.value.what
    assert caught.value.code is Exit.HELD
    assert "drctl" in caught.value.hint or "docs/" in caught.value.hint


def test_an_undone_first_creation_is_deleted_and_made_anew_when_asked_to(
    on: Deployment, config: Config, emulator: Emulator
) -> None:
    source = small.source(config)
    drive.deploy(on, source)
    control = Root("control", "control")
    lab.arm(emulator, {"stack": on.stack(control), "region": "eu-central-1", "status": "ROLLBACK_COMPLETE"})
    list(recovering.recover(on, look(on)))
    assert look(on)[control] is None
    drive.deploy(on, source)
    assert whole(on)


def test_a_rollback_that_stopped_is_continued_when_asked_to(on: Deployment, config: Config, emulator: Emulator) -> None:
    drive.deploy(on, small.source(config))
    lab.arm(emulator, {"stack": on.stack(PRIMARY), "region": "us-east-1", "status": "UPDATE_ROLLBACK_FAILED"})
    list(recovering.recover(on, look(on)))
    stack = look(on)[PRIMARY]
    assert stack is not None
    assert stack.status == "UPDATE_ROLLBACK_COMPLETE"
    assert drive.plan(on, small.source(config)).empty


def test_what_needs_a_person_is_left_to_one(on: Deployment, config: Config, emulator: Emulator) -> None:
    drive.deploy(on, small.source(config))
    lab.arm(emulator, {"stack": on.stack(PRIMARY), "region": "us-east-1", "status": "ROLLBACK_FAILED"})
    assert list(recovering.recover(on, look(on))) == []


def test_a_template_cloudformation_refuses_changes_nothing(on: Deployment, config: Config) -> None:
    bodies = small.templates()
    bodies["notes"]["Resources"]["Topic"]["Type"] = "AWS::SNS::Nothing"
    with pytest.raises(DrError, match="Nothing"):
        drive.plan(on, small.source(config, bodies))
    assert all(stack is None or stack.status == "REVIEW_IN_PROGRESS" for stack in look(on).values())


def test_every_root_has_its_place_in_an_error(on: Deployment) -> None:
    assert len({on.where(one) for one in roots.every(on.topology)}) == 5
