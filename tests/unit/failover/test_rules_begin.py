"""When a move begins: because somebody asked, or because all witnesses have agreed for long enough."""

from dataclasses import replace

import pytest

from dr_templates.failover import gate
from dr_templates.failover.cause import Cause
from dr_templates.failover.decide import decide
from dr_templates.failover.model import Mode, Observation, Verb, Want
from dr_templates.failover.state import Kind, Move, Suspicion
from simulation.looks import (
    AT,
    DARK,
    DEAD,
    DEAF,
    EPOCH,
    ME,
    POLICY,
    WELL,
    Row,
    by,
    departure,
    look,
    stated,
)
from simulation.net import HOME, STANDBY

OFF = replace(POLICY, mode=Mode.OFF)
APPROVE = replace(POLICY, mode=Mode.APPROVE)
ISOLATED = look(WELL, {"gate": by(gate.OWN)})


def suspected(of: Observation, cause: str = Cause.DEAD, since: float = 200.0, seen: float = 60.0) -> Observation:
    """Give a look with a suspicion that has held for so long, and was last seen so long ago."""
    return stated(of, suspicion=Suspicion(cause, AT - since, AT - seen))


HELD = suspected(DEAD)
BACKED_UP = {"status": "backing-up"}

WATCHED = (
    Row("nothing", WELL, Verb.KEEP, "nothing is wrong"),
    Row("what may not act", look(WELL, standby=DEAF), Verb.KEEP, Cause.REPLICATION_BROKEN.words),
    Row("dead", DEAD, Verb.SUSPECT, Cause.DEAD.words, seconds=10.0),
    Row("dead, in mode approve", DEAD, Verb.SUSPECT, Cause.DEAD.words, policy=APPROVE),
    Row("dead, in mode off", DEAD, Verb.KEEP, Cause.DEAD.words, policy=OFF),
    Row("suspected, and well", suspected(WELL), Verb.TRUST, "no longer: nothing is wrong"),
    Row("suspected, and may not act", suspected(look(WELL, standby=DEAF)), Verb.TRUST, "no longer: the replica hears"),
    Row("suspected, in mode off", HELD, Verb.TRUST, "no longer", policy=OFF),
    Row("suspected of something else", suspected(DEAD, Cause.GONE), Verb.SUSPECT, Cause.DEAD.words),
    Row("last seen 90 s ago", suspected(DEAD, seen=90.0), Verb.BEGIN, Cause.DEAD.words),
    Row("last seen 91 s ago", suspected(DEAD, seen=91.0), Verb.SUSPECT, Cause.DEAD.words),
    Row("for less than the patience", suspected(DEAD, since=179.0), Verb.WAIT, "for 179 of 180 s", seconds=1.0),
    Row("for the patience", suspected(DEAD, since=180.0), Verb.BEGIN, Cause.DEAD.words, site=STANDBY),
    Row("for the patience, in mode approve", HELD, Verb.BEGIN, Cause.DEAD.words, policy=APPROVE),
    Row("gone for the patience", suspected(DARK, Cause.GONE), Verb.BEGIN, Cause.GONE.words),
    Row("isolated for the patience", suspected(ISOLATED, Cause.ISOLATED), Verb.BEGIN, Cause.ISOLATED.words),
    Row(
        "while the replica is backed up",
        look(HELD, standby=BACKED_UP),
        Verb.WAIT,
        f"{Cause.DEAD.words}, but RDS says standby is backing-up",
        seconds=10.0,
    ),
    Row("for less, while it is backed up", look(suspected(DEAD, since=9.0), standby=BACKED_UP), Verb.WAIT, "for 9 of"),
)

PLANNED = Want(Kind.SWITCHOVER, STANDBY, EPOCH + 1, "ann")
UNPLANNED = replace(PLANNED, kind=Kind.FAILOVER)
BY_ITSELF = replace(UNPLANNED, by="the controller", cause=Cause.DEAD)

