"""``drctl approve``, ``pause`` and ``resume``: what a person writes into the state, and nothing else."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from dr_templates.aws import operator, table
from dr_templates.cli import desk, view
from dr_templates.cli.portrait import when
from dr_templates.errors import DrError, Exit
from dr_templates.failover import orders
from dr_templates.failover.codec import encode
from dr_templates.failover.loop import LostError
from dr_templates.failover.state import State

TRIES = 5
AGAIN_SECONDS = 0.5
Order = Callable[[State], State]


def approve(config: Path, output: str, *, deny: bool) -> None:
    """Say yes or no to the move that waits. Raises ``DrError`` (held) when none does."""
    here = _here(config)
    if deny:
        state = _give(here, lambda now: orders.deny(now, here.by, here.clock(), here.policy.cooldown))
    else:
        state = _give(here, partial(orders.approve, by=here.by))
    move = state.move
    told = f"epoch {move.epoch} to {move.target}" if move else "the move"
    _tell(state, output, f"{told} is called off; its source is opened again" if deny else f"{told} may go on")


def pause(config: Path, output: str, *, reason: str, seconds: int) -> None:
    """Let nothing move for as long. Raises ``DrError`` when that cannot be written."""
    here = _here(config)
    state = _give(here, lambda now: orders.pause(now, here.by, reason, here.clock() + seconds))
    _tell(state, output, f"nothing moves until {when(state.pause.until if state.pause else 0.0)}: {reason}")


def resume(config: Path, output: str) -> None:
    """End a pause and a cool-down. Raises ``DrError`` (held) when there is neither."""
    _tell(_give(_here(config), orders.resume), output, "moves are possible again")


def _here(config: Path) -> desk.Desk:
    with view.progress("asking AWS who you are"):
        return desk.take(config)


def _give(here: desk.Desk, order: Order) -> State:
    """Write what an order makes of the state, over exactly what it was made from; anew when somebody was faster."""
    what, hint = "others write the state all the time", "Try again; drctl status shows who is at work."
    with view.progress("writing the order down"), operator.explained(here.where()):
        for _ in range(TRIES):
            before = table.read_state(here.table())
            if before is None:
                what, hint = "no state is written yet", "The controller writes it within minutes of its deploy."
                break
            try:
                after = order(before)
                table.write_state(here.table(), before, after)
            except orders.RefusedError as error:
                what, hint = error.reason, "See what there is: drctl status"
                break
            except LostError:
                here.pause(AGAIN_SECONDS)
            else:
                return after
    raise DrError(what=what, where=here.where(), hint=hint, code=Exit.HELD)


def _tell(state: State, output: str, words: str) -> None:
    if output == "json":
        view.data(encode(state))
    view.say(words)
