"""A sealed move that is turned back: what its source has to be, how its target is parted, and when it goes on."""

from dataclasses import replace

import pytest

from dr_templates.failover import gate
from dr_templates.failover.decide import decide
from dr_templates.failover.model import Answer, Gate, Sql, Verb
from dr_templates.failover.state import Kind, Pause, Phase, Proof
from simulation.looks import (
    AT,
    EPOCH,
    NUMBER,
    OLD,
    POLICY,
    REPLICA,
    SILENT,
    UNSEEN,
    WELL,
    Row,
    by,
    departure,
    look,
    moving,
    stated,
)
from simulation.net import HOME, STANDBY

LATEST = POLICY.patience + POLICY.lease + POLICY.margin
REBOOTS = {**SILENT, "status": "modifying"}
MOVE = {"kind": Kind.SWITCHOVER, "phase": Phase.TURNING, "turned": AT - 200.0, "by": "bob", "approved": "bob"}
TURNING = moving(look(WELL, standby=REBOOTS), **MOVE, asked=AT - 190.0, named=True)
"""The target does not come up, and its gate is open."""
READY = moving(look(TURNING, standby={"gate": by(NUMBER)}), fenced=AT - 5.0)
"""The target is shut, and that has settled."""
LOST = moving(look(WELL, standby={**UNSEEN, "mark": replace(OLD, due=EPOCH)}), **MOVE, answered=AT - 200.0)
"""The target's region is gone, and its watchdog knew of the move."""
OPEN_THERE = look(LOST, standby={"gate": by()})
NOWHERE = look(LOST, standby={"armed": False})


def ago(seconds: float) -> dict[str, float]:
    return {"begun": AT - seconds}


FENCES = frozenset({NUMBER})
PARTED, IS_GONE = "standby is fenced, turned back by bob", "standby is gone, turned back by bob"
TO_SERVE, SETTLES = "standby is to serve nobody", "standby is shut, which settles"
GOES_ON = ": the move goes on to standby"
NEITHER = "standby could be neither fenced nor counted as gone: the move goes on to standby"
AS_PRIMARY, AS_NONE = "home does not answer as primary", "RDS does not say that home is no replica"
UNREAD = "the gate of home cannot be read, so it could not be opened"

