import itertools
import json
from datetime import datetime

from tests.lab.emulator.types.conftest import HOME, client, until

from dr_templates.lab.clock import Clock

MINUTE = 60.0


def test_a_rule_fires_every_minute_of_the_labs(clock: Clock, led: None) -> None:  # noqa: ARG001 - clients are led there
    queue = client("sqs").create_queue(QueueName="fired")["QueueUrl"]
    asked = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    began = clock.now()
    client("events").put_rule(Name="minute", ScheduleExpression="rate(1 minute)", State="ENABLED")
    client("events").put_targets(Rule="minute", Targets=[{"Id": "it", "Arn": asked["Attributes"]["QueueArn"]}])
    fired: list[float] = []

    def thrice() -> bool:
        for message in client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", ()):
            client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            event = json.loads(message["Body"])
            assert (event["source"], event["region"]) == ("aws.events", HOME)
            fired.append(datetime.fromisoformat(event["time"]).timestamp())
        return len(fired) >= 3

    until(thrice)  # within a minute of the machine's
    ended = clock.now()
    client("events").remove_targets(Rule="minute", Ids=["it"])
    client("events").delete_rule(Name="minute")
    times = [began, *sorted(fired)]
    assert all(later - earlier >= MINUTE - 1 for earlier, later in itertools.pairwise(times))  # in whole seconds
    assert ended - began < 10 * MINUTE
    assert times[-1] <= ended
