"""Every step done once, twice, refused, and come too late."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.functional.aws.cloud import HOME, STANDBY, Call, error
from tests.functional.aws.probes import NOW
from tests.functional.aws.steps import BEFORE, MOVE, SEALED, kept, operations, put, step

from dr_templates.aws import journal, table
from dr_templates.failover.loop import LostError, UnableError, attempt
from dr_templates.failover.model import Action, Verb
from dr_templates.failover.state import Phase, State, succeed
from dr_templates.topology import CONTROL

if TYPE_CHECKING:
    from tests.functional.aws.cloud import Cloud


def test_a_step_of_the_state_alone_is_one_write(cloud: Cloud) -> None:
    put(cloud, BEFORE)
    action = step(Verb.SEAL, BEFORE, phase=Phase.SEALED)
    cloud.pair().perform(action)
    assert kept(cloud) == action.after
    with pytest.raises(LostError):
        cloud.pair().perform(action)
    assert kept(cloud) == action.after


def test_an_effect_renews_the_lock_before_it_and_is_written_down_after_it(cloud: Cloud) -> None:
    put(cloud, BEFORE)
    seen: list[State] = []

    def look(_: str) -> None:
        seen.append(kept(cloud))

    cloud.answer["PutMetricData"] = look
    cloud.pair().perform(step(Verb.NAME, BEFORE, named=True))
    assert seen[0] == replace(BEFORE, serial=9, move=replace(MOVE, until=NOW + 120))
    assert kept(cloud) == replace(BEFORE, serial=10, move=replace(MOVE, until=NOW + 120, named=True))


def test_a_renewed_lock_is_not_shortened_by_what_was_decided_earlier(cloud: Cloud) -> None:
    put(cloud, BEFORE)
    cloud.now = NOW + 60
    cloud.pair().perform(step(Verb.NAME, BEFORE, named=True))
    assert kept(cloud).move == replace(MOVE, until=NOW + 180, named=True)


def test_a_step_that_fails_leaves_when_the_target_answered(cloud: Cloud) -> None:
    """Whether the target may count as gone is judged by it later, and a gate may refuse for long."""
    before = put(cloud, replace(BEFORE, move=replace(MOVE, phase=Phase.TURNING, answered=NOW - 60)))
    cloud.refuse = lambda call: call.service == "ec2"
    assert attempt(cloud.pair(), step(Verb.FENCE, before, answered=NOW)).startswith("Shutting the gate")
    move = kept(cloud).move
    assert move is not None
    assert (move.answered, move.fenced) == (NOW, None)


def test_whoever_has_lost_the_lock_does_nothing_at_all(cloud: Cloud) -> None:
    put(cloud, replace(BEFORE, serial=9, move=replace(MOVE, holder="two")))
    for verb in (
        Verb.FENCE,
        Verb.UNFENCE,
        Verb.PROMOTE,
        Verb.NAME,
        Verb.VERIFY,
        Verb.BACKUPS,
        Verb.DETACH,
        Verb.NOTIFY,
    ):
        cloud.calls.clear()
        with pytest.raises(LostError):
            cloud.pair().perform(step(verb, BEFORE))
        assert set(cloud.calls) == {Call("dynamodb", "eu-central-1", "PutItem")}
    assert kept(cloud).move == replace(MOVE, holder="two")


def test_a_table_that_does_not_answer_leaves_the_step_undone(cloud: Cloud) -> None:
    put(cloud, BEFORE)
    cloud.refuse = lambda call: call.service == "dynamodb"
    with pytest.raises(UnableError, match="Writing the state failed"):
        cloud.pair().perform(step(Verb.PROMOTE, BEFORE))
    assert operations(cloud, "rds") == []


def test_a_document_from_elsewhere_is_adopted_in_both_tables(cloud: Cloud) -> None:
    ours = put(cloud, State(active=HOME, serial=9, epoch=2))
    copy = State(active=STANDBY, serial=7, epoch=3)
    table.save_copy(cloud.table(STANDBY), copy, None)
    after = replace(copy, serial=10)
    adopt = Action(Verb.ADOPT, "a later epoch", STANDBY, ours, after, copy=copy)
    cloud.pair().perform(adopt)
    assert kept(cloud) == kept(cloud, STANDBY) == after
    with pytest.raises(LostError):
        cloud.pair().perform(adopt)


def test_a_document_that_has_moved_on_meanwhile_keeps_a_copy_from_being_changed(cloud: Cloud) -> None:
    ours = State(active=HOME, serial=9, epoch=2)
    later = put(cloud, succeed(ours))
    copy = State(active=STANDBY, serial=7, epoch=3)
    table.save_copy(cloud.table(STANDBY), copy, None)
    with pytest.raises(LostError):
        cloud.pair().perform(Action(Verb.ADOPT, "old", STANDBY, ours, replace(copy, serial=10), copy=copy))
    assert (kept(cloud), kept(cloud, STANDBY)) == (later, copy)


def test_a_copy_that_has_moved_on_is_not_adopted(cloud: Cloud) -> None:
    ours = put(cloud, State(active=HOME, serial=9, epoch=2))
    table.save_copy(cloud.table(STANDBY), State(active=STANDBY, serial=8, epoch=3), None)
    copy = State(active=STANDBY, serial=7, epoch=3)
    with pytest.raises(LostError):
        cloud.pair().perform(Action(Verb.ADOPT, "old", STANDBY, ours, replace(copy, serial=10), copy=copy))
    assert kept(cloud) == ours


def test_a_step_and_its_trouble_are_in_the_journal(cloud: Cloud) -> None:
    put(cloud, BEFORE)
    cloud.refuse = lambda call: call.service == "ec2"
    trouble = attempt(cloud.pair(), step(Verb.FENCE, BEFORE, HOME))
    cloud.refuse = lambda _: False
    cloud.now += 1
    cloud.pair().perform(step(Verb.FENCE, kept(cloud), HOME))
    found = journal.read(cloud.table(CONTROL), 5)
    assert {(one.epoch, one.verb, one.site, one.runner) for one in found} == {(3, "fence", HOME, "one")}
    assert {one.trouble for one in found} == {"", trouble}
    assert trouble.startswith(f"Shutting the gate of {HOME} failed: ")


def test_a_journal_that_cannot_be_written_fails_no_step(cloud: Cloud) -> None:
    put(cloud, BEFORE)
    writes: list[None] = []

    def third_fails(_: str) -> Any:  # noqa: ANN401 - as the caller likes
        writes.append(None)
        return error("ThrottlingException") if len(writes) == 3 else None

    cloud.answer["PutItem"] = third_fails
    cloud.pair().perform(step(Verb.NAME, BEFORE, named=True))
    assert len(writes) == 3
    assert kept(cloud).move == replace(MOVE, until=NOW + 120, named=True)


REFUSED: list[tuple[Verb, str, str]] = [
    (Verb.FENCE, "CreateNetworkAclEntry", HOME),
    (Verb.UNFENCE, "DeleteNetworkAclEntry", HOME),
    (Verb.PROMOTE, "PromoteReadReplica", STANDBY),
    (Verb.NAME, "PutMetricData", STANDBY),
    (Verb.VERIFY, "Invoke", STANDBY),
    (Verb.BACKUPS, "DescribeDBInstances", STANDBY),
    (Verb.DETACH, "DescribeSecret", STANDBY),
    (Verb.NOTIFY, "Publish", STANDBY),
]


@pytest.mark.parametrize(("verb", "operation", "site"), REFUSED)
@pytest.mark.parametrize("how", ["denied", "no connection"])
def test_a_step_that_is_refused_says_why_and_is_not_written_down(
    cloud: Cloud, verb: Verb, operation: str, site: str, how: str
) -> None:
    put(cloud, replace(BEFORE, move=SEALED))
    if how == "denied":
        cloud.answer[operation] = lambda _: error("AccessDenied", "not authorized")
    else:
        cloud.refuse = lambda call: call.operation == operation
    trouble = attempt(cloud.pair(), step(verb, kept(cloud), site, result="should not be there"))
    assert ("not authorized" if how == "denied" else "Could not connect") in trouble
    assert kept(cloud).move == replace(SEALED, until=NOW + 120)


def test_without_the_control_region_the_name_and_the_news_wait_for_nobody(cloud: Cloud) -> None:
    before = replace(BEFORE, move=SEALED)
    table.put(cloud.table(STANDBY), "state", "current", before, Serial=before.serial)
    region = cloud.names.region(CONTROL)
    cloud.refuse = lambda call: call.region == region
    pair = cloud.pair(state_place=STANDBY, control_gone=True)
    pair.perform(step(Verb.NAME, kept(cloud, STANDBY), named=True))
    cloud.now += 1
    pair.perform(step(Verb.NOTIFY, kept(cloud, STANDBY)))
    assert kept(cloud, STANDBY).serial == before.serial + 4
    assert {entry.verb for entry in journal.read(cloud.table(STANDBY), 9)} == {"name", "notify"}
