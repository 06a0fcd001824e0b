"""What a site is, whether it is fenced, and whether it is gone: each condition by a look that lacks it alone."""

from dataclasses import replace

import pytest

from dr_templates.failover import gate
from dr_templates.failover.model import Answer, Gate, Instance, Mark, Observation, Pulse, Sight, Sql, Stance
from dr_templates.failover.stance import UNWATCHED_SECONDS, fenced_for, fresh, gone, stance, writable
from dr_templates.failover.state import Phase
from simulation.looks import (
    AT,
    DARK,
    EPOCH,
    NUMBER,
    OLD,
    POLICY,
    PRIMARY,
    REPLICA,
    SILENT,
    STATE,
    UNSEEN,
    WELL,
    WITH_LEASE,
    by,
    half,
    look,
    moving,
    sight,
    stated,
)
from simulation.net import HOME, STANDBY

SERVER_SPEAKS = (Answer.ANSWERED, Answer.CROWDED, Answer.STARTING, Answer.REFUSING)
ALONE = stated(DARK, alone="ann")


def marked(ago: float) -> Observation:
    """Give a site that was seen well right until its last mark, so long ago."""
    return look(DARK, {"mark": Mark(AT - ago, armed=True)}, pulse=Pulse(HOME, AT - ago, fed=AT - ago))


GONE = {
    "nothing answers, no mark, and its replica is deaf": DARK,
    "the probe can be asked and gets no answer": look(DARK, {"answer": Answer.SILENT}),
    "its last mark is a little older than lease and margin": marked(WITH_LEASE + 0.1),
    "it was seen to write as long after its last mark as marks may be apart": look(DARK, pulse=Pulse(HOME, AT - 65.0)),
    "it was last seen to write before its last mark": look(DARK, pulse=Pulse(HOME, AT - 500.0)),
    "nobody knows when it was last seen, and a person goes on alone": replace(ALONE, pulse=None),
    "what was last seen is the other one, and a person goes on alone": replace(ALONE, pulse=Pulse(STANDBY, AT - 100.0)),
}
NOT_GONE = {
    "one of the tables with marks was not read": look(DARK, {"heard": False}),
    "it never left a mark": look(DARK, {"mark": None}),
    "its watchdog could not fence": look(DARK, {"armed": False}),
    "its last mark is within lease and margin": marked(74.0),
    "its last mark is as old as lease and margin": marked(WITH_LEASE),
    "its last mark is within the margin alone": marked(POLICY.lease + 0.1),
    "its replica hears it": look(DARK, standby={"streaming": True}),
    "its replica does not tell": look(DARK, standby={"streaming": None}),
    "its replica cannot be asked": look(DARK, standby={"sql": Sql()}),
    "it was seen to write long after its last mark": look(DARK, pulse=Pulse(HOME, AT - 64.9)),
    "so it was, and a person goes on alone": replace(ALONE, pulse=Pulse(HOME, AT - 64.9)),
    "nobody knows when it was last seen": replace(DARK, pulse=None),
    "nor is there a document": replace(DARK, pulse=None, state=None),
    "what was last seen is the other one": replace(DARK, pulse=Pulse(STANDBY, AT - 100.0)),
} | {f"its server is {answer}": look(DARK, {"answer": answer}) for answer in SERVER_SPEAKS}


HANDED = moving(
    look(WELL, standby={**UNSEEN, "mark": replace(OLD, due=EPOCH)}),
    phase=Phase.SEALED,
    answered=OLD.at + UNWATCHED_SECONDS,
)
"""The target of a sealed move, whose watchdog knew of it."""
HANDED_GONE = {
    "its watchdog knew of the move": HANDED,
    "its move is turned back": moving(HANDED, phase=Phase.TURNING),
    "it answered before its last mark": moving(HANDED, answered=AT - 500.0),
}
HANDED_NOT_GONE = {
    "its watchdog did not know of the move": look(HANDED, standby={"due": False}),
    "it answered long after its last mark": moving(HANDED, answered=OLD.at + UNWATCHED_SECONDS + 0.1),
    "the move is not sealed": moving(HANDED, phase=Phase.OPEN),
    "the move is over": moving(HANDED, phase=Phase.DONE),
    "the move is to the other": moving(HANDED, source=STANDBY, target=HOME),
    "it answers": look(HANDED, standby={"answer": Answer.REFUSING}),
    "its watchdog could not fence": look(HANDED, standby={"armed": False}),
    "its last mark is within lease and margin": look(HANDED, standby={"mark": Mark(AT - 75.0, armed=True, due=EPOCH)}),
    "one of the tables with marks was not read": look(HANDED, standby={"heard": False}),
}


