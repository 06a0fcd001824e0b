"""The deployer is killed at random moments; whoever runs it again gets all of it, once."""

import pytest

from dr_templates.config import Config
from dr_templates.deploy.deployment import Deployment
from dr_templates.deploy.looking import look
from dr_templates.lab.emulator import Emulator
from plans import drive, small
from plans.killing import SEED, at_random, killed

LONGEST = 3.0
"""Seconds: a deployment of the small environment takes about one, so some are killed after it."""


def held(on: Deployment) -> dict[str, int]:
    """Count what there is of the environment, by kind."""
    prefix = on.environment
    counts = dict.fromkeys(("stacks", "queues", "topics", "logs", "alarms", "buckets"), 0)
    for region in on.topology.regions:
        stacks = on.clients.cloudformation(region).get_paginator("describe_stacks").paginate()
        counts["stacks"] += sum(one["StackName"].startswith(prefix) for page in stacks for one in page["Stacks"])
        queues = on.clients.make("sqs", region, on.clients.config).list_queues(QueueNamePrefix=prefix)
        counts["queues"] += len(queues.get("QueueUrls", ()))
        topics = on.clients.sns(region).list_topics()["Topics"]
        counts["topics"] += sum(f":{prefix}-" in topic["TopicArn"] for topic in topics)
        logs = on.clients.make("logs", region, on.clients.config)
        counts["logs"] += len(logs.describe_log_groups(logGroupNamePrefix=prefix)["logGroups"])
        alarms = on.clients.cloudwatch(region).describe_alarms(AlarmNamePrefix=prefix)["MetricAlarms"]
        counts["alarms"] += len(alarms)
    buckets = on.clients.s3("us-east-1").list_buckets()["Buckets"]
    counts["buckets"] = sum(bucket["Name"].startswith(prefix) for bucket in buckets)
    return counts


@pytest.mark.parametrize("point", range(10))
def test_killed_at_a_random_point_it_is_finished_by_the_next_run_and_nothing_is_there_twice(
    emulator: Emulator, config: Config, on: Deployment, point: int
) -> None:
    moment = at_random(point, LONGEST)
    killed(emulator, config.suffix, "small", moment)
    source = small.source(config)
    drive.deploy_on(on, source)
    assert all(stack is not None and stack.whole for stack in look(on).values()), (SEED, moment)
    expected = {"stacks": 12, "queues": 2, "topics": 3, "logs": 2, "alarms": 1, "buckets": 3}
    assert held(on) == expected, (SEED, moment)
    assert drive.plan(on, source).empty, (SEED, moment)
