"""The end of a move, whichever way it went: opened again or not, written down, told."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from dr_templates.failover import gate
from dr_templates.failover.look import Look
from dr_templates.failover.model import Action, Verb
from dr_templates.failover.state import Ended, Kind, Move, Phase, succeed

TELL_SECONDS: Final = 300.0


def call_off(look: Look, move: Move, reason: str) -> Action:
    """Turn back, in one write that no seal can follow."""
    return look.step(Verb.CALL_OFF, move, reason, phase=Phase.CALLED_OFF, turned=look.at, result=reason)


def back(look: Look, move: Move) -> Action:
    """Open what was shut. A gate that cannot be reached is left, and opened by whoever sees it first."""
    seen = look.sight(move.source).gate
    shut = gate.of_moves(seen)
    if shut:
        action = look.step(Verb.UNFENCE, move, f"{move.source} takes writes again: {move.result}", seconds=1.0)
        return replace(action, site=move.source, denies=shut)
    late = look.at - move.turned > look.policy.drain
    if not gate.known(seen) and not late:
        return look.step(Verb.WAIT, move, f"the gate of {move.source} cannot be read", seconds=2.0)
    left = () if gate.known(seen) else (f"the gate of {move.source} could not be opened from here",)
    return record(look, move, moved=False, result=move.result, left=left)


def record(look: Look, move: Move, *, moved: bool, result: str, left: tuple[str, ...]) -> Action:
    """Write down how it went; after a move that succeeded, nothing moves for the cool-down."""
    ended = Ended(move.epoch, move.kind, move.source, move.target, moved, look.at, result, left, move.back)
    done = look.renewed(move, phase=Phase.DONE, turned=look.at, result=result, left=left)
    changes = {"cool_until": look.at + look.policy.cooldown} if moved else {}
    if moved and move.kind is Kind.SWITCHOVER:
        changes["drilled"] = look.at
    return look.write(Verb.RECORD, result, move=done, last=ended, suspicion=None, **changes)


def tell(look: Look, move: Move) -> Action:
    """Notify, and let go of the lock; when nobody can be told for long, let go all the same."""
    if look.at - move.turned > TELL_SECONDS:
        return look.write(Verb.RELEASE, "nobody could be told of it", move=None)
    action = Action(Verb.NOTIFY, move.result, before=look.state, after=succeed(look.state, move=None), seconds=1.0)
    return replace(action, site=look.active)
