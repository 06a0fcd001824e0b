"""What an unplanned move may cost: each bound of it, and each condition under which nothing is missing."""

from dataclasses import replace

import pytest

from dr_templates.failover import gate
from dr_templates.failover.cause import Cause
from dr_templates.failover.loss import drained, exposure
from dr_templates.failover.model import Answer, Beat, Observation, Pulse, Sight
from dr_templates.failover.state import Suspicion
from simulation.looks import (
    AT,
    DARK,
    DEAD,
    DEAF,
    FENCED,
    NUMBER,
    POLICY,
    PRIMARY,
    REPLICA,
    SILENT,
    UNSEEN,
    WELL,
    by,
    half,
    look,
    moving,
    sight,
    stated,
)
from simulation.net import HOME, STANDBY

STILL = sight(PRIMARY, {"sessions": 0})

UNDRAINED: dict[str, tuple[Sight, Sight]] = {
    "its source is silent": (sight(STILL, {"answer": Answer.SILENT}), REPLICA),
    "its source is in recovery": (sight(STILL, {"in_recovery": True}), REPLICA),
    "its source has a session": (sight(STILL, {"sessions": 1}), REPLICA),
    "the sessions are not known": (sight(STILL, {"sessions": None}), REPLICA),
    "its source does not tell how far it is": (sight(STILL, {"written": None}), REPLICA),
    "it does not tell how far it is": (STILL, sight(REPLICA, {"replayed": None})),
    "a byte is missing": (STILL, sight(REPLICA, {"replayed": 999})),
    "a byte has come and is not replayed": (
        sight(STILL, {"written": 1001}),
        sight(REPLICA, {"received": 1001}),
    ),
    "it is of another cluster": (STILL, sight(REPLICA, {"system": "8"})),
    "it is on another timeline": (STILL, sight(REPLICA, {"timeline": 2})),
    "neither tells of its cluster": (sight(STILL, {"system": None}), sight(REPLICA, {"system": None})),
    "neither tells of its timeline": (sight(STILL, {"timeline": None}), sight(REPLICA, {"timeline": None})),
}


@pytest.mark.parametrize("what", UNDRAINED)
def test_a_replica_has_not_got_it_all_when(what: str) -> None:
    assert not drained(*UNDRAINED[what])


@pytest.mark.parametrize("replayed", [1000, 1001])
def test_a_replica_has_got_it_all_when_it_has_replayed_as_much(replayed: int) -> None:
    assert drained(STILL, sight(REPLICA, {"replayed": replayed}))


BEAT = {"beat": Beat(HOME, 5, AT - 300.0)}
TILL_NOW = 305.0
"""From the beat until now, and the clocks."""
BEHIND = look(DEAD, standby={**BEAT, "received": 900, "replayed": 800})
SHUT = moving(look(BEHIND, {"gate": by(NUMBER)}), fenced=AT - 100.0)
ISOLATED = stated(look(BEHIND, {"gate": by(gate.OWN)}), suspicion=Suspicion(Cause.ISOLATED, AT - 200.0, AT - 5.0))
DARK_BEHIND = look(DARK, standby=BEAT)

SECONDS: dict[str, tuple[Observation, float | None]] = {
    "nothing bounds it": (BEHIND, TILL_NOW),
    "no document": (replace(BEHIND, state=None), TILL_NOW),
    "no heartbeat": (look(BEHIND, standby={"beat": None}), None),
    "a move has shut it": (SHUT, 203.0 + 5.0),
    "a move has, and does not know since when": (moving(SHUT, fenced=None), TILL_NOW),
    "a move has, and the gate is open again": (look(SHUT, {"gate": by()}), TILL_NOW),
    "shut by another than the move": (look(SHUT, {"gate": by(gate.OWN)}), TILL_NOW),
    "suspected to have shut itself": (ISOLATED, 100.0 + 3.0 + 5.0),
    "so it was, and its gate is open": (look(ISOLATED, {"gate": by()}), TILL_NOW),
    "so it was, and its gate is shut in one direction": (look(ISOLATED, {"gate": half(gate.OWN)}), TILL_NOW),
    "shut, and suspected of something else": (
        stated(ISOLATED, suspicion=Suspicion(Cause.DEAD, AT - 200.0, AT - 5.0)),
        TILL_NOW,
    ),
    "shut, and not suspected": (stated(ISOLATED, suspicion=None), TILL_NOW),
    "gone": (DARK_BEHIND, 300.0 - 100.0 + 60.0 + 5.0 + 5.0),
    "not quite gone": (look(DARK_BEHIND, {"armed": False}), TILL_NOW),
    "the earliest of all": (moving(look(ISOLATED, {"gate": by(gate.OWN, NUMBER)}), fenced=AT - 100.0), 108.0),
    "a heartbeat from after the end": (look(SHUT, standby={"beat": Beat(HOME, 9, AT)}), 5.0),
    "shut, drained, and the heartbeat not known": (look(WELL, FENCED, {"beat": None}), 0.0),
}


@pytest.mark.parametrize("what", SECONDS)
def test_the_most_that_is_missing_in_seconds(what: str) -> None:
    seen, seconds = SECONDS[what]
    assert exposure(seen, STANDBY, POLICY).seconds == seconds


BYTES: dict[str, tuple[Observation, int | None]] = {
    "by what the primary was last seen to have written": (BEHIND, 100),
    "by its own word, which is later": (look(BEHIND, {"sql": PRIMARY.sql, "written": 1500}), 600),
    "by its own word, and it does not tell": (look(BEHIND, {"sql": PRIMARY.sql, "written": None}), None),
    "what a silent one has said is no word of it": (look(BEHIND, {"written": 5000}), 100),
    "what the other one had written is not its own": (replace(BEHIND, pulse=Pulse(STANDBY, AT - 10.0, 5000)), None),
    "it was never seen well": (replace(BEHIND, pulse=None), None),
    "it was, and did not tell": (replace(BEHIND, pulse=Pulse(HOME, AT - 10.0)), None),
    "replayed alone is known": (look(BEHIND, standby={"received": None}), 200),
    "received alone is known": (look(BEHIND, standby={"replayed": None}), 100),
    "neither is known": (look(BEHIND, standby={"received": None, "replayed": None}), None),
    "more was replayed than received": (look(BEHIND, standby={"replayed": 950}), 50),
    "it is farther than its primary was": (look(BEHIND, standby={"received": 1200}), 0),
    "no heartbeat, and yet the bytes": (look(BEHIND, standby={"beat": None}), 100),
    "nothing": (look(WELL, FENCED), 0),
    "nothing can be asked there": (look(BEHIND, UNSEEN), 100),
}


@pytest.mark.parametrize("what", BYTES)
def test_what_is_known_to_be_missing_in_bytes(what: str) -> None:
    seen, missing = BYTES[what]
    assert exposure(seen, STANDBY, POLICY).bytes == missing


def test_the_base_of_these_tables_lacks_what_it_should() -> None:
    assert exposure(WELL, STANDBY, POLICY).bytes == 0
    assert exposure(WELL, STANDBY, POLICY).seconds == 7.0 + 5.0
    assert look(WELL, SILENT, {**DEAF, **BEAT, "received": 900, "replayed": 800}) == BEHIND