WANTED = (
    Row("a planned move", WELL, Verb.LOCK, "switchover to standby, asked for by ann", want=PLANNED),
    Row("a planned move, in mode off", WELL, Verb.LOCK, "asked for by ann", want=PLANNED, policy=OFF),
    Row("an unplanned one", DEAD, Verb.LOCK, "failover to standby, asked for by ann", want=UNPLANNED),
    Row("an unplanned one of a pair that is well", WELL, Verb.LOCK, "asked for by ann", want=UNPLANNED),
    Row("what speaks against it", look(WELL, standby=DEAF), Verb.HOLD, "does not stream", want=PLANNED),
    Row("an unfit replica", look(HELD, standby=BACKED_UP), Verb.HOLD, "backing-up", want=BY_ITSELF),
    Row("one that began by itself", HELD, Verb.LOCK, "asked for by the controller: dead", want=BY_ITSELF),
    Row("so it did, in mode approve", HELD, Verb.LOCK, "the controller: dead", want=BY_ITSELF, policy=APPROVE),
    Row("so it did, in mode off", HELD, Verb.HOLD, "automatic moves are off", want=BY_ITSELF, policy=OFF),
    Row("its cause is over", suspected(WELL), Verb.HOLD, "its cause is over: nothing is wrong", want=BY_ITSELF),
    Row("it is not suspected", DEAD, Verb.HOLD, "its cause is over", want=BY_ITSELF),
    Row("another cause was suspected", suspected(DEAD, Cause.GONE), Verb.HOLD, "its cause is over", want=BY_ITSELF),
    Row("it is suspected 90 s ago", suspected(DEAD, seen=90.0), Verb.LOCK, "the controller: dead", want=BY_ITSELF),
    Row("it is suspected 91 s ago", suspected(DEAD, seen=91.0), Verb.HOLD, "its cause is over", want=BY_ITSELF),
    Row("the patience is not over", suspected(DEAD, since=179.0), Verb.HOLD, "its cause is over", want=BY_ITSELF),
    Row("the patience is over", suspected(DEAD, since=180.0), Verb.LOCK, "the controller: dead", want=BY_ITSELF),
    Row(
        "suspected of what may not act",
        suspected(look(WELL, standby=DEAF), Cause.REPLICATION_BROKEN),
        Verb.HOLD,
        "its cause is over: the replica hears nothing",
        want=BY_ITSELF,
    ),
)


@pytest.mark.parametrize("row", [*WATCHED, *WANTED], ids=lambda row: row.what)
def test_the_rules(row: Row) -> None:
    assert not departure(row)


@pytest.mark.parametrize(
    ("seen", "after"),
    [
        (DEAD, Suspicion(Cause.DEAD, AT, AT)),
        (suspected(DEAD, Cause.GONE), Suspicion(Cause.DEAD, AT, AT)),
        (suspected(DEAD, seen=91.0), Suspicion(Cause.DEAD, AT, AT)),
        (suspected(DEAD, since=170.0), Suspicion(Cause.DEAD, AT - 170.0, AT)),
        (look(HELD, standby=BACKED_UP), Suspicion(Cause.DEAD, AT - 200.0, AT)),
        (suspected(WELL), None),
    ],
)
def test_a_suspicion_counts_from_the_first_of_looks_without_a_gap(seen: Observation, after: Suspicion | None) -> None:
    action = decide(seen, POLICY, None)
    assert action.before == seen.state
    assert action.after is not None
    assert action.after.suspicion == after


def test_a_move_that_begins_by_itself_is_of_the_next_epoch_and_nobodys_yes() -> None:
    action = decide(HELD, POLICY, None)
    assert (action.want, action.before, action.after) == (BY_ITSELF, HELD.state, None)


@pytest.mark.parametrize(
    ("seen", "want", "reason"),
    [
        (WELL, PLANNED, "switchover to standby, asked for by ann"),
        (HELD, BY_ITSELF, "failover to standby, asked for by the controller: dead"),
    ],
)
def test_the_lock_says_who_wants_what_and_why(seen: Observation, want: Want, reason: str) -> None:
    assert decide(seen, POLICY, want).reason == reason


@pytest.mark.parametrize(
    ("seen", "want", "approved"), [(WELL, PLANNED, "ann"), (DEAD, UNPLANNED, "ann"), (HELD, BY_ITSELF, None)]
)
def test_the_lock_is_of_the_next_epoch(seen: Observation, want: Want, approved: str | None) -> None:
    action = decide(seen, POLICY, want)
    assert action.after is not None
    assert (action.after.epoch, action.after.active) == (EPOCH + 1, HOME)
    assert action.after.move == Move(
        epoch=EPOCH + 1,
        kind=want.kind,
        source=HOME,
        target=STANDBY,
        holder=ME,
        until=AT + 120.0,
        begun=AT,
        by=want.by,
        cause=want.cause,
        approved=approved,
        first=EPOCH + 1,
    )
