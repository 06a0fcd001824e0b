"""Whole moves by the real loop and the real body, with what they may not need taken away."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.functional.aws.cloud import HOME, STANDBY, STATE, Call, Cloud, hold
from tests.functional.aws.probes import NOW, Database

from dr_templates.aws import journal, table
from dr_templates.failover.loop import Step, run
from dr_templates.failover.model import Action, Mark, Policy, Pulse, Verb, Want
from dr_templates.failover.orders import AHEAD, break_glass
from dr_templates.failover.state import Kind, State
from dr_templates.topology import CONTROL

if TYPE_CHECKING:
    from dr_templates.aws.pair import AwsPair

POLICY = Policy()
FAILOVER = Want(Kind.FAILOVER, STANDBY, 2, "ops@example.com")
SWITCHOVER = Want(Kind.SWITCHOVER, STANDBY, 2, "ops@example.com")
LONG_AGO = NOW - POLICY.lease - POLICY.margin - 60


@pytest.fixture
def ready(cloud: Cloud, databases: dict[str, Database]) -> Cloud:
    """Give a pair whose first document is written, and whose promotion is seen by its probe."""
    table.write_state(cloud.table(CONTROL), State(active=HOME), STATE)
    for place, site in ((CONTROL, HOME), (STANDBY, HOME), (CONTROL, STANDBY), (HOME, STANDBY)):
        table.write_mark(cloud.table(place), site, Mark(NOW - 5, armed=True))
    beat = databases[HOME].beat
    assert beat is not None
    databases[STANDBY].beat = replace(beat, written_at=datetime.fromtimestamp(NOW - 5, UTC))

    def promoted() -> None:
        databases[STANDBY].in_recovery = False
        databases[STANDBY].now = cloud.now

    cloud.promotion = promoted
    return cloud


def fell_silent(cloud: Cloud) -> None:
    """Leave what a site leaves that was well until a while ago: its marks, and a tick's note that it took writes."""
    for place in (CONTROL, STANDBY):
        table.put(cloud.table(place), "mark", HOME, Mark(LONG_AGO, armed=True), At=LONG_AGO)
    cloud.pair().perform(Action(Verb.KEEP, "nothing is wrong", HOME, STATE, pulse=Pulse(HOME, LONG_AGO)))
    cloud.calls.clear()


def carry_out(cloud: Cloud, pair: AwsPair, want: Want, most: int = 60) -> list[Step]:
    """Run the loop to its end, at most so many turns."""
    steps = []
    for step in run(pair, POLICY, want, cloud.pause):
        steps.append(step)
        cloud.now += 0.25
        assert len(steps) < most, [(step.action.verb, step.action.reason, step.trouble) for step in steps]
    return steps


def verbs(steps: list[Step]) -> list[Verb]:
    """Give the steps without the waiting, each once in a row."""
    busy = [step.action.verb for step in steps if step.action.verb is not Verb.WAIT]
    return [verb for number, verb in enumerate(busy) if number == 0 or verb is not busy[number - 1]]


def ended(cloud: Cloud, place: str = CONTROL) -> State:
    state = table.read_state(cloud.table(place))
    assert state is not None
    assert state.move is None
    assert state.last is not None, "no move has come about"
    return state


def replica(cloud: Cloud) -> object:
    name = cloud.names.instance(STANDBY)
    return (
        cloud.client("rds", STANDBY)
        .describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
        .get("ReadReplicaSourceDBInstanceIdentifier")
    )


def forbidden(cloud: Cloud) -> list[Call]:
    return [call for call in cloud.calls if call.service in {"route53", "iam"}]


def test_a_planned_move_loses_nothing_and_needs_no_edit_of_a_record(
    ready: Cloud, databases: dict[str, Database]
) -> None:
    steps = carry_out(ready, ready.pair(), SWITCHOVER)
    assert verbs(steps) == [
        Verb.LOCK,
        Verb.FENCE,
        Verb.SEAL,
        Verb.PROMOTE,
        Verb.NAME,
        Verb.VERIFY,
        Verb.DETACH,
        Verb.RECORD,
        Verb.NOTIFY,
        Verb.REST,
    ]
    assert [step.trouble for step in steps if step.trouble] == []
    state = ended(ready)
    assert (state.active, state.epoch, state.last and state.last.moved) == (STANDBY, 2, True)
    assert len(hold(ready, HOME)) == 1
    assert hold(ready, STANDBY) == frozenset()
    assert replica(ready) is None
    assert databases[HOME].sessions == 0
    [seal] = [entry for entry in journal.read(ready.table(CONTROL), 50) if entry.verb == "seal"]
    assert seal.proof is not None
    assert (seal.proof.loss_seconds, seal.proof.written) == (0.0, databases[HOME].position)
    assert forbidden(ready) == []


