"""An unplanned move before its seal: how the other side is parted or known gone, who has to agree, and when it ends."""

from dataclasses import replace

import pytest

from dr_templates.failover import gate
from dr_templates.failover.cause import Cause
from dr_templates.failover.decide import decide
from dr_templates.failover.model import Beat, Gate, Mark, Mode, Verb
from dr_templates.failover.state import Kind, Suspicion
from simulation.looks import (
    AT,
    DARK,
    DEAD,
    DEAF,
    EPOCH,
    FENCED,
    NUMBER,
    PRIMARY,
    SERVING,
    WELL,
    Row,
    by,
    departure,
    look,
    moving,
    stated,
)
from simulation.net import HOME, STANDBY

POLICY = Row.policy
APPROVE = replace(POLICY, mode=Mode.APPROVE)
DRAIN, LATEST = POLICY.drain, POLICY.patience + POLICY.lease + POLICY.margin
BY_ITSELF = {"kind": Kind.FAILOVER, "by": "the controller", "cause": Cause.DEAD}
BY_ANN = {"kind": Kind.FAILOVER, "approved": "ann"}
OF_ISOLATED = {**BY_ITSELF, "cause": Cause.ISOLATED}
SHUT = {"gate": by(NUMBER)}
BACKED_UP = {"status": "backing-up"}

READY = moving(look(DEAD, SHUT), **BY_ITSELF, fenced=AT - 5.0)
"""Dead, shut and settled, with some seconds that may be lost."""
OPEN = moving(DEAD, **BY_ITSELF)
"""Dead, and not shut yet."""
AWAY = moving(DARK, **BY_ITSELF)
"""Gone, and its gate cannot be reached."""
NOWHERE = moving(look(DARK, {"armed": False}), **BY_ITSELF)
"""Not to be reached, and not known to be gone."""
ANSWERS = moving(look(WELL, FENCED), **BY_ANN, fenced=AT - 5.0)
"""A person's move, away from a primary that answers and is shut."""
LACKING = look(ANSWERS, standby={"replayed": 900})
ISOLATED = moving(look(WELL, {"gate": by(NUMBER, gate.OWN), "sessions": 0}), **OF_ISOLATED, fenced=AT - 5.0)


def ago(seconds: float) -> dict[str, float]:
    return {"begun": AT - seconds}


FENCES = frozenset({NUMBER})
PARTED, IS_GONE = "home is fenced", "home is gone by two of three places"
COUNTED = "home could be neither fenced nor counted as gone"
TO_SERVE = "home is to serve nobody any more"

RECOVERS = (
    Row("it is back", moving(WELL, **BY_ITSELF), Verb.CALL_OFF, "home is back"),
    Row("it is back, behind its shut gate", moving(ANSWERS, **BY_ITSELF), Verb.CALL_OFF, "home is back"),
    Row("it is back as a replica", look(READY, {"sql": WELL.sites[STANDBY].sql, "sessions": 0}), Verb.SEAL, PARTED),
    Row("a person's move of one that answers", ANSWERS, Verb.SEAL, "home is fenced, approved by ann"),
    Row("isolated, and answers", ISOLATED, Verb.SEAL, PARTED),
    Row("isolated no longer", look(ISOLATED, {"gate": by(NUMBER)}), Verb.CALL_OFF, "home is back"),
    Row(
        "isolated no longer, and silent", look(ISOLATED, {"gate": by(), "sql": DEAD.sites[HOME].sql}), Verb.CALL_OFF, ""
    ),
    Row(
        "isolated, and its gate cannot be read",
        look(ISOLATED, {"gate": Gate(), "mark": Mark(AT - 5.0, armed=True, shut=EPOCH)}),
        Verb.SEAL,
        PARTED,
    ),
)

