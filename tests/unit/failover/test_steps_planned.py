"""A planned move before its seal: each thing it waits for, how long, and what it then does instead."""

from dataclasses import replace

import pytest

from dr_templates.failover.decide import decide
from dr_templates.failover.model import Mark, Observation, Sql, Verb
from dr_templates.failover.state import Kind, Pause, Phase, Suspicion
from simulation.looks import (
    AT,
    EPOCH,
    FENCED,
    NUMBER,
    POLICY,
    SILENT,
    WELL,
    Row,
    by,
    departure,
    half,
    look,
    moving,
    stated,
)
from simulation.net import HOME, STANDBY

YOUNG = moving(WELL, kind=Kind.SWITCHOVER)
"""Nothing is shut yet."""
READY = moving(look(WELL, FENCED), kind=Kind.SWITCHOVER, fenced=AT - 5.0)
"""Shut, settled, and drained."""
LATE = {"begun": AT - POLICY.drain - 0.1}
JUST = {"begun": AT - POLICY.drain}
BACKED_UP = {"status": "backing-up"}
LACKING = look(READY, standby={"replayed": 900})
OTHERS = by(NUMBER + 1)
NOT_HEARD = Mark(AT - 5.0, armed=True)
HEARD = Mark(AT - 5.0, armed=True, due=EPOCH)
ABOUT_TO_HEAR = "the watchdog of standby is about to hear of it"


def aged(seconds: float, mark: Mark | None = NOT_HEARD) -> Observation:
    """Give a move of that age, and what the target's watchdog has left."""
    return moving(look(WELL, standby={"mark": mark}), begun=AT - seconds)


FENCES = frozenset({NUMBER})

