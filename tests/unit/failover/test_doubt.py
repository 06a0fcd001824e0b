"""A site that a move was turned back from: doubted for an hour, shut meanwhile, and by whom."""

from dataclasses import replace

import pytest

from dr_templates.failover import gate
from dr_templates.failover.cause import Cause, name
from dr_templates.failover.guard import Post, guard, shut_for
from dr_templates.failover.model import Answer, Gate, Instance, Sql, Verb, Want
from dr_templates.failover.state import DOUBT_SECONDS, Ended, Kind, Phase, State
from simulation.looks import (
    AT,
    DARK,
    EPOCH,
    MOVE,
    NUMBER,
    POLICY,
    STATE,
    WELL,
    Row,
    by,
    departure,
    look,
    moving,
)
from simulation.net import HOME, STANDBY

TURNING_MOVE = replace(MOVE, phase=Phase.TURNING, kind=Kind.FAILOVER)
BACK = Ended(EPOCH, Kind.FAILOVER, STANDBY, HOME, moved=True, at=AT - 100.0, result="", back=True)


def ended(**changes: object) -> State:
    return replace(STATE, last=replace(BACK, **changes))  # type: ignore[arg-type]


def test_a_replica_is_doubted_for_an_hour_after_its_move_was_turned_back() -> None:
    assert ended().doubts(STANDBY, AT)
    assert not ended().doubts(HOME, AT)
    assert not ended(back=False).doubts(STANDBY, AT)
    assert ended(at=AT - DOUBT_SECONDS).doubts(STANDBY, AT)
    assert not ended(at=AT - DOUBT_SECONDS - 1).doubts(STANDBY, AT)
    assert not STATE.doubts(STANDBY, AT)


def test_it_is_doubted_while_the_move_back_is_under_way_and_whatever_the_last_one_was() -> None:
    move = replace(TURNING_MOVE, source=STANDBY, target=HOME, phase=Phase.SEALED, back=True)
    assert replace(STATE, move=move).doubts(STANDBY, AT)
    assert not replace(ended(source=HOME), move=move).doubts(HOME, AT)


@pytest.mark.parametrize("changes", [{}, {"sql": Sql(Answer.SILENT)}, {"instance": Instance(), "sql": Sql()}])
def test_a_doubted_replica_behind_an_open_gate_is_shut(changes: dict[str, object]) -> None:
    seen = look(replace(WELL, state=ended()), standby=changes)
    assert name(seen, POLICY) is Cause.ROGUE
    row = Row("", seen, Verb.FENCE, "or may at any moment", site=STANDBY, denies=frozenset({NUMBER}))
    assert departure(row) == ""
    shut = look(seen, standby={"gate": by(gate.OWN)})
    assert name(shut, POLICY) is not Cause.ROGUE
    unknown = look(seen, standby={"gate": Gate()})
    assert name(unknown, POLICY) is not Cause.ROGUE


def post(state: State | None, **changes: object) -> Post:
    given = {"at": AT, "site": STANDBY, "acked": AT - 1.0, "gate": by(), "sure": True, "replica": True}
    return Post(state=state, **{**given, **changes})  # type: ignore[arg-type]


def test_its_watchdog_shuts_it_by_the_number_of_the_move_that_is_turned_back() -> None:
    state = replace(STATE, active=STANDBY, move=TURNING_MOVE)
    action = guard(post(state), POLICY.lease)
    assert (action.verb, action.denies) == (Verb.FENCE, frozenset({NUMBER}))
    assert shut_for(post(state, gate=by(NUMBER))) == EPOCH
    assert shut_for(post(state)) == 0
    assert guard(post(state, gate=by(NUMBER)), POLICY.lease).verb is Verb.KEEP


@pytest.mark.parametrize("by_number", [True, False])
def test_its_watchdog_opens_nothing_while_it_is_doubted(by_number: bool) -> None:
    found = by(NUMBER, gate.OWN) if by_number else by(gate.OWN)
    assert guard(post(ended(), gate=found), POLICY.lease).verb is Verb.KEEP
    later = guard(post(ended(at=AT - DOUBT_SECONDS - 1), gate=found), POLICY.lease)
    assert later.verb is Verb.UNFENCE
    assert "this may be promoted yet" in guard(post(ended()), POLICY.lease).reason


@pytest.mark.parametrize(
    ("phase", "verb"),
    [(Phase.OPEN, Verb.FENCE), (Phase.SEALED, Verb.FENCE), (Phase.TURNING, Verb.FENCE)]
    + [(phase, Verb.KEEP) for phase in (Phase.CALLED_OFF, Phase.DONE)],
)
def test_cut_off_it_shuts_a_replica_that_may_be_promoted(phase: Phase, verb: Verb) -> None:
    kept = moving(WELL, phase=phase).state
    cut_off = post(None, acked=AT - POLICY.lease, kept=kept)
    assert guard(cut_off, POLICY.lease).verb is verb
    assert guard(replace(cut_off, kept=None), POLICY.lease).verb is Verb.KEEP
    assert guard(replace(cut_off, site=HOME), POLICY.lease).verb is Verb.KEEP


def test_whoever_asked_for_it_is_told_how_it_ended() -> None:
    want = Want(Kind.FAILOVER, HOME, EPOCH, "ann")
    back = replace(WELL, state=replace(ended(result="home is primary"), cool_until=AT + 9))
    assert departure(Row("", back, Verb.REST, "home is primary", want=want)) == ""
    on = Ended(EPOCH, Kind.FAILOVER, HOME, STANDBY, moved=True, at=AT - 9.0, result="standby is primary")
    forward = replace(DARK, state=replace(STATE, active=STANDBY, last=on))
    assert departure(Row("", forward, Verb.HOLD, "standby is primary", want=want)) == ""