PARTS = (
    Row("not shut", OPEN, Verb.FENCE, TO_SERVE, site=HOME, denies=FENCES, seconds=1.0),
    Row("shut by another number", look(READY, {"gate": by(gate.OWN)}), Verb.FENCE, TO_SERVE),
    Row("shut", READY, Verb.SEAL, PARTED, site=STANDBY),
    Row(
        "its watchdog says it is",
        look(READY, {"gate": Gate(), "mark": Mark(AT, armed=True, shut=EPOCH)}),
        Verb.SEAL,
        "",
    ),
    Row("gone, its gate out of reach", AWAY, Verb.SEAL, IS_GONE),
    Row("gone, its gate in reach", look(AWAY, {"gate": by()}), Verb.FENCE, TO_SERVE),
    Row("so for the drain", moving(look(AWAY, {"gate": by()}), **ago(DRAIN)), Verb.FENCE, TO_SERVE),
    Row("so for longer", moving(look(AWAY, {"gate": by()}), **ago(DRAIN + 0.1)), Verb.SEAL, IS_GONE),
    Row("not known to be gone", NOWHERE, Verb.FENCE, TO_SERVE),
    Row("so for the longest time", moving(NOWHERE, **ago(LATEST)), Verb.FENCE, TO_SERVE),
    Row("so for longer than that", moving(NOWHERE, **ago(LATEST + 0.1)), Verb.CALL_OFF, COUNTED),
    Row("a person's, for longer than that", moving(NOWHERE, **BY_ANN, **ago(LATEST + 0.1)), Verb.CALL_OFF, COUNTED),
    Row("not shut, for longer than that", moving(OPEN, **ago(LATEST + 0.1)), Verb.CALL_OFF, COUNTED),
    Row("shut, for longer than that", moving(READY, **ago(LATEST + 0.1)), Verb.SEAL, PARTED),
    Row(
        "gone for longer than that, and a drain that is longer still",
        moving(look(AWAY, {"gate": by()}), **ago(LATEST + 0.1)),
        Verb.FENCE,
        TO_SERVE,
        policy=replace(POLICY, drain=900.0),
    ),
    Row("gone, for longer than that", moving(AWAY, **ago(LATEST + 0.1)), Verb.SEAL, IS_GONE),
)

UNFIT = look(ANSWERS, standby=BACKED_UP)

READIES = (
    Row("unfit", UNFIT, Verb.WAIT, "RDS says standby is backing-up", seconds=10.0),
    Row("unfit for the longest time", moving(UNFIT, **ago(LATEST)), Verb.WAIT, "backing-up"),
    Row("unfit for longer, while its source is well", moving(UNFIT, **ago(LATEST + 0.1)), Verb.CALL_OFF, "backing-up"),
    Row("fit for longer, and its source is well", moving(ANSWERS, **ago(LATEST + 0.1)), Verb.SEAL, PARTED),
    Row("unfit for longer", moving(look(READY, standby=BACKED_UP), **ago(LATEST + 0.1)), Verb.WAIT, "backing-up"),
    Row("unfit, and not shut", look(OPEN, standby=BACKED_UP), Verb.FENCE, TO_SERVE),
    Row("drains", LACKING, Verb.WAIT, "standby still lacks 100 bytes of what home has written", seconds=1.0),
    Row("drains for its time", moving(LACKING, **ago(DRAIN)), Verb.WAIT, "still lacks 100 bytes"),
    Row("drains for longer", moving(LACKING, **ago(DRAIN + 0.1)), Verb.SEAL, PARTED),
    Row("lacks, and hears nothing", look(LACKING, standby=DEAF), Verb.SEAL, PARTED),
    Row("lacks, and does not tell", look(LACKING, standby={"streaming": None}), Verb.SEAL, PARTED),
    Row("lacks, and its source is silent", look(LACKING, {"sql": DEAD.sites[HOME].sql}), Verb.SEAL, PARTED),
    Row("drains, and is not settled", moving(LACKING, fenced=AT - 1.0), Verb.WAIT, "still lacks 100 bytes"),
    Row("just shut", moving(READY, fenced=None), Verb.WAIT, "home is shut, which settles", seconds=3.0),
    Row("settling", moving(READY, fenced=AT - 1.0), Verb.WAIT, "home is shut, which settles", seconds=2.0),
    Row("settled", moving(READY, fenced=AT - 3.0), Verb.SEAL, PARTED),
    Row("gone has no gate that settles", moving(AWAY, fenced=None), Verb.SEAL, IS_GONE),
)

COSTLY = look(READY, standby={"beat": Beat(HOME, 5, AT - 700.0)})
"""Shut two seconds after it was first seen shut, which bounds what was written."""
AT_THE_LIMIT = replace(POLICY, rpo=703.0)
UNKNOWN = look(READY, standby={"beat": None})
AMOUNT = "up to 703 s may be lost, the limit is 600 s: drctl approve, or --deny"
MAY_LOSE = "home serves nobody; promoting standby may lose up to 10 s"

