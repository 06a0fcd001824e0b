"""What a tick leaves behind: the metrics, the pulse, and the move it begins."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from tests.functional.aws.cloud import HOME, STANDBY, error
from tests.functional.aws.probes import NOW
from tests.functional.aws.steps import BEFORE, SEALED, kept, operations, put, step

from dr_templates.aws import journal, table
from dr_templates.failover.cause import Cause
from dr_templates.failover.loop import attempt
from dr_templates.failover.model import Action, Pulse, Verb, Want
from dr_templates.failover.state import Kind, State, succeed
from dr_templates.topology import CONTROL

if TYPE_CHECKING:
    from tests.functional.aws.cloud import Cloud


def metrics(cloud: Cloud) -> dict[str, float]:
    """Give the newest value of each of this environment's metrics."""
    cloudwatch, found = cloud.client("cloudwatch", CONTROL), {}
    for name in ("ActiveSite", "LockAgeSeconds", "DaysSinceDrill"):
        points = cloudwatch.get_metric_statistics(
            Namespace="DatabaseRecovery",
            MetricName=name,
            Dimensions=[{"Name": "Environment", "Value": cloud.names.environment}],
            StartTime=datetime.now(UTC) - timedelta(hours=1),
            EndTime=datetime.now(UTC) + timedelta(hours=1),
            Period=3600 * 4,
            Statistics=["Maximum"],
        )["Datapoints"]
        if points:
            found[name] = points[0]["Maximum"]
    return found


@pytest.mark.parametrize(("active", "value"), [(HOME, 1.0), (STANDBY, 2.0)])
def test_the_name_follows_the_active_site(cloud: Cloud, active: str, value: float) -> None:
    put(cloud, replace(BEFORE, active=active))
    cloud.pair().perform(step(Verb.NAME, kept(cloud), named=True))
    assert metrics(cloud) == {"ActiveSite": value}


@pytest.mark.parametrize("verb", [Verb.SUSPECT, Verb.TRUST, Verb.WAIT, Verb.BEGIN])
def test_a_tick_that_watches_a_cause_says_still_who_is_active(cloud: Cloud, verb: Verb) -> None:
    """Minutes go by between the first silence and the move; without its metric the name would follow nobody."""
    state = put(cloud, State(active=STANDBY, serial=4))
    after = succeed(state) if verb in (Verb.SUSPECT, Verb.TRUST) else None
    watching = Action(verb, "it is silent", before=state, after=after)
    cloud.pair().perform(watching)
    assert metrics(cloud) == {"ActiveSite": 2.0}
    put(cloud, state)
    cloud.refuse = lambda call: call.service == "cloudwatch"
    cloud.pair().perform(watching)


def test_nobody_is_called_active_before_a_document_says_so(cloud: Cloud) -> None:
    first = State(active=HOME)
    cloud.pair().perform(Action(Verb.WAIT, "nothing is known yet", before=first))
    assert operations(cloud, "cloudwatch") == []


@pytest.mark.parametrize(
    ("cause", "value"), [("", 0.0), (Cause.NOTHING, 0.0), (Cause.REPLICA_ILL, 1.0), (Cause.DEAD, 1.0)]
)
def test_a_tick_tells_whether_anything_is_wrong(cloud: Cloud, cause: str, value: float) -> None:
    state = put(cloud, State(active=HOME, serial=4))
    cloud.pair().perform(Action(Verb.KEEP, "as it is", HOME, state, cause=cause))
    [told] = cloud.told("PutMetricData")
    assert [datum["Value"] for datum in told["MetricData"] if datum["MetricName"] == "Trouble"] == [value]


@pytest.mark.parametrize(
    ("operation", "said"),
    [("PutItem", "Noting the pulse failed"), ("PutMetricData", "Publishing the active site failed")],
)
def test_a_tick_that_cannot_leave_word_says_so(cloud: Cloud, operation: str, said: str) -> None:
    state = put(cloud, State(active=HOME, serial=4))
    cloud.answer[operation] = lambda _: error("AccessDeniedException", "not authorized")
    trouble = attempt(cloud.pair(), Action(Verb.KEEP, "as it is", HOME, state, pulse=Pulse(HOME, NOW, 9)))
    assert trouble.startswith(said)
    assert "not authorized" in trouble


