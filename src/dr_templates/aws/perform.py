"""One step, done and written down, so that whoever comes after a crash at any point can go on from there.

A step that only changes the state is one conditional write. A step of a move that does something in the world renews
the lock first, which only its holder can; then does it; then writes down that it is done.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace

from dr_templates.aws import effects, journal, publish
from dr_templates.aws.clients import AWS_ERRORS
from dr_templates.aws.hands import Hands, unable
from dr_templates.aws.table import Table, demand_state, write_state
from dr_templates.failover.loop import LostError, UnableError
from dr_templates.failover.model import Action, Verb
from dr_templates.failover.state import Phase, State, succeed

SUSPICION = frozenset({Verb.SUSPECT, Verb.TRUST, Verb.WAIT, Verb.BEGIN})
GATES = frozenset({Verb.FENCE, Verb.UNFENCE})
"""What may be done without a move as well: shutting a second primary, opening what a move has left shut."""


def perform(hands: Hands, action: Action) -> None:
    """Do one step; doing it twice is as good as once. Raises ``LostError`` and ``UnableError``.

    What becomes of a step of a move is told in the journal. That, and the metric of a name that has moved, is done as
    well as can be: neither makes a step fail.
    """
    try:
        _do(hands, action)
    except (LostError, UnableError) as error:
        _tell(hands, action, str(error))
        raise
    _tell(hands, action, "")


def _do(hands: Hands, action: Action) -> None:
    before, after, acts = action.before, action.after, action.verb in effects.EFFECTS
    if acts and before is not None and after is not None:
        before = _renewed(hands, before, after)
        after = _recorded(before, after)
    elif before is not None and (action.verb in GATES or action.copy is not None):
        with unable("Reading the state"):
            demand_state(hands.state, before)
    if acts:
        effects.carry_out(hands, action)
    if action.copy is not None and action.site is not None and after is not None:
        _write(hands.table(action.site), action.copy, after)
    if before is not None and after is not None:
        _write(hands.state, before, after)


def _renewed(hands: Hands, before: State, after: State) -> State:
    """Write that the move is still ours, and give what is written: nobody else begins anything for a while.

    When its target answered last is written with it, as the step may fail and leave nothing behind.
    """
    if before.move is None:
        return before
    until = max(before.move.until, hands.clock() + hands.hold)
    answered = after.move.answered if after.move else before.move.answered
    held = succeed(before, move=replace(before.move, until=until, answered=answered))
    _write(hands.state, before, held)
    return held


def _recorded(held: State, after: State) -> State:
    """Give the document after an effect: it follows the renewed one, and does not shorten the lock."""
    move = after.move
    if move is not None and held.move is not None:
        move = replace(move, until=max(move.until, held.move.until))
    return replace(after, serial=held.serial + 1, move=move)


def _write(table: Table, before: State, after: State) -> None:
    with unable("Writing the state"):
        write_state(table, before, after)


def _tell(hands: Hands, action: Action, trouble: str) -> None:
    note = journal.entry(action, hands.clock(), trouble)
    if note is not None:
        with contextlib.suppress(*AWS_ERRORS):
            journal.append(hands.state, note)
    if action.before is not None and (_moved(action.before) or _watching(action)):
        with contextlib.suppress(*AWS_ERRORS):
            publish.active(hands.clients, hands.names, action.before)


def _watching(action: Action) -> bool:
    """Tell whether a tick watches a cause instead of keeping things as they are: who is active has to be said still."""
    state = action.before
    return state is not None and state.serial > 0 and state.move is None and action.verb in SUSPICION


def _moved(state: State | None) -> bool:
    """Tell whether a move has the name already and is not over: then no tick may come by to say so every minute."""
    move = state.move if state else None
    return move is not None and move.phase is Phase.SEALED and move.named
