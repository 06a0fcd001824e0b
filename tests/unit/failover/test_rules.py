"""The rules about documents, locks and answers: what is seen and wanted, what is done, and why."""

from dataclasses import replace

import pytest

from dr_templates.failover.decide import decide
from dr_templates.failover.model import Observation, Verb, Want
from dr_templates.failover.state import Ended, Kind, Phase
from simulation.looks import (
    AT,
    BEGUN_AGO,
    EPOCH,
    ME,
    MOVE,
    NUMBER,
    PRIMARY,
    REPLICA,
    SERVING,
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

WANT = Want(Kind.SWITCHOVER, STANDBY, EPOCH + 1, "ann")
COPY = replace(STATE, active=STANDBY, epoch=EPOCH + 1, serial=3)
THEIRS = replace(MOVE, epoch=EPOCH + 1, holder="them")


def copied(standby: object = None, home: object = None) -> Observation:
    return look(WELL, {"copy": home}, {"copy": standby})


ELSEWHERE = (
    Row("no document", replace(WELL, state=None), Verb.REST, "the state table cannot be read"),
    Row("no document, and a want", replace(WELL, state=None), Verb.HOLD, "the state table cannot be read", want=WANT),
    Row("a copy as old as ours", copied(STATE), Verb.KEEP, "nothing is wrong"),
    Row("a copy of our epoch", copied(replace(STATE, serial=50)), Verb.KEEP, "nothing is wrong"),
    Row("an older copy", copied(replace(STATE, epoch=3, serial=50)), Verb.KEEP, "nothing is wrong"),
    Row("a later one", copied(COPY), Verb.ADOPT, "the table at standby knows epoch 5, ours only 4", site=STANDBY),
    Row("a later one at home", copied(home=COPY), Verb.ADOPT, "the table at home knows epoch 5", site=HOME),
    Row(
        "two later ones",
        copied(replace(COPY, serial=50), replace(COPY, epoch=EPOCH + 2)),
        Verb.ADOPT,
        "home knows epoch 6",
    ),
    Row("of one epoch", copied(replace(COPY, serial=4), COPY), Verb.ADOPT, "the table at standby"),
    Row("of one epoch, the other way round", copied(COPY, replace(COPY, serial=4)), Verb.ADOPT, "the table at home"),
    Row("its move is alive", copied(replace(COPY, move=THEIRS)), Verb.KEEP, "without this table is under way, held by"),
    Row("its lock ends now", copied(replace(COPY, move=replace(THEIRS, until=AT))), Verb.KEEP, "held by them"),
    Row("so it does, and a want", copied(replace(COPY, move=THEIRS)), Verb.HOLD, "held by them", want=WANT),
    Row("its lock has run out", copied(replace(COPY, move=replace(THEIRS, until=AT - 0.1))), Verb.ADOPT, "epoch 5"),
    Row(
        "a later one, while a move of ours is under way",
        moving(copied(COPY), phase=Phase.OPEN),
        Verb.ADOPT,
        "epoch 5",
    ),
    Row("a later one, and nothing is written here", stated(copied(COPY), serial=0, epoch=0), Verb.ADOPT, "epoch 5"),
)

NEW = stated(WELL, serial=0, epoch=0)
"""Nothing is written yet."""
TURNED = replace(NEW, sites={HOME: REPLICA, STANDBY: PRIMARY})
NOT_SEEN = "a primary with its replica is not seen"

UNWRITTEN = (
    Row("a primary and its replica", NEW, Verb.ADOPT, "first look: home is primary", site=HOME),
    Row("home is the replica", TURNED, Verb.ADOPT, "first look: standby is primary", site=STANDBY),
    Row("and a want", NEW, Verb.ADOPT, "first look: home is primary", want=WANT),
    Row("and a second look", stated(WELL, serial=1, epoch=0), Verb.KEEP, "nothing is wrong"),
    Row("no replica", look(NEW, standby={**SILENT, "status": "absent"}), Verb.REST, NOT_SEEN),
    Row("a silent replica", look(NEW, standby=SILENT), Verb.REST, NOT_SEEN),
    Row("no primary", look(NEW, SILENT), Verb.REST, NOT_SEEN),
    Row("a fenced primary", look(NEW, {"gate": by(NUMBER), "sessions": 0}), Verb.REST, NOT_SEEN),
    Row("two primaries", look(NEW, standby=SERVING), Verb.REST, NOT_SEEN),
    Row("two replicas", replace(NEW, sites={HOME: REPLICA, STANDBY: REPLICA}), Verb.REST, NOT_SEEN),
    Row("no replica, and a want", look(NEW, standby=SILENT), Verb.HOLD, NOT_SEEN, want=WANT),
)

HELD = moving(WELL, holder="them")
ABOUT_TO = "who has not been heard for long"


def lasting(seconds: float) -> Observation:
    return moving(WELL, holder="them", until=AT + seconds)


UNDER_WAY = (
    Row("ours", moving(WELL), Verb.FENCE, "home is not shut yet"),
    Row("ours, its lock run out", moving(WELL, until=AT - 900.0), Verb.FENCE, "home is not shut yet"),
    Row("another's", HELD, Verb.KEEP, "epoch 4 moves to standby, held by them"),
    Row("another's, and a want", HELD, Verb.HOLD, "held by them", want=WANT),
    Row("another's, for 45 s", lasting(45.0), Verb.KEEP, "held by them"),
    Row("another's, for less", lasting(44.0), Verb.WAIT, ABOUT_TO, seconds=45.0),
    Row("another's, till now", lasting(0.0), Verb.WAIT, ABOUT_TO, seconds=1.0),
    Row("another's, for less, and a want", lasting(44.0), Verb.HOLD, "held by them", want=WANT),
    Row("another's no longer", lasting(-0.1), Verb.TAKE, "them has left epoch 4 open"),
    Row("another's no longer, and a want", lasting(-0.1), Verb.TAKE, "them has left", want=WANT),
    Row("a second primary meanwhile", look(HELD, standby=SERVING), Verb.KEEP, "held by them"),
    Row("asked for, and under way", moving(WELL), Verb.FENCE, "not shut", want=replace(WANT, epoch=EPOCH)),
    Row("asked for the active site, and under way", HELD, Verb.HOLD, "held by them", want=replace(WANT, to=HOME)),
)

NEXT = Want(Kind.SWITCHOVER, HOME, EPOCH + 1, "ann")
LAST = Ended(EPOCH, Kind.SWITCHOVER, HOME, STANDBY, moved=False, at=AT - 60.0, result="called off by ann")
MOVED = replace(LAST, source=STANDBY, target=HOME, moved=True, result="home is primary; nothing was lost")
THIS = replace(WANT, epoch=EPOCH)
HOMEWARD = replace(WANT, to=HOME)

ANSWERED = (
    Row("called off", stated(WELL, last=LAST), Verb.HOLD, "called off by ann", want=THIS),
    Row("called off before", stated(WELL, last=LAST), Verb.LOCK, "switchover to standby", want=WANT),
    Row("moved", stated(WELL, last=MOVED), Verb.REST, "home is primary; nothing was lost", want=replace(THIS, to=HOME)),
    Row(
        "active already, after another's end", stated(WELL, last=LAST), Verb.REST, "home is primary already", want=NEXT
    ),
    Row("active already", WELL, Verb.REST, "home is primary already", want=HOMEWARD),
    Row("active already, and a second primary", look(WELL, standby=SERVING), Verb.REST, "already", want=HOMEWARD),
    Row(
        "an epoch that is over", stated(WELL, epoch=12), Verb.HOLD, "5 was asked for, and it is epoch 12 now", want=WANT
    ),
    Row("an epoch too far", WELL, Verb.HOLD, "6 was asked for, and it is epoch 4 now", want=replace(WANT, epoch=6)),
    Row("this epoch", WELL, Verb.HOLD, "epoch 4 was asked for, and it is epoch 4 now", want=THIS),
)


@pytest.mark.parametrize("row", [*ELSEWHERE, *UNWRITTEN, *UNDER_WAY, *ANSWERED], ids=lambda row: row.what)
def test_the_rules(row: Row) -> None:
    assert not departure(row)


def test_a_later_document_is_taken_over_behind_both_and_needs_no_word_to_go_on() -> None:
    ours, theirs = replace(STATE, serial=40), replace(COPY, alone="ann")
    action = decide(look(replace(WELL, state=ours), standby={"copy": theirs}), Row.policy, None)
    assert (action.before, action.copy) == (ours, theirs)
    assert action.after == replace(theirs, serial=41, alone="")
    late = replace(theirs, serial=70)
    action = decide(look(replace(WELL, state=ours), standby={"copy": late}), Row.policy, None)
    assert action.after == replace(late, serial=71, alone="")


@pytest.mark.parametrize(("seen", "active"), [(NEW, HOME), (TURNED, STANDBY)])
def test_the_first_document_says_who_is_seen_to_be_primary(seen: Observation, active: str) -> None:
    action = decide(seen, Row.policy, None)
    assert action.before == seen.state
    assert action.after is not None
    assert (action.after.active, action.after.serial, action.after.epoch) == (active, 1, 0)


@pytest.mark.parametrize(
    ("phase", "begun"),
    [(Phase.OPEN, AT), (Phase.TURNING, AT), (Phase.CALLED_OFF, AT - BEGUN_AGO), (Phase.SEALED, AT - BEGUN_AGO)],
)
def test_a_move_that_is_taken_over_is_ours_and_its_patience_begins_anew_until_it_is_sealed(
    phase: Phase, begun: float
) -> None:
    seen = moving(WELL, holder="them", until=AT - 1.0, phase=phase)
    action = decide(seen, Row.policy, None)
    assert action.before == seen.state
    assert action.after is not None
    taken = action.after.move
    assert taken is not None
    assert (taken.holder, taken.until, taken.begun, taken.phase) == (ME, AT + 120.0, begun, phase)
