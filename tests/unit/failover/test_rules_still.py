"""The rules for what is left over and for keeping still: what is seen and wanted, what is done, and why."""

from dataclasses import replace

import pytest

from dr_templates.failover import gate
from dr_templates.failover.cause import Cause
from dr_templates.failover.decide import decide
from dr_templates.failover.model import Gate, Mode, Observation, Pulse, Verb, Want
from dr_templates.failover.state import Kind, Pause, Suspicion
from simulation.looks import (
    AT,
    DEAD,
    DEAF,
    EPOCH,
    NUMBER,
    SERVING,
    SILENT,
    WELL,
    Row,
    by,
    departure,
    half,
    look,
    stated,
)
from simulation.net import HOME, STANDBY

WANT = Want(Kind.SWITCHOVER, STANDBY, EPOCH + 1, "ann")
NEW = stated(WELL, serial=0, epoch=0)
"""Nothing is written yet."""
PAUSE = Pause("ann", "patching", AT + 60.0)
PAUSED = {"pause": PAUSE}
COOLING = {"cool_until": AT + 60.0}
ROGUE = look(WELL, standby=SERVING)
NEXT = frozenset({gate.number(EPOCH + 1)})


def shut(*denies: int) -> Observation:
    return look(WELL, {"gate": by(*denies)})


STRAY = (
    Row("a second primary", ROGUE, Verb.FENCE, Cause.ROGUE.words, site=STANDBY, denies=frozenset({NUMBER}), seconds=10),
    Row("while paused", stated(ROGUE, **PAUSED), Verb.FENCE, Cause.ROGUE.words, site=STANDBY),
    Row("while cooling down", stated(ROGUE, **COOLING), Verb.FENCE, Cause.ROGUE.words, site=STANDBY),
    Row("while a move is wanted", ROGUE, Verb.FENCE, Cause.ROGUE.words, want=WANT),
    Row("and the active one is shut", look(shut(NUMBER), standby=SERVING), Verb.FENCE, Cause.ROGUE.words),
    Row("left shut", shut(NUMBER), Verb.UNFENCE, "has left it shut", site=HOME, denies=frozenset({NUMBER}), seconds=1),
    Row("left shut on the way in", look(WELL, {"gate": half(NUMBER)}), Verb.UNFENCE, "has left it shut"),
    Row(
        "on the way out", look(WELL, {"gate": Gate(frozenset(), frozenset({NUMBER}))}), Verb.UNFENCE, "has left it shut"
    ),
    Row("left shut while paused", stated(shut(NUMBER), **PAUSED), Verb.UNFENCE, "has left it shut"),
    Row("left shut while cooling down", stated(shut(NUMBER), **COOLING), Verb.UNFENCE, "has left it shut"),
    Row("left shut while a move is wanted", shut(NUMBER), Verb.UNFENCE, "has left it shut", want=WANT),
    Row("shut by the next epoch", shut(*NEXT), Verb.KEEP, Cause.SHUT.words),
    Row("shut by the tenth from now", shut(gate.number(EPOCH + 10)), Verb.KEEP, Cause.SHUT.words),
    Row("shut by the eleventh", shut(gate.number(EPOCH + 11)), Verb.UNFENCE, "has left it shut"),
    Row("shut by the one before and the next", shut(NUMBER, *NEXT), Verb.UNFENCE, "", denies=frozenset({NUMBER})),
    Row("shut by its watchdog", shut(gate.OWN), Verb.SUSPECT, Cause.ISOLATED.words),
    Row("shut by the first number", shut(103), Verb.UNFENCE, "", denies=frozenset({103})),
    Row("shut by the last number", shut(192), Verb.UNFENCE, "", denies=frozenset({192})),
    Row("shut by numbers that are none of ours", shut(102, 193), Verb.KEEP, "nothing is wrong"),
)

HANDS_OFF = (
    Row("paused", stated(DEAD, **PAUSED), Verb.KEEP, "paused by ann: patching; drctl resume ends it"),
    Row("paused, and a want", stated(WELL, **PAUSED), Verb.HOLD, "paused by ann: patching", want=WANT),
    Row("a pause ends now", stated(DEAD, pause=replace(PAUSE, until=AT)), Verb.SUSPECT, Cause.DEAD.words),
    Row("cooling down", stated(DEAD, **COOLING), Verb.KEEP, "no move for another 60 s after the last one"),
    Row("cooling down, and a want", stated(WELL, **COOLING), Verb.HOLD, "no move for another 60 s", want=WANT),
    Row("cooled down now", stated(DEAD, cool_until=AT), Verb.SUSPECT, Cause.DEAD.words),
    Row("paused and cooling down", stated(WELL, **PAUSED, **COOLING), Verb.KEEP, "paused by ann"),
)


@pytest.mark.parametrize("row", [*STRAY, *HANDS_OFF], ids=lambda row: row.what)
def test_the_rules(row: Row) -> None:
    assert not departure(row)


@pytest.mark.parametrize(
    ("seen", "pulse"),
    [
        (WELL, Pulse(HOME, AT, 1000, fed=AT)),
        (look(WELL, standby=DEAF), Pulse(HOME, AT, 1000)),
        (look(WELL, standby={"streaming": None}), Pulse(HOME, AT, 1000, fed=AT - 10.0)),
        (look(WELL, standby={"streaming": None}, pulse=Pulse(HOME, AT - 60.0)), Pulse(HOME, AT, 1000)),
        (look(WELL, standby={"streaming": None}, pulse=Pulse(STANDBY, AT - 60.0, fed=1.0)), Pulse(HOME, AT, 1000)),
        (look(WELL, standby={"streaming": None}, pulse=None), Pulse(HOME, AT, 1000)),
        (look(WELL, SILENT), None),
        (look(WELL, {"in_recovery": True}), None),
    ],
)
def test_a_tick_that_changes_nothing_notes_who_is_active_and_the_pulse_of_one_that_takes_writes(
    seen: Observation, pulse: Pulse | None
) -> None:
    action = decide(stated(seen, **PAUSED), Row.policy, None)
    assert (action.verb, action.site, action.pulse) == (Verb.KEEP, HOME, pulse)
    assert action.before is not None
    assert action.after is None


def test_a_tick_that_changes_nothing_says_what_is_wrong() -> None:
    assert decide(stated(DEAD, **PAUSED), Row.policy, None).cause is Cause.DEAD
    assert decide(WELL, Row.policy, None).cause is Cause.NOTHING


def test_nothing_is_noted_where_nothing_is_written() -> None:
    action = decide(look(NEW, standby=SILENT), Row.policy, None)
    assert (action.site, action.before, action.pulse) == (None, None, None)


def test_mode_off_leaves_what_is_over_and_what_is_second_shut_or_opened_all_the_same() -> None:
    off = replace(Row.policy, mode=Mode.OFF)
    assert decide(ROGUE, off, None).verb is Verb.FENCE
    assert decide(shut(NUMBER), off, None).verb is Verb.UNFENCE


def test_a_suspicion_is_kept_where_it_is_while_nothing_may_move() -> None:
    suspected = stated(DEAD, suspicion=Suspicion(Cause.DEAD, AT - 900.0, AT - 60.0), **PAUSED)
    assert decide(suspected, Row.policy, None).after is None
