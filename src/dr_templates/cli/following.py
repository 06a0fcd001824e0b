"""Watching a move that another runner carries out, from its journal, its state and its execution."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dr_templates.aws import journal, operator, table, trigger
from dr_templates.aws.observe import observe
from dr_templates.cli import recalling, view
from dr_templates.cli.desk import Desk
from dr_templates.cli.told import ToldError
from dr_templates.cli.waiting import waits
from dr_templates.errors import DrError, Exit
from dr_templates.failover.codec import encode
from dr_templates.failover.state import Ended, State

LOOK_SECONDS = 2.0
BLIND_LOOKS = 30
"""Looks in a row that may fail before we give up looking; the move goes on all the same."""
QUIET_SECONDS = 30.0
"""After so long without a step, somebody wants to know why."""


@dataclass(frozen=True)
class _Glance:
    steps: tuple[journal.Entry, ...]
    state: State | None
    outcome: trigger.Outcome


def follow(here: Desk, epoch: int, to: str, output: str) -> None:
    """Show each step of the move of ``epoch`` as it is taken, until it has ended; and now and then what it waits for.

    ``to`` is the site that was asked for: a move that was to be turned back may have gone on to the other one. Raises
    ``DrError`` when it did not move there: held, or failed. Whoever leaves does not stop the move.
    """
    shown: set[journal.Entry] = set()
    quiet = here.clock()
    try:
        with view.progress(f"epoch {epoch} begins") as show:
            while True:
                glance = _look(here, epoch, show)
                for step in glance.steps:
                    if step not in shown:
                        view.step(recalling.step(step), result=output == "text")
                        shown.add(step)
                        quiet = here.clock()
                ended = _ended(glance.state, epoch)
                if ended or not glance.outcome.running:
                    break
                show(_progress(glance.state, epoch))
                if here.clock() - quiet >= QUIET_SECONDS:
                    view.say(waits(observe(here.eyes()), here.policy, epoch))
                    quiet = here.clock()
                here.pause(LOOK_SECONDS)
    except KeyboardInterrupt:
        view.say(f"epoch {epoch} goes on without you; watch it with: drctl status -w")
        raise
    if output == "json":
        view.data(_plain(epoch, to, glance, ended))
    _judge(here, epoch, to, glance.outcome, ended)


def _look(here: Desk, epoch: int, show: Callable[[str], None]) -> _Glance:
    """Look until something is seen. Raises ``DrError`` when that takes too long."""
    for _ in range(BLIND_LOOKS - 1):
        try:
            return _glance(here, epoch)
        except DrError as error:
            show(f"cannot see it ({error.what}); looking again")
        here.pause(LOOK_SECONDS)
    return _glance(here, epoch)


def _glance(here: Desk, epoch: int) -> _Glance:
    """Look at the execution first: what it has ended with is in the table then."""
    with operator.explained(f"{here.where()}, execution {trigger.execution(epoch)}"):
        machine = here.clients.stepfunctions(here.names.region("control"))
        outcome = trigger.outcome(machine, here.names, trigger.execution(epoch))
        state = table.read_state(here.table())
        entries = journal.read(here.table(), recalling.STEPS)
    return _Glance(tuple(step for step in reversed(entries) if step.epoch == epoch), state, outcome)


def _ended(state: State | None, epoch: int) -> Ended | None:
    """Give how the move ended, once it is told and the lock is let go."""
    if state is None or state.last is None or state.last.epoch != epoch or state.move is not None:
        return None
    return state.last


def _progress(state: State | None, epoch: int) -> str:
    move = state.move if state else None
    return f"epoch {epoch} is {move.phase}" if move and move.epoch == epoch else f"epoch {epoch} begins"


def _there(ended: Ended | None, to: str) -> bool:
    return ended is not None and ended.moved and ended.target == to


def _plain(epoch: int, to: str, glance: _Glance, ended: Ended | None) -> dict[str, Any]:
    last = glance.outcome.last
    return {
        "epoch": epoch,
        "moved": _there(ended, to),
        "result": ended.result if ended else last.reason if last else glance.outcome.trouble,
        "left": list(ended.left) if ended else [],
        "steps": [encode(step) for step in glance.steps],
    }


def _judge(here: Desk, epoch: int, to: str, outcome: trigger.Outcome, ended: Ended | None) -> None:
    where = f"execution {trigger.execution(epoch)} in {here.names.region('control')}"
    for left in ended.left if ended else ():
        view.warn(f"left to be done: {left}")
    if ended and _there(ended, to):
        view.say(ended.result)
        return
    if ended or outcome.last:
        reason = ended.result if ended else outcome.last.reason if outcome.last else ""
        hint = f"It has not moved to {to}. drctl status shows what is in the way, drctl history each step."
        raise ToldError(what=reason, where=where, hint=hint, code=Exit.HELD)
    raise ToldError(
        what=f"the execution has ended {outcome.status}" + (f": {outcome.trouble}" if outcome.trouble else ""),
        where=where,
        hint="The next tick goes on with a move that is under way: drctl status -w",
    )
