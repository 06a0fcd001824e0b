"""A sealed move whose new primary serves: its backups, its secret, and what is told in the end."""

from dataclasses import replace

import pytest

from dr_templates.failover.decide import decide
from dr_templates.failover.model import Observation, Verb
from dr_templates.failover.state import Kind, Phase, Proof
from simulation.looks import (
    AT,
    DEAD,
    NUMBER,
    POLICY,
    SERVING,
    Row,
    by,
    departure,
    look,
    moving,
)
from simulation.net import STANDBY

PROOF = Proof(AT - 20.0, "home is fenced", loss_seconds=0.0)
SEEN = moving(
    look(DEAD, {"gate": by(NUMBER)}, SERVING),
    kind=Kind.FAILOVER,
    phase=Phase.SEALED,
    turned=AT - 20.0,
    proof=PROOF,
    asked=AT - 15.0,
    named=True,
    verified=AT - 5.0,
)
"""It has taken a write."""
WHOLE = moving(SEEN, detached=True)
NO_BACKUPS = {"backup_days": 0}


def since(seconds: float) -> float:
    return AT - seconds


LATE, JUST = {"verified": since(900.1)}, {"verified": since(900.0)}
BACKUPS, DETACHES = "standby has no backups yet", "the secret of standby becomes its own"
BARE = look(SEEN, standby=NO_BACKUPS)

AFTERWARDS = (
    Row("no backups", BARE, Verb.BACKUPS, BACKUPS, site=STANDBY, seconds=2.0),
    Row("no backups, for as long as is tried", moving(BARE, **JUST), Verb.BACKUPS, BACKUPS),
    Row("no backups, and late", moving(BARE, **LATE), Verb.RECORD, "standby is primary"),
    Row("backups not known", look(SEEN, standby={"backup_days": None}), Verb.DETACH, DETACHES),
    Row("a copied secret", SEEN, Verb.DETACH, DETACHES, site=STANDBY, seconds=2.0),
    Row("a copied secret, for as long as is tried", moving(SEEN, **JUST), Verb.DETACH, DETACHES),
    Row("a copied secret, and late", moving(SEEN, **LATE), Verb.RECORD, "standby is primary"),
    Row("all done", WHOLE, Verb.RECORD, "standby is primary; nothing was lost"),
)


@pytest.mark.parametrize("row", AFTERWARDS, ids=lambda row: row.what)
def test_the_table(row: Row) -> None:
    assert not departure(row)


BACKUPS_LEFT = "backups of standby are not set"
ROTATION_LEFT = "the secret of standby is not known to be its own, and to rotate there"


@pytest.mark.parametrize(
    ("seen", "left"),
    [
        (WHOLE, ()),
        (moving(SEEN, **LATE), (ROTATION_LEFT,)),
        (moving(BARE, **LATE), (BACKUPS_LEFT, ROTATION_LEFT)),
        (moving(BARE, **LATE, detached=True), (BACKUPS_LEFT,)),
    ],
    ids=["nothing", "the secret", "both", "the backups"],
)
def test_what_could_not_be_done_is_told(seen: Observation, left: tuple[str, ...]) -> None:
    after = decide(seen, POLICY, None).after
    assert after is not None
    assert after.last is not None
    assert (after.last.moved, after.last.left) == (True, left)
    assert after.move is not None
    assert after.move.left == left


@pytest.mark.parametrize(
    ("proof", "words"),
    [
        (PROOF, "standby is primary; nothing was lost"),
        (replace(PROOF, loss_seconds=12.4), "standby is primary; up to 12 s lost"),
        (replace(PROOF, loss_seconds=None), "standby is primary; an unknown amount may be lost"),
        (None, "standby is primary; an unknown amount may be lost"),
    ],
)
def test_the_result_says_what_was_lost(proof: Proof | None, words: str) -> None:
    action = decide(moving(WHOLE, proof=proof), POLICY, None)
    assert action.reason == words
    assert action.after is not None
    assert action.after.last is not None
    assert action.after.last.result == words
