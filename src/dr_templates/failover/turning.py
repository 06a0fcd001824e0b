"""After the seal and before the target has been seen to take a write: back to the source, on a person's word alone.

The target's region may have been lost in between, with a promotion asked for that nobody can take back. So the target
counts as one that may take writes at any moment: it is parted from its clients, by the rules that hold for a primary,
before the source may serve again.
"""

from __future__ import annotations

from dataclasses import replace

from dr_templates.failover import gate
from dr_templates.failover.look import Look
from dr_templates.failover.model import Action, Answer, Observation, Sight, Verb
from dr_templates.failover.stance import fenced_for, gone, writable
from dr_templates.failover.state import Doubt, Kind, Move, Phase, Proof


def barred(seen: Observation, move: Move) -> str | None:
    """Say why the source of a sealed move could not serve again, or None: it has to be the primary it was."""
    source = seen.sites[move.source]
    if not writable(source.sql):
        return f"{move.source} does not answer as primary"
    if source.instance.replica is not False:
        return f"RDS does not say that {move.source} is no replica"
    if not gate.known(source.gate):
        return f"the gate of {move.source} cannot be read, so it could not be opened"
    return None


def back(look: Look, move: Move) -> Action:
    """Part the target from its clients, then seal the move the other way round; or go on with it after all."""
    target = look.sight(move.target)
    late = look.at - move.begun > look.policy.patience + look.policy.lease + look.policy.margin
    against = barred(look.seen, move)
    if against is None:
        step = _part(look, move, target)
        if step is None:
            return _return(look, move, target)
        if not late or step.verb is Verb.WAIT:
            return step
        against = f"{move.target} could be neither fenced nor counted as gone"
    if late:
        reason = f"{against}: the move goes on to {move.target}"
        return look.step(Verb.CALL_OFF, move, reason, phase=Phase.SEALED, told=False)
    return look.step(Verb.WAIT, move, against, seconds=2.0)


def _part(look: Look, move: Move, target: Sight) -> Action | None:
    """Fence the target, or know it gone; what can be reached is fenced."""
    tried = not gate.known(target.gate) or look.at - move.begun > look.policy.drain
    if fenced_for(target, move.epoch):
        first = look.at if move.fenced is None else move.fenced
        left = first + look.policy.settle - look.at
        if left <= 0:
            return None
        return look.step(Verb.WAIT, move, f"{move.target} is shut, which settles", left, fenced=first)
    if tried and gone(look.seen, move.target, look.policy):
        return None
    action = look.step(Verb.FENCE, move, f"{move.target} is to serve nobody", seconds=1.0, fenced=None)
    return replace(action, site=move.target, denies=frozenset({gate.number(move.epoch)}))


def _return(look: Look, move: Move, target: Sight) -> Action:
    """Hand the role back in one write. What the target may have taken since it had the role is lost with it."""
    replica = target.sql.answer is Answer.ANSWERED and target.sql.in_recovery is True
    source = look.sight(move.source).sql
    shut = f"{move.target} is {'fenced' if fenced_for(target, move.epoch) else 'gone'}, turned back by {move.by}"
    proof = Proof(
        at=look.at,
        shut=shut,
        system=source.system,
        timeline=source.timeline,
        written=source.written,
        loss_seconds=0.0 if replica else look.at - move.turned,
    )
    turned = look.renewed(
        move,
        kind=Kind.FAILOVER,
        source=move.target,
        target=move.source,
        phase=Phase.SEALED,
        turned=look.at,
        answered=look.at,
        back=True,
        first=move.epoch,
        told=False,
        asked=None,
        named=False,
        proof=proof,
    )
    after = look.write(Verb.RETURN, shut, active=move.source, move=turned, doubt=Doubt(move.target))
    return replace(after, site=move.source)