AGREES = (
    Row("within the limit", COSTLY, Verb.SEAL, PARTED, policy=AT_THE_LIMIT),
    Row("over the limit", COSTLY, Verb.ASK, AMOUNT, site=STANDBY, seconds=1.0),
    Row("over it by a second", COSTLY, Verb.ASK, "up to 703 s", policy=replace(POLICY, rpo=702.0)),
    Row("over the limit, told", moving(COSTLY, told=True), Verb.WAIT, AMOUNT, seconds=20.0),
    Row("over the limit, approved", moving(COSTLY, approved="bob"), Verb.SEAL, "home is fenced, approved by bob"),
    Row("nobody knows", UNKNOWN, Verb.ASK, "an unknown amount may be lost, the limit is 600 s"),
    Row("nobody knows, approved", moving(UNKNOWN, approved="bob"), Verb.SEAL, "approved by bob"),
    Row("in mode approve", READY, Verb.ASK, MAY_LOSE, policy=APPROVE),
    Row("in mode approve, told", moving(READY, told=True), Verb.WAIT, MAY_LOSE, policy=APPROVE, seconds=20.0),
    Row("in mode approve, approved", moving(READY, approved="bob"), Verb.SEAL, "by bob", policy=APPROVE),
    Row("in mode approve, nobody knows", UNKNOWN, Verb.ASK, "standby may lose an unknown amount", policy=APPROVE),
    Row("in mode off by now", READY, Verb.ASK, MAY_LOSE, policy=replace(POLICY, mode=Mode.OFF)),
    Row("not asked before it is shut", OPEN, Verb.FENCE, TO_SERVE, policy=APPROVE),
    Row("not asked before it is settled", moving(READY, fenced=None), Verb.WAIT, "settles", policy=APPROVE),
    Row("gone, in mode approve", AWAY, Verb.ASK, "home serves nobody", policy=APPROVE),
)


@pytest.mark.parametrize("row", [*RECOVERS, *PARTS, *READIES, *AGREES], ids=lambda row: row.what)
def test_the_table(row: Row) -> None:
    assert not departure(row)


def test_people_are_told_once() -> None:
    after = decide(READY, APPROVE, None).after
    assert after is not None
    assert after.move is not None
    assert after.move.told
    assert decide(replace(READY, state=after), APPROVE, None).verb is Verb.WAIT


def test_a_fence_settles_anew() -> None:
    after = decide(moving(OPEN, fenced=AT - 5.0), POLICY, None).after
    assert after is not None
    assert after.move is not None
    assert after.move.fenced is None


def test_the_seal_says_what_may_be_lost() -> None:
    suspected = stated(moving(READY, told=True, approved="bob"), suspicion=Suspicion(Cause.DEAD, AT - 200.0, AT - 20.0))
    after = decide(suspected, POLICY, None).after
    assert after is not None
    assert (after.active, after.suspicion) == (STANDBY, None)
    assert after.move is not None
    assert not after.move.told
    proof = after.move.proof
    assert proof is not None
    assert (proof.shut, proof.written, proof.replayed, proof.beat) == (f"{PARTED}, approved by bob", None, 1000, 19)
    assert (proof.loss_seconds, proof.loss_bytes) == (10.0, 0)


def test_the_proof_takes_no_position_from_a_primary_that_does_not_answer() -> None:
    after = decide(look(READY, {"sql": replace(PRIMARY.sql, answer=DEAD.sites[HOME].sql.answer)}), POLICY, None).after
    assert after is not None
    assert after.move is not None
    assert after.move.proof is not None
    assert after.move.proof.written is None
    assert after.move.proof.beat == 19
    unbeaten = decide(moving(look(READY, standby={"beat": None}), approved="bob"), POLICY, None).after
    assert unbeaten is not None
    assert unbeaten.move is not None
    assert unbeaten.move.proof is not None
    assert (unbeaten.move.proof.beat, unbeaten.move.proof.loss_seconds) == (None, None)


def test_a_pair_that_is_well_again_is_not_sealed_whatever_its_gate() -> None:
    back = look(READY, {**SERVING, "sessions": 0})
    assert decide(back, POLICY, None).verb is Verb.CALL_OFF
