"""A sealed move: what is done next, and what is waited for, by the one thing that is not yet as it has to be."""

from dataclasses import replace

import pytest

from dr_templates.failover import gate
from dr_templates.failover.decide import decide
from dr_templates.failover.model import Answer, Observation, Verb
from dr_templates.failover.state import Kind, Pause, Phase, Proof
from simulation.looks import (
    AT,
    DEAD,
    EPOCH,
    NUMBER,
    POLICY,
    REPLICA,
    SERVING,
    SILENT,
    Row,
    by,
    departure,
    half,
    look,
    moving,
    stated,
)
from simulation.net import HOME, STANDBY

PROOF = Proof(AT - 20.0, "home is fenced", loss_seconds=0.0)
SEALED = moving(
    look(DEAD, {"gate": by(NUMBER)}),
    kind=Kind.FAILOVER,
    phase=Phase.SEALED,
    turned=AT - 20.0,
    proof=PROOF,
    fenced=AT - 30.0,
)
"""The replica waits to be promoted."""
REBOOTS = {**SILENT, "status": "modifying"}
ASKED = moving(look(SEALED, standby=REBOOTS), asked=AT - 15.0)
"""RDS is at it."""
NAMED = moving(ASKED, named=True)
UP = look(NAMED, standby=SERVING)
"""It is primary, and open."""
SEEN = moving(UP, verified=AT - 5.0)
"""It has taken a write."""


def since(seconds: float) -> float:
    return AT - seconds


def promoted(**changes: object) -> Observation:
    """Give one that is being promoted, with this seen of it."""
    return look(NAMED, standby={**SERVING, **changes})


CANNOT_YET = "standby cannot be promoted yet: it is"
BEING = "standby is being promoted"

PROMOTES = (
    Row("sealed", SEALED, Verb.PROMOTE, "standby becomes primary of epoch 4", site=STANDBY),
    Row("sealed, and silent", look(SEALED, standby=SILENT), Verb.PROMOTE, "becomes primary"),
    Row(
        "RDS lags behind the database", look(SEALED, standby={"sql": SERVING["sql"]}), Verb.WAIT, CANNOT_YET, seconds=2
    ),
    Row("RDS is at work on it", look(SEALED, standby={"status": "backing-up"}), Verb.WAIT, f"{CANNOT_YET} backing-up"),
    Row(
        "RDS does not tell",
        look(SEALED, standby={"status": None, "replica": None}),
        Verb.WAIT,
        "not known to RDS's API",
    ),
    Row("RDS does not tell what it is", look(SEALED, standby={"replica": None}), Verb.WAIT, f"{CANNOT_YET} available"),
    Row("promoted by somebody else", look(SEALED, standby=SERVING), Verb.NAME, "the name moves to standby"),
    Row("RDS calls it none already", look(SEALED, standby={"replica": False}), Verb.NAME, "the name moves"),
    Row("asked, and a replica still", moving(SEALED, asked=since(60.0)), Verb.NAME, "the name moves"),
    Row("asked long ago, and a replica still", moving(SEALED, asked=since(60.1)), Verb.PROMOTE, "becomes primary"),
    Row("asked long ago, and at work", moving(ASKED, asked=since(900.0)), Verb.NAME, "the name moves"),
    Row("asked long ago, and not known", moving(promoted(replica=None), asked=since(900.0)), Verb.WAIT, BEING),
    Row("asked", ASKED, Verb.NAME, "the name moves to standby", site=STANDBY),
    Row("asked and named", NAMED, Verb.WAIT, "standby is being promoted (modifying)", seconds=2.0),
    Row("a replica still, and named", moving(SEALED, asked=since(15.0), named=True), Verb.WAIT, BEING),
    Row("RDS calls it a replica", promoted(replica=True), Verb.WAIT, BEING),
    Row("RDS does not call it anything", promoted(replica=None), Verb.WAIT, BEING),
    Row("in its reboot", promoted(status="modifying"), Verb.WAIT, BEING),
    Row("RDS does not tell of it", promoted(status=None), Verb.WAIT, BEING),
    Row("does not answer yet", promoted(**SILENT), Verb.WAIT, BEING),
    Row("in recovery yet", promoted(sql=REPLICA.sql), Verb.WAIT, BEING),
    Row(
        "for less than three minutes", moving(NAMED, asked=since(179.0), turned=since(500.0)), Verb.WAIT, "", seconds=2
    ),
    Row("sealed for less than three", moving(NAMED, turned=since(179.0)), Verb.WAIT, "is being promoted (modifying)"),
    Row(
        "sealed for longer",
        moving(NAMED, turned=since(185.0)),
        Verb.WAIT,
        "(modifying) for 3 min; drctl failover --to home turns it back",
    ),
    Row("sealed for less than ten", moving(NAMED, turned=since(599.0)), Verb.WAIT, "turns it back"),
    Row(
        "sealed for ten",
        moving(NAMED, turned=since(600.0)),
        Verb.ASK,
        "for 10 min; drctl failover --to home turns it back",
        site=STANDBY,
        seconds=1,
    ),
    Row("sealed for ten, told", moving(NAMED, turned=since(600.0), told=True), Verb.WAIT, "turns it back"),
    Row("for longer", moving(NAMED, asked=since(180.0)), Verb.WAIT, BEING, seconds=10.0),
    Row(
        "sealed for ten, and takes writes although RDS is at work on it",
        moving(promoted(status="modifying"), turned=since(600.0), asked=since(500.0)),
        Verb.WAIT,
        "is being promoted (modifying)",
    ),
    Row("in its first backup", promoted(status="backing-up"), Verb.VERIFY, "to take a write"),
    Row("paused", stated(SEALED, pause=Pause("ann", "wait", AT + 60.0)), Verb.PROMOTE, "becomes primary"),
    Row("never asked, sealed a while ago", moving(UP, asked=None, turned=since(179.0)), Verb.VERIFY, "to take a write"),
    Row(
        "at work, never asked, sealed a while ago",
        moving(promoted(status="modifying"), asked=None, turned=since(179.0)),
        Verb.WAIT,
        BEING,
        seconds=2.0,
    ),
    Row(
        "at work, never asked, sealed long ago",
        moving(promoted(status="modifying"), asked=None, turned=since(180.0)),
        Verb.WAIT,
        BEING,
        seconds=10.0,
    ),
)


