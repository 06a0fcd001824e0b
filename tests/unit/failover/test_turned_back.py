"""A sealed move that may be turned back: who vouches for its target, what the order is, who may give it when."""

from dataclasses import replace

import pytest

from dr_templates.failover import orders
from dr_templates.failover.decide import decide
from dr_templates.failover.model import Answer, Mark, Observation, Sql, Verb
from dr_templates.failover.stance import gone
from dr_templates.failover.state import Phase
from simulation.looks import (
    AT,
    EPOCH,
    FENCED,
    NUMBER,
    POLICY,
    UNSEEN,
    WELL,
    Row,
    by,
    departure,
    look,
    moving,
    stated,
)
from simulation.net import STANDBY

SEALED_AGO = 200.0
LATE = POLICY.patience + POLICY.lease + POLICY.margin + 1.0
VOUCHED = Mark(AT - 100.0, armed=True, due=EPOCH)
HOME_FENCED = {"gate": by(NUMBER - 1), "sessions": 0}
DARK_THERE = {**UNSEEN, "mark": VOUCHED, "heard": True}


def turning(of: Observation, **changes: object) -> Observation:
    """Have the move from home to the standby's site turned back by ann, as this epoch."""
    given = {
        "phase": Phase.TURNING,
        "approved": "ann",
        "turned": AT - SEALED_AGO,
        "answered": AT - 110.0,
        "asked": AT - SEALED_AGO,
        "named": True,
    }
    return stated(moving(of, **{**given, **changes}), active=STANDBY)


REPLICA_YET = turning(look(WELL, HOME_FENCED))
SHUT = turning(look(WELL, HOME_FENCED, FENCED), fenced=AT - 10.0)
LOST = turning(look(WELL, HOME_FENCED, DARK_THERE))

VOUCHING = {
    "its watchdog did not know of the move": {"mark": replace(VOUCHED, due=0)},
    "its watchdog could not fence": {"mark": replace(VOUCHED, armed=False)},
    "its mark is young": {"mark": replace(VOUCHED, at=AT - 70.0)},
    "a table could not be read": {"heard": False},
    "its server speaks": {"sql": Sql(Answer.STARTING)},
}


@pytest.mark.parametrize("phase", [Phase.SEALED, Phase.TURNING])
def test_a_site_that_was_to_take_over_is_gone_when_its_watchdog_vouches_for_it(phase: Phase) -> None:
    seen = turning(look(WELL, HOME_FENCED, DARK_THERE), phase=phase)
    assert gone(seen, STANDBY, POLICY)


@pytest.mark.parametrize("what", VOUCHING)
def test_a_site_that_was_to_take_over_is_not_gone_when(what: str) -> None:
    assert not gone(turning(look(WELL, HOME_FENCED, {**DARK_THERE, **VOUCHING[what]})), STANDBY, POLICY)


def test_it_is_not_gone_when_it_answered_long_after_its_last_mark() -> None:
    assert gone(turning(look(WELL, HOME_FENCED, DARK_THERE), answered=AT - 65.0), STANDBY, POLICY)
    assert not gone(turning(look(WELL, HOME_FENCED, DARK_THERE), answered=AT - 64.9), STANDBY, POLICY)


def test_each_step_after_the_seal_notes_when_the_target_answered() -> None:
    for seen, answered in ((REPLICA_YET, AT), (turning(look(WELL, HOME_FENCED, UNSEEN)), AT - 110.0)):
        after = decide(seen, POLICY, None).after
        assert after is not None
        assert after.move is not None
        assert after.move.answered == answered


def test_the_seal_notes_that_the_target_answered() -> None:
    seen = moving(look(WELL, FENCED, {"due": EPOCH}), fenced=AT - 10.0, told=True)
    after = decide(seen, POLICY, None).after
    assert after is not None
    assert after.move is not None
    assert (after.move.phase, after.move.answered, after.move.told) == (Phase.SEALED, AT, False)


def test_whoever_takes_it_over_has_the_whole_patience() -> None:
    seen = turning(look(WELL, HOME_FENCED), holder="somebody", until=AT - 1.0, begun=AT - LATE)
    after = decide(seen, POLICY, None).after
    assert after is not None
    assert after.move is not None
    assert (after.move.holder, after.move.begun, after.move.phase) == (seen.runner, AT, Phase.TURNING)


