import json
import time
from datetime import UTC, datetime
from typing import Any

from tests.lab.emulator.types.conftest import client, until

from dr_templates.lab.clock import Clock

SECONDS = 30
ROLE = "arn:aws:iam::111122223333:role/machine"
NOBODY = "arn:aws:lambda:us-east-1:111122223333:function:nobody"


def moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def branch(**state: object) -> dict[str, Any]:
    ended = {"Type": "Pass", "Parameters": {"at.$": "$$.State.EnteredTime"}, "End": True}
    return {"StartAt": "First", "States": {"First": {"Next": "Ended", **state}, "Ended": ended}}


def test_waits_pass_by_the_clock_and_every_time_is_told_by_it(clock: Clock, led: None) -> None:  # noqa: ARG001 - as above
    at = datetime.fromtimestamp(clock.now() + 2 * SECONDS, UTC).isoformat().replace("+00:00", "Z")
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": SECONDS, "MaxAttempts": 1}]
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Ended"}]
    branches = [
        branch(Type="Wait", Seconds=SECONDS),
        branch(Type="Wait", SecondsPath="$.seconds"),
        branch(Type="Task", Resource=NOBODY, Retry=retry, Catch=catch),
        branch(Type="Wait", Timestamp=at),
        branch(Type="Wait", TimestampPath="$.at"),
    ]
    start = {"Type": "Pass", "Parameters": {"started.$": "$$.Execution.StartTime", "at": at, "seconds": SECONDS}}
    waits = {"Type": "Parallel", "Branches": branches, "ResultPath": "$.ended", "End": True}
    definition = {"StartAt": "Start", "States": {"Start": {**start, "Next": "Waits"}, "Waits": waits}}
    states = client("stepfunctions")
    machine = states.create_state_machine(name="waits", definition=json.dumps(definition), roleArn=ROLE)
    before, real = clock.now(), time.monotonic()
    execution = states.start_execution(stateMachineArn=machine["stateMachineArn"])["executionArn"]
    until(lambda: states.describe_execution(executionArn=execution)["status"] != "RUNNING")
    after, took = clock.now(), time.monotonic() - real
    told = states.describe_execution(executionArn=execution)
    output = json.loads(told["output"])
    started, ended = moment(output["started"]), [moment(one["at"]) for one in output["ended"]]
    assert took < SECONDS / 2
    assert before - 0.001 <= started  # in whole milliseconds
    assert all(one - started >= SECONDS - 0.001 for one in ended[:3])
    assert all(one >= moment(at) - 0.001 for one in ended[3:])
    assert max(ended) <= after
    stamps = [one["timestamp"].timestamp() for one in states.get_execution_history(executionArn=execution)["events"]]
    stamps += [told["startDate"].timestamp(), told["stopDate"].timestamp()]
    assert all(before - 0.001 <= one <= after for one in stamps)