def shut(*denies: int, **changes: object) -> Observation:
    """Give a new primary behind a gate with these denies."""
    return moving(look(UP, standby={"gate": by(*denies)}), **changes)


OWN = frozenset({gate.OWN})
OPENING = "the watchdog of standby is about to open its gate"

SERVES = (
    Row("shut by its watchdog", shut(gate.OWN), Verb.WAIT, OPENING, seconds=1.0),
    Row("so since it was asked", shut(gate.OWN, asked=since(60.0), turned=since(900.0)), Verb.WAIT, OPENING),
    Row(
        "for longer",
        shut(gate.OWN, asked=since(60.1), turned=since(900.0)),
        Verb.UNFENCE,
        "clients may come",
        denies=OWN,
    ),
    Row("so since it was sealed", shut(gate.OWN, asked=None, turned=since(60.0)), Verb.WAIT, OPENING),
    Row("longer than that", shut(gate.OWN, asked=None, turned=since(60.1)), Verb.UNFENCE, "clients may come"),
    Row("shut by a move", shut(NUMBER), Verb.UNFENCE, "standby is primary: clients may come", site=STANDBY, seconds=1),
    Row("by both", shut(NUMBER, gate.OWN), Verb.UNFENCE, "clients may come", denies=OWN | {NUMBER}),
    Row("by an older move", shut(gate.number(EPOCH - 1)), Verb.UNFENCE, "", denies=frozenset({gate.number(EPOCH - 1)})),
    Row("on the way in alone", look(UP, standby={"gate": half(NUMBER)}), Verb.UNFENCE, "", denies=frozenset({NUMBER})),
    Row("by a number that is none of ours", shut(77), Verb.VERIFY, "standby is to take a write"),
    Row("by one of ours and another", shut(77, NUMBER), Verb.UNFENCE, "", denies=frozenset({NUMBER})),
    Row("open", UP, Verb.VERIFY, "standby is to take a write", site=STANDBY, seconds=1.0),
    Row("its source is shut, as it was", look(UP, {"gate": by(NUMBER, gate.OWN)}), Verb.VERIFY, "to take a write"),
)


@pytest.mark.parametrize("row", [*PROMOTES, *SERVES], ids=lambda row: row.what)
def test_the_table(row: Row) -> None:
    assert not departure(row)


@pytest.mark.parametrize(
    ("seen", "noted"),
    [
        (SEALED, {"asked": AT}),
        (ASKED, {"named": True}),
        (UP, {"verified": AT}),
        (SEEN, {"detached": True}),
        (look(SEEN, standby={"backup_days": 0}), {}),
    ],
    ids=["promote", "name", "verify", "detach", "backups"],
)
def test_each_step_is_noted_and_renews_the_lock(seen: Observation, noted: dict[str, object]) -> None:
    assert seen.state is not None
    assert seen.state.move is not None
    action = decide(seen, POLICY, None)
    assert action.before == seen.state
    assert action.after is not None
    move = action.after.move
    assert move is not None
    assert move == replace(seen.state.move, until=AT + POLICY.hold, answered=move.answered, **noted)  # type: ignore[arg-type]  # checked at run time
    assert action.after.active == STANDBY


@pytest.mark.parametrize(
    ("seen", "answered"),
    [
        (SEALED, AT),
        (look(SEALED, standby={"answer": Answer.REFUSING}), AT),
        (look(SEALED, standby={"answer": Answer.STARTING}), AT),
        (look(SEALED, standby={"answer": Answer.SILENT}), AT - 70.0),
        (look(SEALED, standby={"answer": Answer.UNASKED}), AT - 70.0),
        (look(SEALED, {"sql": REPLICA.sql}, {"answer": Answer.SILENT}), AT - 70.0),
        (moving(SEALED, phase=Phase.OPEN, fenced=None), AT - 70.0),
    ],
)
def test_it_is_noted_when_the_new_primary_last_answered(seen: Observation, answered: float) -> None:
    after = decide(moving(seen, answered=AT - 70.0), POLICY, None).after
    assert after is not None
    assert after.move is not None
    assert after.move.answered == answered


@pytest.mark.parametrize(
    ("seconds", "hint"), [(179.9, ""), (180.0, " for 3 min; drctl failover --to home turns it back")]
)
def test_the_way_back_is_told_after_three_minutes(seconds: float, hint: str) -> None:
    action = decide(moving(NAMED, turned=since(seconds)), POLICY, None)
    assert action.reason == f"standby is being promoted (modifying){hint}"


def test_people_are_told_once_that_it_takes_long() -> None:
    slow = moving(NAMED, turned=since(600.0))
    after = decide(slow, POLICY, None).after
    assert after is not None
    assert decide(replace(slow, state=after), POLICY, None).verb is Verb.WAIT


def test_home_is_not_opened_while_the_move_is_sealed() -> None:
    for seen in (SEALED, ASKED, NAMED, UP, SEEN):
        action = decide(seen, POLICY, None)
        assert (action.verb, action.site) != (Verb.UNFENCE, HOME)