def test_a_quiet_tick_publishes_and_notes_the_pulse_and_leaves_the_document(cloud: Cloud) -> None:
    state = put(cloud, State(active=HOME, serial=4, drilled=NOW - 86400 * 3))
    cloud.pair().perform(Action(Verb.KEEP, "nothing is wrong", HOME, state, pulse=Pulse(HOME, NOW, 9)))
    assert metrics(cloud) == {"ActiveSite": 1.0, "LockAgeSeconds": 0.0, "DaysSinceDrill": 3.0}
    assert table.read_pulse(cloud.table(CONTROL)) == table.read_pulse(cloud.table(STANDBY)) == Pulse(HOME, NOW, 9)
    assert kept(cloud) == state


def test_a_tick_that_does_not_reach_the_other_site_is_as_good(cloud: Cloud) -> None:
    state = put(cloud, State(active=HOME, serial=4))
    region = cloud.names.region(STANDBY)
    cloud.refuse = lambda call: call.region == region
    cloud.pair().perform(Action(Verb.KEEP, "nothing is wrong", HOME, state, pulse=Pulse(HOME, NOW, 9)))
    assert table.read_pulse(cloud.table(CONTROL)) == Pulse(HOME, NOW, 9)


def test_a_tick_beside_a_move_tells_how_long_it_has_been_under_way(cloud: Cloud) -> None:
    state = put(cloud, BEFORE)
    cloud.now = NOW + 90
    cloud.pair().perform(Action(Verb.KEEP, "held by one", HOME, state))
    assert metrics(cloud) == {"ActiveSite": 1.0, "LockAgeSeconds": 90.0}
    assert journal.read(cloud.table(CONTROL), 5) == []


def test_a_move_that_waits_after_the_name_keeps_saying_where_it_points(cloud: Cloud) -> None:
    put(cloud, replace(BEFORE, active=STANDBY, move=SEALED))
    cloud.pair().perform(step(Verb.WAIT, kept(cloud)))
    assert metrics(cloud) == {"ActiveSite": 2.0}
    cloud.refuse = lambda call: call.service == "cloudwatch"
    cloud.pair().perform(step(Verb.WAIT, kept(cloud)))


def test_a_move_that_waits_before_the_name_leaves_it_where_it_is(cloud: Cloud) -> None:
    """The document calls the target active from the seal on, but clients sent there would find a replica."""
    put(cloud, replace(BEFORE, active=STANDBY, move=replace(SEALED, named=False)))
    cloud.pair().perform(step(Verb.WAIT, kept(cloud)))
    assert operations(cloud, "cloudwatch") == []


def test_a_move_that_cannot_be_begun_for_now_keeps_its_epoch(cloud: Cloud) -> None:
    """Only a name that is used up is counted on: a throttled start says nothing of the name."""
    state = put(cloud, State(active=HOME, serial=4, epoch=2))
    begin = Action(
        Verb.BEGIN, "it is dead", STANDBY, state, want=Want(Kind.FAILOVER, STANDBY, 3, "the controller", "dead")
    )
    cloud.pair().perform(begin)
    cloud.client("stepfunctions", CONTROL).stop_execution(executionArn=cloud.names.execution_arn("epoch-3"))
    cloud.answer["StartExecution"] = lambda _: error("ThrottlingException", "slow down")
    trouble = attempt(cloud.pair(), begin)
    assert trouble.startswith("Starting epoch-3 failed")
    assert "slow down" in trouble
    assert kept(cloud) == state


def test_a_move_is_begun_once_and_a_used_epoch_is_counted_on(cloud: Cloud) -> None:
    state = put(cloud, State(active=HOME, serial=4, epoch=2))
    want = Want(Kind.FAILOVER, STANDBY, 3, "the controller", "dead")
    begin = Action(Verb.BEGIN, "it is dead", STANDBY, state, want=want)
    for _ in range(2):
        cloud.pair().perform(begin)
    assert kept(cloud) == state
    cloud.client("stepfunctions", CONTROL).stop_execution(executionArn=cloud.names.execution_arn("epoch-3"))
    other = replace(begin, want=replace(want, by="another"))
    assert "epoch-3 has run already" in attempt(cloud.pair(), other)
    assert (kept(cloud).epoch, kept(cloud).serial) == (3, 5)
