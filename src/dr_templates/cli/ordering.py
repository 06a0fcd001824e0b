"""``drctl approve``, ``pause`` and ``resume``: what a person writes into the state, and nothing else."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from dr_templates.aws import journal, operator, table
from dr_templates.aws.journal import Order
from dr_templates.cli import desk, view
from dr_templates.cli.portrait import when
from dr_templates.errors import DrError, Exit
from dr_templates.failover import orders
from dr_templates.failover.codec import encode
from dr_templates.failover.loop import LostError
from dr_templates.failover.state import State

TRIES = 5
AGAIN_SECONDS = 0.5
Change = Callable[[State], State]


def approve(config: Path, output: str, *, deny: bool) -> None:
    """Say yes or no to the move that waits. Raises ``DrError`` (held) when none does."""
    here = _here(config)
    if deny:
        state = _give(here, lambda now: orders.deny(now, here.by, here.clock(), here.policy.cooldown))
    else:
        state = _give(here, partial(orders.approve, by=here.by))
    move = state.move
    told = f"epoch {move.epoch} to {move.target}" if move else "the move"
    words = f"{told} is called off; its source is opened again" if deny else f"{told} may go on"
    _note(here, Order.DENY if deny else Order.APPROVE, state, words)
    _tell(state, output, words)


def pause(config: Path, output: str, *, reason: str, seconds: int) -> None:
    """Let nothing move for as long. Raises ``DrError`` when that cannot be written."""
    here = _here(config)
    state = _give(here, lambda now: orders.pause(now, here.by, reason, here.clock() + seconds))
    words = f"nothing moves until {when(state.pause.until if state.pause else 0.0)}: {reason}"
    _note(here, Order.PAUSE, state, words)
    _tell(state, output, words)


def resume(config: Path, output: str) -> None:
    """End a pause and a cool-down. Raises ``DrError`` (held) when there is neither."""
    here = _here(config)
    state = _give(here, orders.resume)
    words = "moves are possible again"
    _note(here, Order.RESUME, state, words)
    _tell(state, output, words)


def _here(config: Path) -> desk.Desk:
    with view.progress("asking AWS who you are"):
        return desk.take(config)


def _give(here: desk.Desk, change: Change) -> State:
    """Write what a change makes of the state, over exactly what it was made from; anew when somebody was faster."""
    what, hint = "others write the state all the time", "Try again; drctl status shows who is at work."
    with view.progress("writing the order down"), operator.explained(here.where()):
        for _ in range(TRIES):
            before = table.read_state(here.table())
            if before is None:
                what, hint = "no state is written yet", "The controller writes it within minutes of its deploy."
                break
            try:
                after = change(before)
                table.write_state(here.table(), before, after)
            except orders.RefusedError as error:
                what, hint = error.reason, "See what there is: drctl status"
                break
            except LostError:
                here.pause(AGAIN_SECONDS)
            else:
                return after
    raise DrError(what=what, where=here.where(), hint=hint, code=Exit.HELD)


def _note(here: desk.Desk, what: Order, state: State, words: str) -> None:
    """Leave the order in the journal; it stands whether or not that can be done."""
    try:
        with operator.explained(here.where()):
            journal.append(here.table(), journal.order(what, state, here.by, here.clock(), words))
    except DrError as error:
        view.warn(f"the order stands, but is not in the history: {error.what}")


def _tell(state: State, output: str, words: str) -> None:
    if output == "json":
        view.data(encode(state))
    view.say(words)