@pytest.mark.parametrize("what", HANDED_GONE)
def test_a_site_that_was_handed_the_role_is_gone_when(what: str) -> None:
    assert gone(HANDED_GONE[what], STANDBY, POLICY)


@pytest.mark.parametrize("what", HANDED_NOT_GONE)
def test_a_site_that_was_handed_the_role_is_not_gone_when(what: str) -> None:
    assert not gone(HANDED_NOT_GONE[what], STANDBY, POLICY)


@pytest.mark.parametrize("what", GONE)
def test_a_site_is_gone_when(what: str) -> None:
    assert gone(GONE[what], HOME, POLICY)


@pytest.mark.parametrize("what", NOT_GONE)
def test_a_site_is_not_gone_when(what: str) -> None:
    assert not gone(NOT_GONE[what], HOME, POLICY)


def test_a_mark_is_fresh_for_so_many_seconds_and_none_never_is() -> None:
    assert fresh(WELL, HOME, 5.0)
    assert not fresh(WELL, HOME, 4.9)
    assert not fresh(look(WELL, {"mark": None}), HOME, 1e9)


SILENT_PRIMARY = sight(PRIMARY, SILENT)
ABSENT = sight(SILENT_PRIMARY, {"status": "absent"})

STANCES = (
    ("takes writes", PRIMARY, Stance.PRIMARY),
    ("takes writes, and RDS knows no such instance", sight(PRIMARY, {"status": "absent"}), Stance.PRIMARY),
    ("shut and without sessions", sight(PRIMARY, {"gate": by(NUMBER), "sessions": 0}), Stance.FENCED),
    ("shut by itself", sight(PRIMARY, {"gate": by(gate.OWN), "sessions": 0}), Stance.FENCED),
    ("shut, with a session", sight(PRIMARY, {"gate": by(NUMBER), "sessions": 1}), Stance.PRIMARY),
    ("shut, sessions not known", sight(PRIMARY, {"gate": by(NUMBER), "sessions": None}), Stance.PRIMARY),
    ("shut in one direction", sight(PRIMARY, {"gate": half(NUMBER), "sessions": 0}), Stance.PRIMARY),
    ("open, without sessions", sight(PRIMARY, {"sessions": 0}), Stance.PRIMARY),
    ("in recovery", REPLICA, Stance.REPLICA),
    ("in recovery, and shut", sight(REPLICA, {"gate": by(NUMBER), "sessions": 0}), Stance.REPLICA),
    ("answers, and does not tell what it is", sight(PRIMARY, {"in_recovery": None}), Stance.UNKNOWN),
    (
        "so it does, shut",
        sight(PRIMARY, {"in_recovery": None, "gate": by(NUMBER), "sessions": 0}),
        Stance.UNKNOWN,
    ),
    ("not there", ABSENT, Stance.ABSENT),
    ("not there, behind a shut gate", replace(ABSENT, gate=by(NUMBER)), Stance.ABSENT),
    ("silent", SILENT_PRIMARY, Stance.UNKNOWN),
    ("silent, and shut", replace(SILENT_PRIMARY, gate=by(NUMBER)), Stance.FENCED),
    ("silent, and shut in one direction", replace(SILENT_PRIMARY, gate=half(NUMBER)), Stance.UNKNOWN),
    ("shut, and nothing else is known", Sight(gate=by(NUMBER)), Stance.FENCED),
    ("a silent replica that is shut", replace(sight(REPLICA, SILENT), gate=by(NUMBER)), Stance.UNKNOWN),
    ("nothing is known", Sight(), Stance.UNKNOWN),
)


