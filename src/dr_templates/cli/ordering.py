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
from dr_templates.topology import CONTROL

TRIES = 5
AGAIN_SECONDS = 0.5
Change = Callable[[State], State]


def approve(config: Path, output: str, *, deny: bool) -> None:
    """Say yes or no to the move that waits. Raises ``DrError`` (held) when none does."""
    here = _here(config)
    if deny:
        state = give(here, lambda now: orders.deny(now, here.by, here.clock(), here.policy.cooldown))
    else:
        state = give(here, partial(orders.approve, by=here.by))
    move = state.move
    told = f"epoch {move.epoch} to {move.target}" if move else "the move"
    words = f"{told} is called off; its source is opened again" if deny else f"{told} may go on"
    note(here, Order.DENY if deny else Order.APPROVE, state, words)
    _tell(state, output, words)


def pause(config: Path, output: str, *, reason: str, seconds: int) -> None:
    """Let nothing move for as long. Raises ``DrError`` when that cannot be written."""
    here = _here(config)
    state = give(here, lambda now: orders.pause(now, here.by, reason, here.clock() + seconds))
    words = f"nothing moves until {when(state.pause.until if state.pause else 0.0)}: {reason}"
    note(here, Order.PAUSE, state, words)
    _tell(state, output, words)


def resume(config: Path, output: str) -> None:
    """End a pause and a cool-down. Raises ``DrError`` (held) when there is neither."""
    here = _here(config)
    state = give(here, orders.resume)
    words = "moves are possible again"
    note(here, Order.RESUME, state, words)
    _tell(state, output, words)


def _here(config: Path) -> desk.Desk:
    with view.progress("asking AWS who you are"):
        return desk.take(config)


def give(here: desk.Desk, change: Change, place: str = CONTROL) -> State:
    """Write what a change makes of the state, over exactly what it was made from; anew when somebody was faster.

    ``place`` is where the state is kept. A runner at work writes every few seconds, so an order may have to be written
    more than once. Raises ``DrError`` (held) when the change does not apply, with its own reason.
    """
    what, hint = "others write the state all the time", "Try again; drctl status shows who is at work."
    with view.progress("writing the order down"), operator.explained(here.where(place)):
        for _ in range(TRIES):
            before = table.read_state(here.table(place))
            if before is None:
                what, hint = "no state is written yet", "The controller writes it within minutes of its deploy."
                break
            try:
                after = change(before)
                table.write_state(here.table(place), before, after)
            except orders.RefusedError as error:
                what, hint = error.reason, "See what there is: drctl status"
                break
            except LostError:
                here.pause(AGAIN_SECONDS)
            else:
                return after
    raise DrError(what=what, where=here.where(place), hint=hint, code=Exit.HELD)


def note(here: desk.Desk, what: Order, state: State, words: str, place: str = CONTROL) -> None:
    """Leave the order in the journal; it stands whether or not that can be done."""
    try:
        with operator.explained(here.where(place)):
            journal.append(here.table(place), journal.order(what, state, here.by, here.clock(), words))
    except DrError as error:
        view.warn(f"the order stands, but is not in the history: {error.what}")


def _tell(state: State, output: str, words: str) -> None:
    if output == "json":
        view.data(encode(state))
    view.say(words)
