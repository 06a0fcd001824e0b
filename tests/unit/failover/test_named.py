"""The name of what is wrong: each condition of it by a look that lacks it alone."""

from dataclasses import replace

import pytest

from dr_templates.failover import gate
from dr_templates.failover.cause import BY_STATUS, EXPLAIN_NOTHING, Cause, left_unplanned, name
from dr_templates.failover.model import Answer, Gate, Mark, Observation, Pulse, Sql
from dr_templates.failover.state import Doubt, Ended, Kind
from simulation.looks import (
    AT,
    DARK,
    DEAD,
    DEAF,
    NUMBER,
    POLICY,
    SERVING,
    SILENT,
    STATE,
    UNSEEN,
    WELL,
    by,
    half,
    look,
    moving,
    stated,
)
from simulation.net import HOME, STANDBY


def mark(ago: float, *, armed: bool = True) -> dict[str, object]:
    return {"mark": Mark(AT - ago, armed=armed)}


AROUND_A_PRIMARY = {
    "nothing": (WELL, Cause.NOTHING),
    "it has fenced itself": (look(WELL, {"gate": by(gate.OWN)}), Cause.ISOLATED),
    "in one direction": (look(WELL, {"gate": half(gate.OWN)}), Cause.NOTHING),
    "it has fenced itself, and its storage is full": (
        look(WELL, {"gate": by(gate.OWN), "status": "storage-full"}),
        Cause.ISOLATED,
    ),
    "its storage is full": (look(WELL, {"status": "storage-full"}), Cause.STORAGE_FULL),
    "its storage is full, and there is no replica": (
        look(WELL, {"status": "storage-full"}, {**SILENT, "status": "absent"}),
        Cause.STORAGE_FULL,
    ),
    "RDS is at work on it": (look(WELL, {"status": "modifying"}), Cause.NOTHING),
    "the other is none": (look(WELL, standby={"replica": False}), Cause.UNPROTECTED),
    "the other is not there": (look(WELL, standby={**SILENT, "status": "absent"}), Cause.UNPROTECTED),
    "the replica does not answer": (look(WELL, standby=SILENT), Cause.REPLICA_ILL),
    "the replica cannot be asked": (look(WELL, standby={"sql": Sql()}), Cause.REPLICA_ILL),
    "the replica is backed up": (look(WELL, standby={"status": "backing-up"}), Cause.REPLICA_ILL),
    "it is backed up, and deaf": (look(WELL, standby={"status": "backing-up", **DEAF}), Cause.REPLICA_ILL),
    "RDS does not tell of the replica": (look(WELL, standby={"status": None}), Cause.NOTHING),
    "the replica is deaf": (look(WELL, standby=DEAF), Cause.REPLICATION_BROKEN),
    "the replica does not tell": (look(WELL, standby={"streaming": None}), Cause.REPLICATION_BROKEN),
    "it is deaf, and RDS does not tell": (look(WELL, {"status": None}, DEAF), Cause.REPLICATION_BROKEN),
    "a move that is over has left it shut": (look(WELL, {"gate": by(NUMBER)}), Cause.SHUT),
    "so it has, and its watchdog shut it as well": (look(WELL, {"gate": by(NUMBER, gate.OWN)}), Cause.ISOLATED),
    "the deny of a move stands in one direction": (look(WELL, {"gate": half(NUMBER)}), Cause.NOTHING),
    "shut by a number of nobody": (look(WELL, {"gate": by(102)}), Cause.NOTHING),
    "shut by a move that is under way": (moving(look(WELL, {"gate": by(NUMBER)})), Cause.NOTHING),
    "RDS does not tell": (look(WELL, {"status": None}), Cause.CONTROL_PLANE),
    "nor does the watchdog": (look(WELL, {"status": None, "mark": None}), Cause.CONTROL_PLANE),
    "the watchdog has left no mark": (look(WELL, {"mark": None}), Cause.WATCHDOG_SILENT),
    "the watchdog cannot fence": (look(WELL, {"armed": False}), Cause.WATCHDOG_SILENT),
    "its mark is as old as lease and margin": (look(WELL, mark(75.0)), Cause.NOTHING),
    "its mark is older": (look(WELL, mark(75.1)), Cause.WATCHDOG_SILENT),
}

