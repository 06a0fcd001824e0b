"""What a person's order makes of the document, to the field; and which of two documents is the later one."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from dr_templates.failover import gate, orders
from dr_templates.failover.guard import Post, guard
from dr_templates.failover.model import Gate, Verb
from dr_templates.failover.state import Kind, Move, Pause, Phase, State, succeed
from simulation.looks import AT, EPOCH, MOVE, NUMBER, STATE, by
from simulation.net import HOME, STANDBY

UNTIL = AT + 90.0
OPEN = replace(STATE, move=MOVE)
APPROVED = replace(STATE, move=replace(MOVE, approved="bob"))
PAUSED = replace(STATE, pause=Pause("bob", "patching", UNTIL))


def of(phase: Phase) -> State:
    return replace(STATE, move=replace(MOVE, phase=phase))


WRITES: dict[str, tuple[State, State]] = {
    "yes": (orders.approve(OPEN, "ann"), succeed(OPEN, move=replace(MOVE, approved="ann"))),
    "no": (
        orders.deny(OPEN, "ann", AT, 3600.0),
        succeed(
            OPEN,
            move=replace(MOVE, phase=Phase.CALLED_OFF, turned=AT, result="called off by ann"),
            cool_until=AT + 3600.0,
        ),
    ),
    "no after a yes": (
        orders.deny(APPROVED, "ann", AT, 90.0),
        succeed(
            APPROVED,
            move=replace(MOVE, approved="bob", phase=Phase.CALLED_OFF, turned=AT, result="called off by ann"),
            cool_until=UNTIL,
        ),
    ),
    "wait": (orders.pause(OPEN, "ann", "why", UNTIL), succeed(OPEN, pause=Pause("ann", "why", UNTIL))),
    "go on after a pause": (orders.resume(PAUSED), succeed(STATE)),
    "go on after a cool-down": (orders.resume(replace(STATE, cool_until=UNTIL)), succeed(STATE)),
    "go on after both": (orders.resume(replace(PAUSED, cool_until=UNTIL)), succeed(STATE)),
    "an epoch is used up": (orders.skip(STATE), succeed(STATE, epoch=EPOCH + 1)),
    "go on alone": (orders.break_glass(STATE, "ann", UNTIL), succeed(STATE, epoch=EPOCH + 901, alone="ann")),
    "go on alone, whatever was paused or cooled down": (
        orders.break_glass(replace(PAUSED, cool_until=UNTIL), "ann", UNTIL),
        succeed(STATE, epoch=EPOCH + 901, alone="ann"),
    ),
    "go on alone with a move": (
        orders.break_glass(replace(STATE, move=replace(MOVE, fenced=AT - 5.0, holder="them")), "ann", UNTIL),
        succeed(
            STATE,
            epoch=EPOCH + 901,
            alone="ann",
            move=replace(MOVE, epoch=EPOCH + 901, holder="ann", until=UNTIL, fenced=None),
        ),
    ),
}


SEALED = replace(MOVE, phase=Phase.SEALED, holder="them", cause="dead", by="the controller", fenced=AT - 5.0)


def test_a_sealed_move_is_turned_back_as_the_next_epoch_and_by_whoever_says_so() -> None:
    state = replace(STATE, active=STANDBY, move=SEALED)
    turning = replace(
        SEALED,
        epoch=EPOCH + 1,
        phase=Phase.TURNING,
        holder="ann's machine",
        until=UNTIL,
        begun=AT,
        by="ann",
        cause="",
        approved="ann",
        fenced=None,
    )
    assert orders.turn_back(state, "ann", "ann's machine", AT, UNTIL) == succeed(state, epoch=EPOCH + 1, move=turning)


@pytest.mark.parametrize("what", WRITES)
def test_an_order_changes_this_and_nothing_else(what: str) -> None:
    got, wanted = WRITES[what]
    assert got == wanted


def yes(state: State) -> State:
    return orders.approve(state, "ann")


def no(state: State) -> State:
    return orders.deny(state, "ann", AT, 60.0)


def back(state: State) -> State:
    return orders.turn_back(state, "ann", "ann's machine", AT, UNTIL)


UNSEALED = [(back, of(phase), f"is {phase}: only a sealed one") for phase in Phase if phase is not Phase.SEALED]
PAST = [(order, of(phase), "past the point") for order in (yes, no) for phase in Phase if phase is not Phase.OPEN]


@pytest.mark.parametrize(
    ("order", "state", "reason"),
    [
        (yes, STATE, "no move is under way"),
        (no, STATE, "no move is under way"),
        (yes, APPROVED, "the move of epoch 4 has the yes of bob already"),
        (orders.resume, STATE, "nothing is paused, and nothing cools down"),
        (back, STATE, "no move is under way"),
        (back, replace(STATE, move=replace(SEALED, verified=AT)), "standby has taken a write as primary"),
        *UNSEALED,
        *PAST,
    ],
)
def test_an_order_that_has_nothing_to_apply_to_is_refused(
    order: Callable[[State], State], state: State, reason: str
) -> None:
    with pytest.raises(orders.RefusedError) as refused:
        order(state)
    assert reason in refused.value.reason


def test_an_epoch_without_the_control_region_has_a_number_that_is_not_close() -> None:
    alone = orders.break_glass(STATE, "ann", UNTIL).epoch
    assert gate.number(alone) != NUMBER
    assert alone > EPOCH + len(gate.EPOCHS)


@pytest.mark.parametrize(
    ("epoch", "serial", "newer"),
    [(4, 9, False), (4, 10, True), (4, 8, False), (5, 1, True), (5, 10, True), (3, 10, False), (3, 90, False)],
)
def test_the_epoch_says_which_document_is_later_and_then_the_serial(epoch: int, serial: int, *, newer: bool) -> None:
    assert replace(STATE, epoch=epoch, serial=serial).newer_than(STATE) is newer


def test_a_pause_holds_until_its_time() -> None:
    assert PAUSED.paused(UNTIL - 0.1)
    assert not PAUSED.paused(UNTIL)
    assert not STATE.paused(AT)


AWAY = replace(MOVE, kind=Kind.FAILOVER)
FENCE, KEEP, UNFENCE = Verb.FENCE, Verb.KEEP, Verb.UNFENCE


@pytest.mark.parametrize(
    ("move", "seen", "verb", "denies"),
    [
        (AWAY, by(), FENCE, {NUMBER}),
        (replace(AWAY, phase=Phase.CALLED_OFF), by(), KEEP, set()),
        (replace(AWAY, phase=Phase.CALLED_OFF), by(NUMBER), KEEP, set()),
        (replace(AWAY, phase=Phase.CALLED_OFF), by(NUMBER, gate.OWN), UNFENCE, {gate.OWN}),
        (replace(AWAY, phase=Phase.DONE), by(), KEEP, set()),
        (replace(AWAY, phase=Phase.DONE), by(NUMBER), UNFENCE, {NUMBER}),
        (replace(AWAY, kind=Kind.SWITCHOVER), by(), KEEP, set()),
        (replace(AWAY, source=STANDBY, target=HOME), by(), KEEP, set()),
        (replace(AWAY, source=STANDBY, target=HOME), by(NUMBER), UNFENCE, {NUMBER}),
    ],
)
def test_the_watchdog_shuts_its_site_for_an_unplanned_move_away_that_is_open_and_for_no_other(
    move: Move, seen: Gate, verb: Verb, denies: set[int]
) -> None:
    post = Post(AT, HOME, AT - 5.0, seen, replace(STATE, move=move), sure=True, replica=False)
    action = guard(post, 60.0)
    assert (action.verb, action.denies) == (verb, denies)
