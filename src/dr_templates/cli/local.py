"""A move that this machine carries out itself (``--here``), with the loop that the state machine runs elsewhere."""

from typing import Any

from dr_templates.aws.pair import AwsPair
from dr_templates.cli import view
from dr_templates.cli.desk import Desk
from dr_templates.cli.portrait import when
from dr_templates.cli.told import ToldError
from dr_templates.errors import Exit
from dr_templates.failover import loop
from dr_templates.failover.codec import encode
from dr_templates.failover.model import Action, Verb, Want
from dr_templates.topology import CONTROL


def run(here: Desk, want: Want, place: str, output: str) -> None:
    """Carry the move out, showing every step; ``place`` is where the state is kept. Raises ``DrError`` when held."""
    pair = AwsPair(
        names=here.names,
        clients=here.clients,
        clock=here.clock,
        pause=here.pause,
        runner=here.runner,
        upkeep=here.upkeep,
        hold=here.policy.hold,
        state_place=place,
        control_gone=place != CONTROL,
    )
    steps: list[dict[str, Any]] = []
    told, last = "", Action(Verb.REST, "nothing was done")
    try:
        with view.progress("looking") as show:
            for turn in loop.run(pair, here.policy, want, here.pause):
                last = turn.action
                words = _words(turn.action, turn.trouble)
                if words != told:
                    view.step(f"{when(turn.seen.at)}  {words}", result=output == "text")
                    steps.append({"at": turn.seen.at, "action": encode(turn.action), "trouble": turn.trouble})
                    told = words
                show(words)
    except KeyboardInterrupt:
        view.say(_left(here, last))
        raise
    moved = last.verb is Verb.REST
    left = _undone(last) if moved else ()
    if output == "json":
        view.data({"epoch": want.epoch, "moved": moved, "result": last.reason, "left": list(left), "steps": steps})
    if not moved:
        raise ToldError(
            what=last.reason,
            where=here.where(place),
            hint="drctl status shows what is in the way.",
            code=Exit.HELD,
        )
    for undone in left:
        view.warn(f"left to be done: {undone}")
    view.say(last.reason)


def _words(action: Action, trouble: str) -> str:
    place = f" {action.site}" if action.site else ""
    return f"{action.verb}{place}: {action.reason}" + (f" [not done: {trouble}]" if trouble else "")


def _undone(last: Action) -> tuple[str, ...]:
    """Name what the move that has just ended could not finish."""
    ended = last.before.last if last.before else None
    return ended.left if ended else ()


def _left(here: Desk, last: Action) -> str:
    state = last.after or last.before
    if state is None or state.move is None:
        return "left before a move was begun: nothing has to be undone"
    return (
        f"left epoch {state.move.epoch} {state.move.phase}: its lock lasts {here.policy.hold:.0f} s at most; then "
        "the controller goes on with it, or the same command does"
    )
