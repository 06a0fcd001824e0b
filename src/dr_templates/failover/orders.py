"""What a person may write into the state: yes, no, wait, go on. Pure: the document before gives the document after."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from dr_templates.failover.state import Move, Pause, Phase, State, succeed

AHEAD: Final = 901
"""How far an epoch without the control region is ahead; not a multiple of ninety, so its deny has another number."""


class RefusedError(Exception):
    """There is nothing this order could apply to; ``reason`` is for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def approve(state: State, by: str) -> State:
    """Say yes to what the move under way costs. Raises ``RefusedError`` when none waits for it."""
    move = _open(state)
    if move.approved is not None:
        raise RefusedError(reason=f"the move of epoch {move.epoch} has the yes of {move.approved} already")
    return succeed(state, move=replace(move, approved=by))


def deny(state: State, by: str, at: float, cooldown: float) -> State:
    """Say no: the move is called off, and no other begins for the cool-down. Raises ``RefusedError``."""
    move = _open(state)
    off = replace(move, phase=Phase.CALLED_OFF, turned=at, result=f"called off by {by}")
    return succeed(state, move=off, cool_until=at + cooldown)


def turn_back(state: State, by: str, holder: str, at: float, until: float) -> State:
    """Have a sealed move go back to where it came from, as the next epoch and as ``holder``'s. Raises ``RefusedError``.

    Whoever runs it now is told that it has lost it; a step of theirs that is on its way cannot lift the new epoch's
    deny.
    """
    move = state.move
    if move is None:
        raise RefusedError(reason="no move is under way")
    if move.phase is not Phase.SEALED:
        raise RefusedError(reason=f"the move of epoch {move.epoch} is {move.phase}: only a sealed one is turned back")
    if move.verified is not None:
        raise RefusedError(reason=f"{move.target} has taken a write as primary: only a switchover leads back")
    epoch = state.epoch + 1
    turning = replace(
        move,
        epoch=epoch,
        phase=Phase.TURNING,
        holder=holder,
        until=until,
        begun=at,
        by=by,
        cause="",
        approved=by,
        fenced=None,
    )
    return succeed(state, epoch=epoch, move=turning)


def pause(state: State, by: str, reason: str, until: float) -> State:
    """Let nothing move until then; a move that has not promoted yet is called off by whoever runs it."""
    return succeed(state, pause=Pause(by, reason, until))


def resume(state: State) -> State:
    """End a pause, and a cool-down. Raises ``RefusedError`` when there is neither."""
    if state.pause is None and state.cool_until == 0.0:
        raise RefusedError(reason="nothing is paused, and nothing cools down")
    return succeed(state, pause=None, cool_until=0.0)


def skip(state: State) -> State:
    """Use an epoch up whose execution has ended without a move: Step Functions would refuse its name for 90 days."""
    return succeed(state, epoch=state.epoch + 1)


def break_glass(state: State, by: str, until: float) -> State:
    """Go on without the control region, from a site's copy of the document: as a new epoch, which makes it the later.

    The copy may be from before epochs that control has counted since, so this one is far ahead of them. A move under
    way becomes this runner's, and is fenced again under its new number. A pause or a cool-down is over: nobody could
    end it where control is gone.
    """
    epoch = state.epoch + AHEAD
    move = state.move and replace(state.move, epoch=epoch, holder=by, until=until, fenced=None)
    return succeed(state, epoch=epoch, move=move, alone=by, pause=None, cool_until=0.0)


def _open(state: State) -> Move:
    if state.move is None:
        raise RefusedError(reason="no move is under way")
    if state.move.phase is not Phase.OPEN:
        raise RefusedError(reason=f"the move of epoch {state.move.epoch} is past the point where it could be decided")
    return state.move
