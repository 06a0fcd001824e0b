"""The tables: one writer of two wins, old news never replaces new, and what is garbled is told as such."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.functional.aws.cloud import HOME, STANDBY
from tests.functional.aws.probes import NOW

from dr_templates.aws import journal, table
from dr_templates.failover.loop import LostError
from dr_templates.failover.model import Action, Mark, Pulse, Verb
from dr_templates.failover.state import Kind, Move, Proof, State, succeed
from dr_templates.topology import CONTROL

if TYPE_CHECKING:
    from tests.functional.aws.cloud import Cloud

MOVE = Move(3, Kind.SWITCHOVER, HOME, STANDBY, "one", NOW + 120, NOW, "ops@example.com")


def test_what_a_decision_rests_on_is_the_latest_there_is(cloud: Cloud) -> None:
    """The lock rests on it: a read that lags behind a write would show a move that is over, or none where one is."""
    asked: list[object] = []
    here = cloud.table(CONTROL)
    here.dynamodb.meta.events.register(
        "provide-client-params.dynamodb.GetItem", lambda params, **_: asked.append(params.get("ConsistentRead"))
    )
    table.read_state(here)
    table.read_mark(here, HOME)
    table.read_pulse(here)
    assert asked == [True, True, True]


def test_of_two_writers_with_the_same_document_exactly_one_wins(cloud: Cloud) -> None:
    first = State(active=HOME)
    table.write_state(cloud.table(CONTROL), first, succeed(first))
    before = table.read_state(cloud.table(CONTROL))
    assert before == succeed(first)
    told: list[str] = []
    start = threading.Barrier(8)

    def write(runner: str) -> None:
        mine = cloud.table(CONTROL)
        after = succeed(before, move=replace(MOVE, holder=runner))
        start.wait()
        try:
            table.write_state(mine, before, after)
        except LostError:
            told.append("lost")
        else:
            told.append(runner)

    threads = [threading.Thread(target=write, args=(f"runner-{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = (runner for runner in told if runner != "lost")
    assert len(told) == 8
    kept = table.read_state(cloud.table(CONTROL))
    assert kept is not None
    assert kept.move is not None
    assert kept.move.holder == winner


def test_the_first_document_is_written_only_once(cloud: Cloud) -> None:
    first = State(active=HOME)
    table.write_state(cloud.table(CONTROL), first, succeed(first))
    with pytest.raises(LostError, match="serial 0"):
        table.write_state(cloud.table(CONTROL), first, succeed(first, active=STANDBY))


def test_a_document_that_is_gone_is_not_written_over(cloud: Cloud) -> None:
    before = State(active=HOME, serial=4)
    with pytest.raises(LostError):
        table.write_state(cloud.table(CONTROL), before, succeed(before))
    assert table.read_state(cloud.table(CONTROL)) is None


def test_a_copy_replaces_only_the_one_it_was_compared_with(cloud: Cloud) -> None:
    own, older, newer = cloud.table(HOME), State(HOME, serial=3, epoch=1), State(HOME, serial=9, epoch=2)
    table.save_copy(own, older, None)
    assert table.read_state(own) == older
    table.save_copy(own, newer, older)
    table.save_copy(own, replace(older, serial=4), older)
    assert table.read_state(own) == newer
    table.save_copy(own, replace(older, serial=4), None)
    assert table.read_state(own) == newer


def test_a_copy_of_a_later_epoch_is_taken_though_its_serial_is_lower(cloud: Cloud) -> None:
    own, known, later = cloud.table(HOME), State(HOME, serial=9, epoch=1), State(STANDBY, serial=5, epoch=2)
    table.save_copy(own, known, None)
    table.save_copy(own, later, known)
    assert table.read_state(own) == later


def test_a_mark_that_was_long_on_its_way_does_not_make_a_site_look_older(cloud: Cloud) -> None:
    table.write_mark(cloud.table(CONTROL), HOME, Mark(NOW, armed=True))
    table.write_mark(cloud.table(CONTROL), HOME, Mark(NOW - 20.25, armed=True, shut=4))
    assert table.read_mark(cloud.table(CONTROL), HOME) == Mark(NOW, armed=True)
    table.write_mark(cloud.table(CONTROL), HOME, Mark(NOW + 5.125, armed=False, shut=4))
    assert table.read_mark(cloud.table(CONTROL), HOME) == Mark(NOW + 5.125, armed=False, shut=4)
    assert table.read_mark(cloud.table(CONTROL), STANDBY) is None


def test_pulse_and_own_time_are_kept(cloud: Cloud) -> None:
    table.write_pulse(cloud.table(CONTROL), Pulse(HOME, NOW, 77))
    assert table.read_pulse(cloud.table(CONTROL)) == Pulse(HOME, NOW, 77)
    assert table.read_acked(cloud.table(HOME), HOME) is None
    table.write_acked(cloud.table(HOME), HOME, NOW)
    assert table.read_acked(cloud.table(HOME), HOME) == NOW


@pytest.mark.parametrize("body", ["", "{", "[]", '{"active": 3}', '{"serial": 3}'])
def test_an_item_somebody_else_has_written_is_told_as_garbled(cloud: Cloud, body: str) -> None:
    item = {"Kind": {"S": "state"}, "Order": {"S": "current"}, "Body": {"S": body}}
    cloud.client("dynamodb", CONTROL).put_item(TableName=cloud.names.table(CONTROL), Item=item)
    with pytest.raises(table.GarbledError, match="State"):
        table.read_state(cloud.table(CONTROL))


def test_the_journal_comes_newest_first_with_proof_and_result(cloud: Cloud) -> None:
    kept = cloud.table(CONTROL)
    before = State(HOME, serial=5, epoch=3, move=MOVE)
    proof = Proof(NOW, "every position is replayed", written=9, replayed=9, loss_seconds=0.0)
    sealed = succeed(before, active=STANDBY, move=replace(MOVE, proof=proof))
    steps = [
        (Action(Verb.FENCE, "it must stop", HOME, before, succeed(before)), 1.0, "throttled"),
        (Action(Verb.SEAL, "it has all", STANDBY, before, sealed), 2.5, ""),
        (Action(Verb.NOTIFY, "told", STANDBY, succeed(sealed, move=replace(MOVE, result="moved")), None), 3.0, ""),
    ]
    for action, after, trouble in steps:
        what = journal.entry(action, NOW + after, trouble)
        assert what is not None
        journal.append(kept, what)
    found = journal.read(kept, 10)
    assert [(one.verb, one.at - NOW, one.trouble, one.result) for one in found] == [
        ("notify", 3.0, "", "moved"),
        ("seal", 2.5, "", ""),
        ("fence", 1.0, "throttled", ""),
    ]
    assert found[1].proof == proof
    assert {one.epoch for one in found} == {3}
    assert [one.verb for one in journal.read(kept, 1)] == ["notify"]


def test_two_runners_who_act_at_the_same_moment_are_both_in_the_journal(cloud: Cloud) -> None:
    kept = cloud.table(CONTROL)
    for runner in ("one", "two"):
        before = State(HOME, serial=5, epoch=3, move=replace(MOVE, holder=runner))
        what = journal.entry(Action(Verb.FENCE, "it must stop", HOME, before, succeed(before)), NOW, "")
        assert what is not None
        journal.append(kept, what)
    assert {entry.runner for entry in journal.read(kept, 10)} == {"one", "two"}


@pytest.mark.parametrize(
    ("verb", "told"), [(Verb.SEAL, True), (Verb.RETURN, True), (Verb.PROMOTE, False), (Verb.NOTIFY, False)]
)
def test_the_proof_is_told_once_where_the_role_is_handed_over(verb: Verb, told: bool) -> None:
    proof = Proof(NOW, "every position is replayed", written=9, replayed=9, loss_seconds=0.0)
    before = State(STANDBY, serial=5, epoch=3, move=replace(MOVE, proof=proof))
    what = journal.entry(Action(verb, "so", STANDBY, before, succeed(before)), NOW, "")
    assert what is not None
    assert what.proof == (proof if told else None)


def test_what_only_watches_is_not_in_the_journal() -> None:
    state = State(HOME, serial=5, move=MOVE)
    for verb in (Verb.REST, Verb.HOLD, Verb.WAIT, Verb.KEEP):
        assert journal.entry(Action(verb, "so", HOME, state, succeed(state)), NOW, "") is None
    assert journal.entry(Action(Verb.SUSPECT, "so", HOME, State(HOME), State(HOME)), NOW, "") is None