ROWS = (
    Row("not shut", YOUNG, Verb.FENCE, "home is not shut yet", site=HOME, denies=FENCES, seconds=0.0),
    Row("shut on the way in", look(YOUNG, {"gate": half(NUMBER)}), Verb.FENCE, "home is not shut yet"),
    Row("shut by another number", look(READY, {"gate": OTHERS}), Verb.FENCE, "home is not shut yet", denies=FENCES),
    Row(
        "shut, with sessions",
        look(READY, {"sessions": 3}),
        Verb.FENCE,
        "home is shut, but not proved empty (3 sessions)",
    ),
    Row(
        "shut, and its sessions not known",
        look(READY, {"sessions": None}),
        Verb.FENCE,
        "not proved empty (an unknown number of sessions)",
    ),
    Row("not shut after the drain", moving(YOUNG, **JUST), Verb.FENCE, "home is not shut yet"),
    Row("not shut, and late", moving(YOUNG, **LATE), Verb.CALL_OFF, "after 60 s home is not shut yet"),
    Row(
        "not empty, and late",
        moving(look(READY, {"sessions": 3}), **LATE),
        Verb.CALL_OFF,
        "after 60 s home is shut, but not proved empty (3 sessions)",
    ),
    Row("unfit", look(READY, standby=BACKED_UP), Verb.WAIT, "RDS says standby is backing-up", seconds=1.0),
    Row("unfit, and not shut", look(YOUNG, standby=BACKED_UP), Verb.WAIT, "RDS says standby is backing-up"),
    Row("unfit, and not settled", moving(look(READY, standby=BACKED_UP), fenced=None), Verb.WAIT, "backing-up"),
    Row(
        "unfit, and late",
        moving(look(READY, standby=BACKED_UP), **LATE),
        Verb.CALL_OFF,
        "after 60 s RDS says standby is backing-up",
    ),
    Row("just shut", moving(READY, fenced=None), Verb.WAIT, "home is shut, which settles", seconds=3.0),
    Row("settling", moving(READY, fenced=AT - 1.0), Verb.WAIT, "home is shut, which settles", seconds=2.0),
    Row("about to have settled", moving(READY, fenced=AT - 2.5), Verb.WAIT, "settles", seconds=0.5),
    Row("settling, and lacking", moving(LACKING, fenced=AT - 1.0), Verb.WAIT, "home is shut, which settles"),
    Row("just shut, and late", moving(READY, fenced=None, **LATE), Verb.WAIT, "home is shut, which settles"),
    Row("settled", moving(READY, fenced=AT - 3.0), Verb.SEAL, "every position of the fenced primary is replayed"),
    Row("lacking", LACKING, Verb.WAIT, "standby still lacks 100 bytes of what home has written", seconds=1.0),
    Row("lacking after the drain", moving(LACKING, **JUST), Verb.WAIT, "still lacks 100 bytes"),
    Row("lacking, and late", moving(LACKING, **LATE), Verb.CALL_OFF, "after 60 s standby still lacks 100 bytes"),
    Row("the source is silent", look(READY, SILENT), Verb.WAIT, "home does not tell how far it has written"),
    Row("the source is silent, and late", moving(look(READY, SILENT), **LATE), Verb.CALL_OFF, "home does not tell"),
    Row("another timeline", look(READY, standby={"timeline": 2}), Verb.WAIT, "not known to be on the timeline of home"),
    Row("replayed not known", look(READY, standby={"replayed": None}), Verb.WAIT, "the positions of the two are not"),
    Row("written not known", look(READY, {"written": None}), Verb.WAIT, "the positions of the two are not known"),
    Row("all there", READY, Verb.SEAL, "every position of the fenced primary is replayed", site=STANDBY),
    Row("all there, and late", moving(READY, **LATE), Verb.SEAL, "every position of the fenced primary is replayed"),
    Row("not yet heard of", aged(20.0), Verb.WAIT, ABOUT_TO_HEAR, seconds=1.0),
    Row("not yet heard of, no mark", aged(20.0, None), Verb.WAIT, ABOUT_TO_HEAR),
    Row("not heard of for long", aged(20.1), Verb.FENCE, "home is not shut yet"),
    Row("heard of", aged(1.0, HEARD), Verb.FENCE, "home is not shut yet"),
    Row("not yet heard of, and a short drain", aged(5.0), Verb.WAIT, ABOUT_TO_HEAR, policy=replace(POLICY, drain=10.0)),
    Row("not heard of, and a short drain", aged(6.0), Verb.FENCE, "not shut", policy=replace(POLICY, drain=10.0)),
    Row("not yet heard of, but unfit", look(aged(1.0), standby=BACKED_UP), Verb.WAIT, "backing-up"),
    Row("not yet heard of, but it was shut once", moving(aged(1.0), fenced=AT - 1.0), Verb.FENCE, "not shut yet"),
    Row("not yet heard of, but it is shut", look(aged(1.0), FENCED), Verb.WAIT, "home is shut, which settles"),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
def test_the_table(row: Row) -> None:
    assert not departure(row)


PAUSE = Pause("bob", "patching", AT + 60.0)


@pytest.mark.parametrize("kind", Kind)
def test_a_pause_calls_off_what_is_not_sealed(kind: Kind) -> None:
    action = decide(stated(moving(READY, kind=kind), pause=PAUSE), POLICY, None)
    assert (action.verb, action.reason) == (Verb.CALL_OFF, "paused: patching")
    over = stated(moving(READY, kind=kind), pause=replace(PAUSE, until=AT))
    assert decide(over, POLICY, None).verb is Verb.SEAL


def test_a_call_off_is_written_down_with_its_reason() -> None:
    action = decide(moving(YOUNG, **LATE), POLICY, None)
    assert action.after is not None
    move = action.after.move
    assert move is not None
    assert (move.phase, move.turned, move.until) == (Phase.CALLED_OFF, AT, AT + POLICY.hold)
    assert move.result == action.reason
    assert action.after.active == HOME


@pytest.mark.parametrize(
    ("seen", "fenced"),
    [
        (moving(READY, fenced=None), AT),
        (moving(READY, fenced=AT - 1.0), AT - 1.0),
        (moving(look(READY, {"gate": by()}), fenced=AT - 5.0), None),
        (moving(look(READY, {"sessions": 1}), fenced=AT - 5.0), None),
    ],
    ids=["just shut", "settling", "open again", "a session again"],
)
def test_a_gate_settles_from_when_it_was_first_seen_shut_and_anew_after_each_fence(
    seen: Observation, fenced: float | None
) -> None:
    action = decide(seen, POLICY, None)
    assert action.after is not None
    assert action.after.move is not None
    assert action.after.move.fenced == fenced
    assert action.after.move.until == AT + POLICY.hold


def test_the_seal_hands_the_role_over_and_writes_the_proof_down() -> None:
    action = decide(stated(READY, suspicion=Suspicion("dead", AT - 9.0, AT - 3.0)), POLICY, None)
    after = action.after
    assert after is not None
    assert (after.active, after.suspicion, after.epoch) == (STANDBY, None, 4)
    move = after.move
    assert move is not None
    assert (move.phase, move.turned, move.answered, move.until) == (Phase.SEALED, AT, AT, AT + POLICY.hold)
    proof = move.proof
    assert proof is not None
    assert (proof.at, proof.shut) == (AT, action.reason)
    assert (proof.system, proof.timeline, proof.written, proof.replayed, proof.beat) == ("7", 1, 1000, 1000, 19)
    assert (proof.loss_seconds, proof.loss_bytes) == (0.0, 0)


def test_what_is_wrong_with_a_silent_replica_is_told() -> None:
    gone = look(READY, standby={"sql": Sql(error="the probe did not answer")})
    assert "the probe did not answer" in decide(gone, POLICY, None).reason