def test_a_move_away_from_a_dead_region_needs_no_call_there(ready: Cloud, databases: dict[str, Database]) -> None:
    """Every call to Route 53, to IAM and to the home region fails; what was called is on record."""
    fell_silent(ready)
    home = ready.names.region(HOME)
    ready.refuse = lambda call: call.region == home or call.service in {"route53", "iam"}
    databases[STANDBY].streaming = False
    steps = carry_out(ready, ready.pair(), FAILOVER, most=120)
    state = ended(ready)
    assert (state.active, state.last and state.last.moved) == (STANDBY, True)
    assert verbs(steps)[-8:] == [
        Verb.SEAL,
        Verb.PROMOTE,
        Verb.NAME,
        Verb.VERIFY,
        Verb.DETACH,
        Verb.RECORD,
        Verb.NOTIFY,
        Verb.REST,
    ]
    assert replica(ready) is None
    assert forbidden(ready) == []
    assert {call.region for call in ready.calls if call.service == "stepfunctions"} == set()
    sealed = next(number for number, step in enumerate(steps) if step.action.verb is Verb.SEAL)
    assert [step.trouble for step in steps[sealed:] if step.trouble] == []
    assert all(step.seen.sites[HOME].instance.status is None for step in steps)


def test_a_planned_move_that_the_replica_holds_up_is_called_off_and_opened(
    ready: Cloud, databases: dict[str, Database]
) -> None:
    databases[STANDBY].position -= 100
    steps = carry_out(ready, ready.pair(), SWITCHOVER, most=120)
    state = ended(ready)
    assert (state.active, state.last and state.last.moved) == (HOME, False)
    assert hold(ready, HOME) == frozenset()
    assert verbs(steps)[-5:] == [Verb.CALL_OFF, Verb.UNFENCE, Verb.RECORD, Verb.NOTIFY, Verb.HOLD]
    assert "100 bytes" in steps[-1].action.reason
    assert replica(ready) is not None


def test_a_runner_that_comes_second_leaves_the_move_to_the_first(ready: Cloud) -> None:
    first = run(ready.pair("one"), POLICY, SWITCHOVER, ready.pause)
    next(first)
    [second] = list(run(ready.pair("two"), POLICY, SWITCHOVER, ready.pause))
    assert second.action.verb is Verb.HOLD
    assert "held by one" in second.action.reason
    list(first)
    assert ended(ready).active == STANDBY


def test_the_move_is_finished_by_another_runner_when_the_first_is_gone(ready: Cloud) -> None:
    first = run(ready.pair("one"), POLICY, SWITCHOVER, ready.pause)
    for step in first:
        if step.action.verb is Verb.PROMOTE:
            break
    first.close()  # type: ignore[attr-defined]  # checked at run time
    ready.now += POLICY.hold * 2
    steps = carry_out(ready, ready.pair("two"), SWITCHOVER)
    assert verbs(steps)[0] is Verb.TAKE
    assert Verb.PROMOTE not in verbs(steps)
    assert ended(ready).active == STANDBY


def test_without_the_control_region_a_person_moves_it_from_a_sites_own_table(
    ready: Cloud, databases: dict[str, Database]
) -> None:
    """Home and control are gone: only the standby's region answers, and a person stands for the third place."""
    fell_silent(ready)
    table.save_copy(ready.table(STANDBY), STATE, None)
    here = ready.names.region(STANDBY)
    ready.refuse = lambda call: call.region != here
    databases[STANDBY].streaming = False
    table.write_state(ready.table(STANDBY), STATE, break_glass(STATE, "ops@example.com", NOW + 60))
    pair = ready.pair("ops@laptop", state_place=STANDBY, control_gone=True)
    carry_out(ready, pair, replace(FAILOVER, epoch=STATE.epoch + AHEAD + 1), most=120)
    assert ended(ready, STANDBY).active == STANDBY
    assert table.read_state(ready.table(CONTROL)) == STATE
