"""Starting a move by its epoch's name: once, whoever asks, and never by a name that has been used."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.functional.aws.cloud import STANDBY, done

from dr_templates.aws import trigger
from dr_templates.failover.codec import decode, encode
from dr_templates.failover.model import Action, Verb, Want
from dr_templates.failover.state import Kind
from dr_templates.topology import CONTROL

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient
    from tests.functional.aws.cloud import Cloud

WANT = Want(Kind.SWITCHOVER, STANDBY, 3, "ops@example.com")


@pytest.fixture
def machine(cloud: Cloud) -> SFNClient:
    return cloud.clients().stepfunctions(cloud.names.region(CONTROL))


def test_a_move_starts_with_its_want_and_is_found_running(cloud: Cloud, machine: SFNClient) -> None:
    assert trigger.start(machine, cloud.names, WANT) is True
    told = cloud.client("stepfunctions", CONTROL).describe_execution(executionArn=cloud.names.execution_arn("epoch-3"))
    assert decode(Want, json.loads(told["input"])["want"]) == WANT
    assert trigger.outcome(machine, cloud.names, "epoch-3").running


def test_a_second_trigger_finds_the_one_that_runs(cloud: Cloud, machine: SFNClient) -> None:
    assert trigger.start(machine, cloud.names, WANT) is True
    assert trigger.start(machine, cloud.names, Want(Kind.FAILOVER, STANDBY, 3, "the controller", "dead")) is False


def test_a_used_name_is_told(cloud: Cloud, machine: SFNClient) -> None:
    trigger.start(machine, cloud.names, WANT)
    cloud.client("stepfunctions", CONTROL).stop_execution(
        executionArn=cloud.names.execution_arn("epoch-3"), error="Stopped", cause="by hand"
    )
    with pytest.raises(trigger.SpentError, match=r"epoch-3 .*ABORTED"):
        trigger.start(machine, cloud.names, Want(Kind.FAILOVER, STANDBY, 3, "somebody else"))


@pytest.mark.parametrize(
    ("output", "last"),
    [
        (json.dumps({"action": encode(Action(Verb.REST, "moved")), "last": True}), Action(Verb.REST, "moved")),
        (json.dumps({"action": {"verb": "dance"}}), None),
        ("{}", None),
        ("", None),
    ],
)
def test_what_came_of_it_is_the_last_action(cloud: Cloud, machine: SFNClient, output: str, last: Action | None) -> None:
    cloud.answer["DescribeExecution"] = lambda _: done(status="SUCCEEDED", output=output)
    assert trigger.outcome(machine, cloud.names, "epoch-3") == trigger.Outcome("SUCCEEDED", last)


def test_why_it_failed_is_told(cloud: Cloud, machine: SFNClient) -> None:
    cloud.answer["DescribeExecution"] = lambda _: done(status="FAILED", error="States.Runtime", cause="no such path")
    assert trigger.outcome(machine, cloud.names, "epoch-3").trouble == "States.Runtime: no such path"
