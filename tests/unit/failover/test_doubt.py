"""A site that a move was turned back from: doubted for an hour, shut meanwhile, and by whom."""

from dataclasses import replace

import pytest

from dr_templates.failover import gate
from dr_templates.failover.cause import Cause, name
from dr_templates.failover.decide import decide
from dr_templates.failover.guard import Post, guard, shut_for
from dr_templates.failover.model import Answer, Gate, Instance, Observation, Sql, Verb, Want
from dr_templates.failover.state import DOUBT_SECONDS, Doubt, Ended, Kind, Phase, State
from simulation.looks import (
    AT,
    DARK,
    EPOCH,
    FENCED,
    MOVE,
    NUMBER,
    POLICY,
    SILENT,
    STATE,
    WELL,
    Row,
    by,
    departure,
    look,
    moving,
    stated,
)
from simulation.net import HOME, STANDBY

TURNING_MOVE = replace(MOVE, phase=Phase.TURNING, kind=Kind.FAILOVER)
DOUBTED = replace(STATE, doubt=Doubt(STANDBY))
QUIET = look(replace(WELL, state=DOUBTED), standby={"gate": by(gate.OWN)})
"""The site that was turned back from is a replica still, and shut."""


def since(well: float | None) -> Observation:
    return stated(QUIET, doubt=Doubt(STANDBY, well))


ROWS = (
    Row("a replica", QUIET, Verb.TRUST, "standby is a replica; whether it stays one is watched"),
    Row("one for an hour", since(AT - DOUBT_SECONDS), Verb.KEEP, "nothing is wrong"),
    Row("one for longer", since(AT - DOUBT_SECONDS - 1), Verb.TRUST, "its readers may come back"),
    Row("silent", look(QUIET, standby=SILENT), Verb.KEEP, "the replica does not answer"),
    Row("silent after a while", look(since(AT - 9.0), standby=SILENT), Verb.SUSPECT, "standby may be promoted yet"),
    Row("RDS at work", look(since(AT - 9.0), standby={"status": "modifying"}), Verb.SUSPECT, "may be promoted yet"),
    Row("RDS not known", look(since(AT - 9.0), standby={"replica": None}), Verb.SUSPECT, "may be promoted yet"),
    Row("while cooling down", stated(QUIET, cool_until=AT + 9.0), Verb.TRUST, "watched"),
    Row("open", look(QUIET, standby={"gate": by()}), Verb.FENCE, "or may at any moment", site=STANDBY),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
def test_a_doubt(row: Row) -> None:
    assert departure(row) == ""


def test_a_doubt_begins_anew_and_ends() -> None:
    for seen, doubt in (
        (QUIET, Doubt(STANDBY, AT)),
        (look(since(AT - 9.0), standby=SILENT), Doubt(STANDBY)),
        (since(AT - DOUBT_SECONDS - 1), None),
    ):
        after = decide(seen, POLICY, None).after
        assert after is not None
        assert after.doubt == doubt


def test_it_is_of_the_site_alone() -> None:
    assert DOUBTED.doubts(STANDBY)
    assert not DOUBTED.doubts(HOME)
    assert not STATE.doubts(STANDBY)


@pytest.mark.parametrize(("site", "left"), [(STANDBY, None), (HOME, Doubt(HOME))])
def test_a_move_to_the_site_ends_the_doubt_about_it(site: str, left: Doubt | None) -> None:
    seen = stated(moving(look(WELL, FENCED), fenced=AT - 10.0), doubt=Doubt(site))
    action = decide(seen, POLICY, None)
    assert action.verb is Verb.SEAL
    assert action.after is not None
    assert action.after.doubt == left


@pytest.mark.parametrize("changes", [{}, {"sql": Sql(Answer.SILENT)}, {"instance": Instance(), "sql": Sql()}])
def test_a_doubted_replica_behind_an_open_gate_is_shut(changes: dict[str, object]) -> None:
    seen = look(replace(WELL, state=DOUBTED), standby=changes)
    assert name(seen, POLICY) is Cause.ROGUE
    row = Row("", seen, Verb.FENCE, "or may at any moment", site=STANDBY, denies=frozenset({NUMBER}))
    assert departure(row) == ""
    shut = look(seen, standby={"gate": by(gate.OWN)})
    assert name(shut, POLICY) is not Cause.ROGUE
    unknown = look(seen, standby={"gate": Gate()})
    assert name(unknown, POLICY) is not Cause.ROGUE


def post(state: State | None, **changes: object) -> Post:
    given = {"at": AT, "site": STANDBY, "acked": AT - 1.0, "gate": by(), "sure": True, "replica": True}
    return Post(state=state, **{**given, **changes})  # type: ignore[arg-type]  # checked at run time


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
    assert guard(post(DOUBTED, gate=found), POLICY.lease).verb is Verb.KEEP
    later = guard(post(STATE, gate=found), POLICY.lease)
    assert later.verb is Verb.UNFENCE
    assert "this may be promoted yet" in guard(post(DOUBTED), POLICY.lease).reason


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
    last = Ended(EPOCH, Kind.FAILOVER, STANDBY, HOME, moved=True, at=AT - 9.0, result="home is primary", back=True)
    back = stated(WELL, last=last, cool_until=AT + 9)
    assert departure(Row("", back, Verb.REST, "home is primary", want=want)) == ""
    on = Ended(EPOCH, Kind.FAILOVER, HOME, STANDBY, moved=True, at=AT - 9.0, result="standby is primary")
    forward = replace(DARK, state=replace(STATE, active=STANDBY, last=on))
    assert departure(Row("", forward, Verb.HOLD, "standby is primary", want=want)) == ""
