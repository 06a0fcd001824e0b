"""The brain's words as JSON and back; the numbers of the gate's denies; what a person may order."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dr_templates.failover import gate, orders
from dr_templates.failover.codec import decode, encode
from dr_templates.failover.decide import decide
from dr_templates.failover.model import Action, Gate, Instance, Observation, Policy, Sql, Want
from dr_templates.failover.state import Move, Phase, State
from simulation.strategies import (
    ends,
    gates,
    instances,
    made_up,
    marks,
    moves,
    numbers,
    policies,
    proofs,
    pulses,
    sights,
    sqls,
    states,
    suspicions,
    wants,
)

WORDS = (made_up, states, moves, sights, sqls, instances, gates, marks, proofs, pulses, policies, suspicions, ends)


@given(st.one_of(*WORDS, wants.filter(bool)))
def test_every_word_survives_json(word: object) -> None:
    assert decode(type(word), json.loads(json.dumps(encode(word)))) == word


@given(made_up, policies, wants)
def test_every_decision_survives_json(seen: Observation, policy: Policy, want: Want | None) -> None:
    """It is handed from one function to the next by the state machine."""
    action = decide(seen, policy, want)
    plain = json.loads(json.dumps(encode(action)))
    assert decode(Action, plain) == action
    assert decide(decode(Observation, json.loads(json.dumps(encode(seen)))), policy, want) == action


@given(states)
def test_an_older_reader_leaves_what_it_does_not_know_and_a_newer_one_does_without_what_is_missing(
    state: State,
) -> None:
    plain = encode(state)
    assert decode(State, {**plain, "mood": "good"}) == state
    del plain["drilled"]
    assert decode(State, plain) == replace(state, drilled=0.0)


@pytest.mark.parametrize(
    ("kind", "plain"),
    [
        (State, None),
        (State, []),
        (State, {"active": 1}),
        (State, {"active": "home", "serial": "5"}),
        (State, {"active": "home", "serial": True}),
        (State, {"active": "home", "move": "no"}),
        (Move, {}),
        (Gate, {"entering": 5, "leaving": None}),
        (Gate, {"entering": ["a"], "leaving": None}),
        (Sql, {"answer": "maybe"}),
        (Instance, {"status": 3}),
    ],
)
def test_what_is_no_such_word_is_refused(kind: type, plain: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        decode(kind, plain)


def test_what_is_no_word_is_not_written() -> None:
    with pytest.raises(TypeError):
        encode(object())


@given(st.integers(0, 10_000), st.integers(1, len(gate.EPOCHS) - 1))
def test_ninety_epochs_in_a_row_have_a_number_each(epoch: int, ahead: int) -> None:
    assert gate.number(epoch) != gate.number(epoch + ahead)
    assert gate.number(epoch) == gate.number(epoch + len(gate.EPOCHS))
    assert gate.number(epoch) not in (gate.OWN, *range(100, 103))
    assert 102 < gate.number(epoch) < 200


@given(numbers, numbers, st.sampled_from((*gate.EPOCHS[:4], gate.OWN)))
def test_a_gate_is_shut_by_a_number_in_both_directions(
    entering: frozenset[int], leaving: frozenset[int], deny: int
) -> None:
    seen = Gate(entering, leaving)
    assert gate.shut_by(seen, deny) == (deny in entering & leaving)
    assert gate.shut(seen) == bool(entering & leaving)
    assert gate.denies(seen) == entering | leaving
    assert gate.of_moves(seen) <= set(gate.EPOCHS)
    assert not gate.shut_by(Gate(None, leaving), deny)
    assert not gate.known(Gate(entering, None))


@given(states, st.floats(0, 1e7))
def test_orders_write_the_next_document_or_refuse_with_a_reason(state: State, at: float) -> None:
    changes = (
        lambda: orders.approve(state, "ann"),
        lambda: orders.deny(state, "ann", at, 60.0),
        lambda: orders.pause(state, "ann", "because", at + 60.0),
        lambda: orders.resume(state),
        lambda: orders.skip(state),
        lambda: orders.break_glass(state, "ann", at),
    )
    for change in changes:
        after = done_or_refused(change)
        if after is not None:
            assert after.serial == state.serial + 1
            assert after.active == state.active
            assert after.newer_than(state)


def done_or_refused(change: Callable[[], State]) -> State | None:
    """Give the document after an order, or None where it was refused with a reason."""
    try:
        return change()
    except orders.RefusedError as refusal:
        if not refusal.reason:
            raise
    return None


@given(states)
def test_only_a_move_that_can_still_be_undone_is_decided_about(state: State) -> None:
    undecided = state.move is not None and state.move.phase is Phase.OPEN
    denied = done_or_refused(lambda: orders.deny(state, "ann", 1.0, 60.0))
    assert (denied is not None) == undecided
    approved = done_or_refused(lambda: orders.approve(state, "ann"))
    assert (approved is not None) == (undecided and state.move is not None and state.move.approved is None)


def test_a_pause_is_ended_and_so_is_a_cool_down() -> None:
    state = State("home", serial=3, cool_until=900.0)
    paused = orders.pause(state, "ann", "because", 1000.0)
    assert (paused.paused(999.0), paused.paused(1000.0)) == (True, False)
    resumed = orders.resume(paused)
    assert (resumed.pause, resumed.cool_until) == (None, 0.0)
    with pytest.raises(orders.RefusedError, match="nothing is paused"):
        orders.resume(resumed)
