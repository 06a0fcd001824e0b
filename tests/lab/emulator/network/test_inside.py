"""A region that is dark inside: what happens there without a call from anywhere does not happen."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.lab.emulator.clocks.conftest import call, made
from tests.lab.emulator.network.conftest import AWAY, HOME, Network, client, until

CODE = """
import boto3
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError

def handler(event, context):
    once = Config(retries={"total_max_attempts": 1})
    heard = []
    for region in ("us-east-1", "eu-west-1"):
        try:
            boto3.client("sns", region_name=region, config=once).list_topics()
            heard.append(region)
        except ConnectionClosedError:
            pass
    return heard
"""


@pytest.fixture
def queue(network: Network) -> Iterator[str]:  # noqa: ARG001 - where its clients are led to
    """Stand behind a rule that passes every event of ours on."""
    url = client("sqs").create_queue(QueueName="heard")["QueueUrl"]
    arn = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    client("events").put_rule(Name="ours", EventPattern=json.dumps({"source": ["ours"]}))
    client("events").put_targets(Rule="ours", Targets=[{"Id": "queue", "Arn": arn}])
    yield url
    client("events").remove_targets(Rule="ours", Ids=["queue"])
    client("events").delete_rule(Name="ours")
    client("sqs").delete_queue(QueueUrl=url)


def say(word: str) -> None:
    entry = {"Source": "ours", "DetailType": word, "Detail": "{}"}
    client("events").put_events(Entries=[entry])


def heard(queue: str) -> list[str]:
    messages = client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(one["Body"])["detail-type"] for one in messages]


def test_no_rule_starts_anything_while_its_region_is_dark(network: Network, queue: str) -> None:
    network.cut((HOME, HOME, "*"))
    say("in the dark")
    network.heal()
    say("in the light")
    assert heard(queue) == ["in the light"]


def ended(machine: str) -> dict[str, Any]:
    states = client("stepfunctions")
    execution = states.start_execution(stateMachineArn=machine)["executionArn"]
    until(lambda: states.describe_execution(executionArn=execution)["status"] != "RUNNING")
    seen: dict[str, Any] = states.describe_execution(executionArn=execution)
    return seen


def test_a_state_machine_fails_at_its_first_task_while_its_region_is_dark(network: Network, queue: str) -> None:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": queue, "MessageBody": json.dumps({"detail-type": "worked"})},
        "End": True,
    }
    trust = json.dumps({"Statement": []})
    role = client("iam").create_role(RoleName="machine", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    definition = json.dumps({"StartAt": "Work", "States": {"Work": task}})
    made = client("stepfunctions").create_state_machine(name="machine", definition=definition, roleArn=role)
    network.cut((HOME, HOME, "api"))
    failed = ended(made["stateMachineArn"])
    assert (failed["status"], failed["error"]) == ("FAILED", "Lambda.SdkClientException")
    network.heal()
    assert ended(made["stateMachineArn"])["status"] == "SUCCEEDED"
    assert heard(queue) == ["worked"]


def test_a_function_calls_from_the_place_it_runs_in(network: Network) -> None:
    made("caller", CODE, AWAY)
    network.cut((AWAY, HOME, "api"))
    assert call("caller", AWAY) == [AWAY]
    network.heal()
    assert call("caller", AWAY) == [HOME, AWAY]