NO_PRIMARY = {
    "dead": (DEAD, Cause.DEAD),
    "RDS does not tell": (look(DEAD, {"status": None}), Cause.UNCLEAR),
    "RDS does not tell of its events": (look(DEAD, {"failing_over": None}), Cause.UNCLEAR),
    "the probe cannot be asked": (look(DEAD, {"sql": Sql()}), Cause.UNCLEAR),
    "it feeds its replica": (look(DEAD, standby={"streaming": True}), Cause.STREAMING),
    "its replica does not tell": (look(DEAD, standby={"streaming": None}), Cause.UNCLEAR),
    "its replica cannot be asked": (look(DEAD, standby={"sql": Sql()}), Cause.UNCLEAR),
    "it was never seen well": (replace(DEAD, pulse=None), Cause.UNCLEAR),
    "the other was seen well": (replace(DEAD, pulse=Pulse(STANDBY, AT - 60.0, fed=AT - 60.0)), Cause.UNCLEAR),
    "its replica had not told just before": (replace(DEAD, pulse=Pulse(HOME, AT - 60.0, fed=AT - 210.0)), Cause.DEAD),
    "its replica had not told for long": (replace(DEAD, pulse=Pulse(HOME, AT - 60.0, fed=AT - 210.1)), Cause.UNCLEAR),
    "its replica was deaf before": (replace(DEAD, pulse=Pulse(HOME, AT - 60.0)), Cause.UNCLEAR),
    "a Multi-AZ failover": (look(DEAD, {"failing_over": True}), Cause.MULTI_AZ),
    "the same, while its storage is full": (
        look(DEAD, {"failing_over": True, "status": "storage-full"}),
        Cause.MULTI_AZ,
    ),
    "it is rebooted": (look(DEAD, {"status": "rebooting"}), Cause.MAINTENANCE),
    "it is rebooted, and starting": (look(DEAD, {"status": "rebooting", "answer": Answer.STARTING}), Cause.MAINTENANCE),
    "its connections are used up": (look(DEAD, {"answer": Answer.CROWDED}), Cause.OVERLOADED),
    "it is starting": (look(DEAD, {"answer": Answer.STARTING}), Cause.STARTING),
    "it refuses": (look(DEAD, {"answer": Answer.REFUSING}), Cause.UNWELL),
    "it does not tell what it is": (look(DEAD, {"answer": Answer.ANSWERED}), Cause.UNCLEAR),
    "it does not tell what it is, and feeds its replica": (
        look(DEAD, {"answer": Answer.ANSWERED}, {"streaming": True}),
        Cause.UNCLEAR,
    ),
    "it is in recovery": (look(DEAD, {"answer": Answer.ANSWERED, "in_recovery": True}), Cause.UNCLEAR),
    "gone": (DARK, Cause.GONE),
    "gone, but it feeds its replica": (look(DARK, standby={"streaming": True}), Cause.STREAMING),
    "gone, but RDS answers": (look(DARK, {"status": "available"}), Cause.UNCLEAR),
    "gone, but the probe runs": (look(DARK, {"answer": Answer.SILENT}), Cause.UNCLEAR),
    "its watchdog never left a mark": (look(DARK, {"mark": None}), Cause.UNCLEAR),
    "its watchdog leaves marks": (look(DARK, mark(5.0)), Cause.CUT_OFF),
    "so it did until a while ago": (look(DARK, mark(75.0)), Cause.CUT_OFF),
    "marks that end": (look(DARK, mark(75.1)), Cause.GONE),
    "marks that end, unarmed": (look(DARK, mark(75.1, armed=False)), Cause.UNCLEAR),
    "both are out of reach": (look(DARK, standby=UNSEEN), Cause.BLIND),
    "so they are, and its mark is fresh": (look(DARK, mark(60.0), UNSEEN), Cause.CUT_OFF),
    "so they are, and its mark is older than the lease": (look(DARK, mark(60.1), UNSEEN), Cause.BLIND),
    "out of reach, but RDS tells of it": (look(DARK, {"status": "available"}, UNSEEN), Cause.UNCLEAR),
    "out of reach, but its probe runs": (look(DARK, {"answer": Answer.SILENT}, UNSEEN), Cause.UNCLEAR),
    "RDS tells of the replica": (look(DARK, standby={**UNSEEN, "status": "available"}), Cause.UNCLEAR),
    "the replica's probe runs": (look(DARK, standby={**UNSEEN, **SILENT}), Cause.UNCLEAR),
    "nobody knows who is active": (replace(WELL, state=None), Cause.UNREADABLE),
}

LEFT = Ended(4, Kind.FAILOVER, STANDBY, HOME, moved=True, at=AT - 600.0, result="home is primary")
SILENT_THERE = {**SILENT, "replica": False}
DOUBTED = stated(WELL, doubt=Doubt(STANDBY))
OF_OLD = {**SILENT, "replica": None}


def left(other: dict[str, object], **changes: object) -> Observation:
    """Give a pair that has left the standby's site unplanned, with this to be seen there."""
    return stated(look(WELL, standby=other), last=replace(LEFT, **changes))  # type: ignore[arg-type]  # checked at run time