def test_the_order_is_a_new_epoch_and_a_new_runner() -> None:
    seen = moving(look(WELL, HOME_FENCED), phase=Phase.SEALED, cause="dead", fenced=AT - 250.0, holder="epoch-4")
    assert seen.state is not None
    state = orders.turn_back(seen.state, "ann", "epoch-5", AT, AT + 120.0)
    assert state.move is not None
    assert (state.epoch, state.move.epoch, state.move.phase) == (EPOCH + 1, EPOCH + 1, Phase.TURNING)
    assert (state.move.holder, state.move.until, state.move.begun) == ("epoch-5", AT + 120.0, AT)
    assert (state.move.by, state.move.approved, state.move.cause, state.move.fenced) == ("ann", "ann", "", None)
    assert (state.active, state.serial) == (STANDBY, seen.state.serial + 1)


@pytest.mark.parametrize("phase", [Phase.OPEN, Phase.CALLED_OFF, Phase.DONE])
def test_only_a_sealed_move_is_turned_back(phase: Phase) -> None:
    state = moving(WELL, phase=phase).state
    assert state is not None
    with pytest.raises(orders.RefusedError) as refused:
        orders.turn_back(state, "ann", "me", AT, AT)
    assert f"is {phase}: only a sealed one" in refused.value.reason


def test_a_target_that_has_taken_a_write_is_not_turned_back_from() -> None:
    state = moving(WELL, phase=Phase.SEALED, verified=AT).state
    assert state is not None
    with pytest.raises(orders.RefusedError) as refused:
        orders.turn_back(state, "ann", "me", AT, AT)
    assert "standby has taken a write as primary" in refused.value.reason


PLANNED = moving(WELL, begun=AT - 1.0)


@pytest.mark.parametrize(
    ("seen", "verb", "reason"),
    [
        (PLANNED, Verb.WAIT, "the watchdog of standby is about to hear of it"),
        (look(PLANNED, standby={"due": EPOCH}), Verb.FENCE, "not shut yet"),
        (moving(PLANNED, begun=AT - 20.0), Verb.WAIT, "about to hear of it"),
        (moving(PLANNED, begun=AT - 21.0), Verb.FENCE, "not shut yet"),
        (look(PLANNED, standby={"mark": None}), Verb.WAIT, "about to hear of it"),
        (moving(look(PLANNED, {"gate": by(NUMBER)}), fenced=AT - 1.0), Verb.FENCE, "not proved empty"),
        (look(PLANNED, FENCED), Verb.WAIT, "settles"),
    ],
    ids=["young", "heard", "as long as it takes", "long enough", "no watchdog", "shut before", "shut"],
)
def test_a_planned_move_lets_the_targets_watchdog_hear_of_it_before_it_shuts(
    seen: Observation, verb: Verb, reason: str
) -> None:
    assert departure(Row("", seen, verb, reason)) == ""


def test_it_does_not_wait_longer_than_half_its_patience() -> None:
    brisk = replace(POLICY, drain=20.0)
    assert departure(Row("", moving(PLANNED, begun=AT - 9.0), Verb.WAIT, "about to hear", policy=brisk)) == ""
    assert departure(Row("", moving(PLANNED, begun=AT - 11.0), Verb.FENCE, "not shut yet", policy=brisk)) == ""


def test_a_move_that_is_turned_back_leads_to_where_it_came_from() -> None:
    held = stated(turning(WELL, holder="them", until=AT + 60.0), epoch=EPOCH)
    assert departure(Row("", held, Verb.KEEP, "epoch 4 moves to home, held by them")) == ""
    assert departure(Row("", moving(held, phase=Phase.OPEN), Verb.KEEP, "epoch 4 moves to standby, held by them")) == ""


def test_its_patience_is_for_writes_that_wait_and_begins_when_it_shuts() -> None:
    first = decide(look(PLANNED, standby={"due": EPOCH}), POLICY, None).after
    again = decide(moving(look(PLANNED, standby={"due": EPOCH}), turned=AT - 9.0), POLICY, None).after
    assert first is not None
    assert again is not None
    assert first.move is not None
    assert again.move is not None
    assert (first.move.turned, again.move.turned) == (AT, AT - 9.0)
    long = look(moving(PLANNED, begun=AT - POLICY.drain - 15.0, turned=AT - POLICY.drain), FENCED)
    assert departure(Row("", long, Verb.WAIT, "settles")) == ""
    late = moving(look(long, standby={"replayed": 900}), turned=AT - POLICY.drain - 0.1, fenced=AT - 50.0)
    assert departure(Row("", late, Verb.CALL_OFF, "still lacks 100 bytes")) == ""


def test_whoever_takes_an_open_move_over_has_the_whole_patience() -> None:
    held = moving(PLANNED, holder="them", until=AT - 1.0, turned=AT - 50.0)
    after = decide(held, POLICY, None).after
    assert after is not None
    assert after.move is not None
    assert (after.move.begun, after.move.turned) == (AT, 0.0)