@pytest.mark.parametrize(("what", "seen", "word"), STANCES, ids=[row[0] for row in STANCES])
def test_one_word_for_a_site(what: str, seen: Sight, word: Stance) -> None:
    assert stance(seen) is word, what


@pytest.mark.parametrize(
    ("sql", "takes"),
    [
        (PRIMARY.sql, True),
        (REPLICA.sql, False),
        (replace(PRIMARY.sql, in_recovery=None), False),
        (replace(PRIMARY.sql, answer=Answer.SILENT), False),
        (Sql(), False),
    ],
)
def test_it_takes_writes_when_it_says_so_itself(sql: Sql, *, takes: bool) -> None:
    assert writable(sql) is takes


def told(shut: int, **changes: object) -> Sight:
    """Give a site whose gate cannot be read, and whose watchdog tells that it is shut."""
    return sight(SILENT_PRIMARY, {"gate": Gate(), "mark": Mark(AT - 5.0, armed=True, shut=shut), **changes})


FENCES = (
    ("shut by the epoch's number, and empty", sight(PRIMARY, {"gate": by(NUMBER), "sessions": 0}), True),
    ("shut by that and another", sight(PRIMARY, {"gate": by(NUMBER, gate.OWN), "sessions": 0}), True),
    ("with a session", sight(PRIMARY, {"gate": by(NUMBER), "sessions": 1}), False),
    ("sessions not known", sight(PRIMARY, {"gate": by(NUMBER), "sessions": None}), False),
    ("in recovery, with sessions", sight(REPLICA, {"gate": by(NUMBER)}), False),
    ("silent", sight(SILENT_PRIMARY, {"gate": by(NUMBER)}), True),
    ("sessions of a silent one are no word of it", sight(SILENT_PRIMARY, {"gate": by(NUMBER), "sessions": 2}), True),
    ("shut by the epoch before", sight(SILENT_PRIMARY, {"gate": by(gate.number(EPOCH - 1))}), False),
    ("shut by itself alone", sight(SILENT_PRIMARY, {"gate": by(gate.OWN)}), False),
    ("shut on the way in alone", sight(SILENT_PRIMARY, {"gate": half(NUMBER)}), False),
    ("shut on the way out alone", sight(SILENT_PRIMARY, {"gate": Gate(frozenset(), frozenset({NUMBER}))}), False),
    ("shut on the way in, and the way out cannot be read", sight(PRIMARY, {"gate": Gate(frozenset({NUMBER}))}), False),
    ("open", SILENT_PRIMARY, False),
    ("its watchdog says so", told(EPOCH), True),
    ("its watchdog says so of the epoch before", told(EPOCH - 1), False),
    ("of a later one", told(EPOCH + 1), False),
    ("of none", told(0), False),
    ("no mark, no gate", sight(SILENT_PRIMARY, {"gate": Gate(), "mark": None}), False),
    ("its watchdog says so, and it answers, empty", told(EPOCH, answer=Answer.ANSWERED, sessions=0), True),
    ("and it answers, with a session", told(EPOCH, answer=Answer.ANSWERED, sessions=1), False),
    ("and it answers, sessions not known", told(EPOCH, answer=Answer.ANSWERED), False),
)


@pytest.mark.parametrize(("what", "seen", "fenced"), FENCES, ids=[row[0] for row in FENCES])
def test_it_is_fenced_for_an_epoch(what: str, seen: Sight, *, fenced: bool) -> None:
    assert fenced_for(seen, EPOCH) is fenced, what


def test_the_base_of_these_tables_is_well() -> None:
    assert WELL.state == STATE
    assert [stance(seen) for seen in WELL.sites.values()] == [Stance.PRIMARY, Stance.REPLICA]
    assert WELL.sites[HOME].instance == Instance("available", replica=False, failing_over=False, backup_days=14)