SECOND_PRIMARY = {
    "takes writes": look(WELL, standby=SERVING),
    "takes writes, gate not known": look(WELL, standby={**SERVING, "gate": Gate()}),
    "takes writes, gate shut in one direction": look(WELL, standby={**SERVING, "gate": half(NUMBER)}),
    "takes writes, while the active one is dead": look(DEAD, standby=SERVING),
    "silent, RDS calls it none": look(WELL, standby=SILENT_THERE),
    "silent, RDS calls it none, and is at work": look(WELL, standby={**SILENT_THERE, "status": "rebooting"}),
    "silent, RDS calls it none, status not known": look(WELL, standby={**SILENT_THERE, "status": None}),
    "cannot be asked, RDS calls it none": look(WELL, standby={"sql": Sql(), "replica": False}),
    "left unplanned, and silent": left(OF_OLD),
    "left unplanned, and nothing but its gate is known": left({**UNSEEN, "gate": by()}),
    "may be promoted, and nobody wants it": DOUBTED,
}
NO_SECOND_PRIMARY = {
    "takes writes, and is shut": look(WELL, standby={**SERVING, "gate": by(NUMBER)}),
    "takes writes, and has shut itself": look(WELL, standby={**SERVING, "gate": by(gate.OWN)}),
    "silent, RDS calls it none, gate not known": look(WELL, standby={**SILENT_THERE, "gate": Gate()}),
    "gate known in one direction": look(WELL, standby={**SILENT_THERE, "gate": Gate(frozenset())}),
    "left unplanned, and not seen at all": left(UNSEEN),
    "in recovery, RDS calls it none": look(WELL, standby={"replica": False}),
    "a silent replica": look(WELL, standby=SILENT),
    "silent, RDS does not tell": look(WELL, standby=OF_OLD),
    "left unplanned, and a silent replica by now": left(dict(SILENT)),
    "left unplanned, and a replica by now": left({"replica": None}),
    "left by a move that was called off": left(OF_OLD, moved=False),
    "left as planned": left(OF_OLD, kind=Kind.SWITCHOVER),
    "may be promoted, and is shut": look(DOUBTED, standby={"gate": by(NUMBER)}),
    "may be promoted, and its gate cannot be read": look(DOUBTED, standby={"gate": Gate()}),
    "is what a move was turned back to": stated(WELL, doubt=Doubt(HOME)),
    "was left of late": left({}),
    "left before another move": left(OF_OLD, source=HOME, target=STANDBY),
} | {
    f"silent, RDS calls it none, {status}": look(WELL, standby={**SILENT_THERE, "status": status})
    for status in ("absent", "deleting", "creating")
}


@pytest.mark.parametrize("what", AROUND_A_PRIMARY)
def test_around_a_primary_that_answers(what: str) -> None:
    seen, cause = AROUND_A_PRIMARY[what]
    assert name(seen, POLICY) is cause


@pytest.mark.parametrize("what", NO_PRIMARY)
def test_where_the_primary_does_not_answer(what: str) -> None:
    seen, cause = NO_PRIMARY[what]
    assert name(seen, POLICY) is cause


@pytest.mark.parametrize("what", SECOND_PRIMARY)
def test_the_other_site_counts_as_a_second_primary_when_it(what: str) -> None:
    assert name(SECOND_PRIMARY[what], POLICY) is Cause.ROGUE


@pytest.mark.parametrize("what", NO_SECOND_PRIMARY)
def test_it_does_not_when_it(what: str) -> None:
    assert name(NO_SECOND_PRIMARY[what], POLICY) is not Cause.ROGUE


def test_nothing_was_left_before_the_first_move() -> None:
    assert not left_unplanned(STATE, STANDBY)


@pytest.mark.parametrize("status", sorted(EXPLAIN_NOTHING))
def test_a_state_that_explains_nothing_leaves_it_dead(status: str) -> None:
    assert name(look(DEAD, {"status": status}), POLICY) is Cause.DEAD


@pytest.mark.parametrize("seen", [WELL, DEAD], ids=["answers", "silent"])
@pytest.mark.parametrize("status", BY_STATUS)
def test_a_state_that_explains_is_believed(status: str, seen: Observation) -> None:
    assert name(look(seen, {"status": status}), POLICY) is BY_STATUS[status]


def test_three_causes_may_act() -> None:
    assert {cause for cause in Cause if cause.acts} == {Cause.DEAD, Cause.GONE, Cause.ISOLATED}
    assert all(cause.words for cause in Cause)


def test_rds_own_words_for_why_are_these() -> None:
    assert BY_STATUS["deleting"] is Cause.DELETED
    assert BY_STATUS["absent"] is Cause.DELETED
    assert BY_STATUS["storage-full"] is Cause.STORAGE_FULL
    assert BY_STATUS["inaccessible-encryption-credentials"] is Cause.KEY_UNUSABLE
    assert BY_STATUS["inaccessible-encryption-credentials-recoverable"] is Cause.KEY_UNUSABLE
    assert sorted(EXPLAIN_NOTHING) == [
        "available",
        "backing-up",
        "failed",
        "incompatible-network",
        "storage-optimization",
    ]
