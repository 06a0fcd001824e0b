"""The end of a move: turned back and opened, written down, told; and which cool-down follows."""

from dataclasses import replace

import pytest

from dr_templates.failover import gate
from dr_templates.failover.decide import decide
from dr_templates.failover.model import Gate, Observation, Verb
from dr_templates.failover.state import Ended, Kind, Pause, Phase, Suspicion
from simulation.looks import (
    AT,
    EPOCH,
    NUMBER,
    POLICY,
    SERVING,
    UNSEEN,
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

OFF = moving(WELL, kind=Kind.FAILOVER, phase=Phase.CALLED_OFF, turned=AT - 10.0, result="called off by ann")
"""A move that was called off, with nothing left shut."""
UNREAD = look(OFF, {"gate": Gate()})
NOT_READ = "the gate of home cannot be read"


def shut(*denies: int) -> Observation:
    return look(OFF, {"gate": by(*denies)})


ONLY = frozenset({NUMBER})
OLDER = gate.number(EPOCH - 1)

BACK = (
    Row(
        "shut",
        shut(NUMBER),
        Verb.UNFENCE,
        "home takes writes again: called off by ann",
        site=HOME,
        denies=ONLY,
        seconds=1,
    ),
    Row("shut on the way in", look(OFF, {"gate": half(NUMBER)}), Verb.UNFENCE, "takes writes again", denies=ONLY),
    Row("one way cannot be read", look(OFF, {"gate": Gate(ONLY)}), Verb.UNFENCE, "takes writes again", denies=ONLY),
    Row("shut by another as well", shut(NUMBER, OLDER), Verb.UNFENCE, "", denies=ONLY | {OLDER}),
    Row("shut by itself as well", shut(NUMBER, gate.OWN), Verb.UNFENCE, "takes writes again", denies=ONLY),
    Row("shut by itself alone", shut(gate.OWN), Verb.RECORD, "called off by ann"),
    Row("shut long after", moving(shut(NUMBER), turned=AT - 900.0), Verb.UNFENCE, "takes writes again"),
    Row("open", OFF, Verb.RECORD, "called off by ann"),
    Row("not to be read", UNREAD, Verb.WAIT, NOT_READ, seconds=2.0),
    Row("half of it not to be read", look(OFF, {"gate": Gate(frozenset())}), Verb.WAIT, NOT_READ),
    Row("not to be read for a minute", moving(UNREAD, turned=AT - 60.0), Verb.WAIT, NOT_READ),
    Row("not to be read for longer", moving(UNREAD, turned=AT - 60.1), Verb.RECORD, "called off by ann"),
    Row("paused", stated(OFF, pause=Pause("ann", "wait", AT + 60.0)), Verb.RECORD, "called off by ann"),
    Row("nothing of it is seen", look(OFF, UNSEEN), Verb.WAIT, NOT_READ),
)

DONE = moving(WELL, phase=Phase.DONE, turned=AT - 300.0, result="standby is primary; nothing was lost")
TOLD = (
    Row("it is told", DONE, Verb.NOTIFY, "standby is primary; nothing was lost", site=HOME, seconds=1.0),
    Row("nobody can be told for long", moving(DONE, turned=AT - 300.1), Verb.RELEASE, "nobody could be told of it"),
    Row(
        "a pause is told as well", stated(DONE, pause=Pause("ann", "wait", AT + 60.0)), Verb.NOTIFY, "nothing was lost"
    ),
)


@pytest.mark.parametrize("row", [*BACK, *TOLD], ids=lambda row: row.what)
def test_the_table(row: Row) -> None:
    assert not departure(row)


@pytest.mark.parametrize("seen", [DONE, moving(DONE, turned=AT - 900.0)], ids=["told", "not told"])
def test_either_way_the_lock_is_let_go(seen: Observation) -> None:
    after = decide(seen, POLICY, None).after
    assert after is not None
    assert after.move is None
    assert after.active == HOME


def test_what_could_not_be_opened_is_told() -> None:
    after = decide(moving(UNREAD, turned=AT - 900.0), POLICY, None).after
    assert after is not None
    assert after.last is not None
    assert after.last.left == ("the gate of home could not be opened from here",)
    opened = decide(OFF, POLICY, None).after
    assert opened is not None
    assert opened.last is not None
    assert opened.last.left == ()


KEPT = {"cool_until": AT - 5000.0, "drilled": AT - 9000.0, "suspicion": Suspicion("dead", AT - 9.0, AT - 3.0)}


def ended(kind: Kind) -> Observation:
    """Give a move with nothing left to do after its promotion."""
    up = look(WELL, standby=SERVING)
    done = {"asked": AT - 99.0, "named": True, "verified": AT - 9.0, "detached": True}
    return stated(moving(up, kind=kind, phase=Phase.SEALED, turned=AT - 99.0, **done), **KEPT)


@pytest.mark.parametrize(
    ("seen", "kind", "moved", "cool_until", "drilled"),
    [
        (ended(Kind.SWITCHOVER), Kind.SWITCHOVER, True, AT + 3600.0, AT),
        (ended(Kind.FAILOVER), Kind.FAILOVER, True, AT + 3600.0, AT - 9000.0),
        (stated(OFF, **KEPT), Kind.FAILOVER, False, AT - 5000.0, AT - 9000.0),
        (stated(moving(OFF, kind=Kind.SWITCHOVER), **KEPT), Kind.SWITCHOVER, False, AT - 5000.0, AT - 9000.0),
    ],
    ids=["a switchover", "a failover", "a failover called off", "a switchover called off"],
)
def test_it_is_written_down_and_after_one_that_has_moved_nothing_moves_for_a_while(
    seen: Observation, kind: Kind, cool_until: float, drilled: float, *, moved: bool
) -> None:
    action = decide(seen, POLICY, None)
    after = action.after
    assert after is not None
    assert after.last == Ended(EPOCH, kind, HOME, STANDBY, moved, AT, action.reason)
    assert (after.cool_until, after.drilled, after.suspicion) == (cool_until, drilled, None)
    assert after.move is not None
    assert (after.move.phase, after.move.turned, after.move.result) == (Phase.DONE, AT, action.reason)
    assert after.move.until == AT + POLICY.hold
    assert after.active == (STANDBY if moved else HOME)


def test_a_longer_drain_waits_longer_for_a_gate() -> None:
    longer = replace(POLICY, drain=120.0)
    assert decide(moving(UNREAD, turned=AT - 120.0), longer, None).verb is Verb.WAIT
    assert decide(moving(UNREAD, turned=AT - 120.1), longer, None).verb is Verb.RECORD