ROWS = (
    Row("not shut", TURNING, Verb.FENCE, TO_SERVE, site=STANDBY, denies=FENCES, seconds=1.0),
    Row("not shut for the longest time", moving(TURNING, **ago(LATEST)), Verb.FENCE, TO_SERVE),
    Row("not shut for longer", moving(TURNING, **ago(LATEST + 0.1)), Verb.CALL_OFF, NEITHER),
    Row("shut by the epoch before", look(READY, standby={"gate": by(gate.number(EPOCH - 1))}), Verb.FENCE, TO_SERVE),
    Row("just shut", moving(READY, fenced=None), Verb.WAIT, SETTLES, seconds=3.0),
    Row("settling", moving(READY, fenced=AT - 1.0), Verb.WAIT, SETTLES, seconds=2.0),
    Row("about to have settled", moving(READY, fenced=AT - 2.5), Verb.WAIT, SETTLES, seconds=0.5),
    Row("settling, though late", moving(READY, fenced=AT - 1.0, **ago(LATEST + 0.1)), Verb.WAIT, SETTLES),
    Row("settled", moving(READY, fenced=AT - 3.0), Verb.RETURN, PARTED, site=HOME),
    Row("settled, and late", moving(READY, **ago(LATEST + 0.1)), Verb.RETURN, PARTED),
    Row("its target is a replica still", look(READY, standby={"sql": REPLICA.sql, "sessions": 0}), Verb.RETURN, PARTED),
    Row("with a session", look(READY, standby={"sql": REPLICA.sql, "sessions": 1}), Verb.FENCE, TO_SERVE),
    Row("gone", LOST, Verb.RETURN, IS_GONE),
    Row("gone, and late", moving(LOST, **ago(LATEST + 0.1)), Verb.RETURN, IS_GONE),
    Row("gone, and its gate in reach", OPEN_THERE, Verb.FENCE, TO_SERVE),
    Row("so for the drain", moving(OPEN_THERE, **ago(POLICY.drain)), Verb.FENCE, TO_SERVE),
    Row("so for longer", moving(OPEN_THERE, **ago(POLICY.drain + 0.1)), Verb.RETURN, IS_GONE),
    Row("not known to be gone", NOWHERE, Verb.FENCE, TO_SERVE),
    Row("not known to be gone for longer", moving(NOWHERE, **ago(LATEST + 0.1)), Verb.CALL_OFF, NEITHER),
    Row("the source is silent", look(READY, SILENT), Verb.WAIT, AS_PRIMARY, seconds=2.0),
    Row("the source is in recovery", look(READY, {"in_recovery": True}), Verb.WAIT, AS_PRIMARY),
    Row("RDS calls the source a replica", look(READY, {"replica": True}), Verb.WAIT, AS_NONE),
    Row("RDS does not tell", look(READY, {"replica": None}), Verb.WAIT, AS_NONE),
    Row("its gate cannot be read", look(READY, {"gate": Gate()}), Verb.WAIT, UNREAD),
    Row("silent for the longest time", moving(look(READY, SILENT), **ago(LATEST)), Verb.WAIT, AS_PRIMARY),
    Row("silent for longer", moving(look(READY, SILENT), **ago(LATEST + 0.1)), Verb.CALL_OFF, AS_PRIMARY + GOES_ON),
    Row("the source is silent, and nothing is shut", look(TURNING, SILENT), Verb.WAIT, AS_PRIMARY),
    Row("paused", stated(READY, pause=Pause("ann", "wait", AT + 60.0)), Verb.RETURN, PARTED),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
def test_the_table(row: Row) -> None:
    assert not departure(row)


def test_the_role_is_handed_back_in_one_write() -> None:
    action = decide(moving(READY, told=True), POLICY, None)
    after = action.after
    assert after is not None
    assert (after.active, after.epoch) == (HOME, EPOCH)
    move = after.move
    assert move is not None
    assert (move.kind, move.phase, move.source, move.target) == (Kind.FAILOVER, Phase.SEALED, STANDBY, HOME)
    assert (move.back, move.asked, move.named, move.told) == (True, None, False, False)
    assert (move.turned, move.answered) == (AT, AT)
    assert move.until == AT + POLICY.hold
    assert move.proof == Proof(AT, PARTED, system="7", timeline=1, written=1000, loss_seconds=200.0)


STILL = replace(REPLICA.sql, sessions=0)


@pytest.mark.parametrize(
    ("sql", "lost"),
    [
        (STILL, 0.0),
        (replace(STILL, in_recovery=None), 200.0),
        (replace(STILL, in_recovery=False), 200.0),
        (replace(STILL, answer=Answer.SILENT), 200.0),
    ],
    ids=["a replica", "nobody knows", "a primary", "a replica no longer heard"],
)
def test_nothing_is_lost_where_the_target_says_that_it_was_never_promoted(sql: Sql, lost: float) -> None:
    after = decide(look(READY, standby={"sql": sql}), POLICY, None).after
    assert after is not None
    assert after.move is not None
    assert after.move.proof is not None
    assert after.move.proof.loss_seconds == lost


def test_it_goes_on_as_the_sealed_move_it_was() -> None:
    after = decide(moving(TURNING, **ago(LATEST + 0.1)), POLICY, None).after
    assert after is not None
    assert after.move is not None
    assert (after.move.phase, after.active, after.move.target) == (Phase.SEALED, STANDBY, STANDBY)


@pytest.mark.parametrize(
    ("fenced", "noted"), [(None, AT), (AT - 1.0, AT - 1.0)], ids=["first seen shut", "seen shut before"]
)
def test_it_settles_from_when_it_was_first_seen_shut(fenced: float | None, noted: float) -> None:
    after = decide(moving(READY, fenced=fenced), POLICY, None).after
    assert after is not None
    assert after.move is not None
    assert after.move.fenced == noted
    again = decide(moving(TURNING, fenced=AT - 5.0), POLICY, None).after
    assert again is not None
    assert again.move is not None
    assert again.move.fenced is None
