"""After the seal: promote, move the name, open, see a write, and leave the new primary with all a primary needs."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from dr_templates.failover import gate
from dr_templates.failover.ending import record
from dr_templates.failover.look import Look
from dr_templates.failover.model import Action, Sight, Verb
from dr_templates.failover.stance import writable
from dr_templates.failover.state import Move

AVAILABLE: Final = "available"
PROMOTED: Final = frozenset({AVAILABLE, "backing-up"})
"""What RDS calls an instance it has done promoting: a first backup may begin at once, and hinders nobody (A27)."""
ASK_AGAIN_SECONDS: Final = 60.0
YOUNG_SECONDS: Final = 180.0
"""A promotion that takes longer is looked at less often: an execution has room for some 1300 turns."""
SLOW_SECONDS: Final = 600.0
"""After so long people are told, once: the target may have been lost, and only they can have the move turned back."""


def forward(look: Look, move: Move) -> Action:
    """Promote, move the name, and see to the rest. The target may be asked again, since RDS refuses to do it twice."""
    target = look.sight(move.target)
    instance, sql = target.instance, target.sql
    ready = instance.replica is True and instance.status == AVAILABLE and not writable(sql)
    if ready and (move.asked is None or look.at - move.asked > ASK_AGAIN_SECONDS):
        action = look.step(Verb.PROMOTE, move, f"{move.target} becomes primary of epoch {move.epoch}", asked=look.at)
        return replace(action, site=move.target)
    if move.asked is None and instance.replica is not False:
        now = instance.status or "not known to RDS's API"
        return _wait(look, move, f"{move.target} cannot be promoted yet: it is {now}")
    if not move.named:
        return replace(look.step(Verb.NAME, move, f"the name moves to {move.target}", named=True), site=move.target)
    done = instance.status in PROMOTED or move.back
    if not (instance.replica is False and done and writable(sql)):
        return _wait(look, move, f"{move.target} is being promoted ({instance.status or 'not known to RDS'})")
    return _serve(look, move, target) or _aftercare(look, move, target)


def _wait(look: Look, move: Move, reason: str) -> Action:
    """Wait for the target, and say after a while that it need not be for ever."""
    waited = look.at - move.turned
    if waited >= YOUNG_SECONDS and not writable(look.sight(move.target).sql):
        reason = f"{reason} for {waited // 60:.0f} min; drctl failover --to {move.source} turns it back"
        if waited >= SLOW_SECONDS and not move.told:
            return replace(look.step(Verb.ASK, move, reason, seconds=1.0, told=True), site=move.target)
    young = look.at - (move.asked or move.turned) < YOUNG_SECONDS
    return look.step(Verb.WAIT, move, reason, seconds=2.0 if young else 10.0)


def _serve(look: Look, move: Move, target: Sight) -> Action | None:
    """Open the gate of the new primary, and see it take a write. Its own watchdog is given time to open first."""
    shut = gate.denies(target.gate) & {*gate.EPOCHS, gate.OWN}
    if shut == {gate.OWN} and look.at - max(move.turned, move.asked or 0.0) <= look.policy.lease:
        return look.step(Verb.WAIT, move, f"the watchdog of {move.target} is about to open its gate", seconds=1.0)
    if shut:
        action = look.step(Verb.UNFENCE, move, f"{move.target} is primary: clients may come", seconds=1.0)
        return replace(action, site=move.target, denies=shut)
    if move.verified is None:
        action = look.step(Verb.VERIFY, move, f"{move.target} is to take a write", seconds=1.0, verified=look.at)
        return replace(action, site=move.target)
    return None


def _aftercare(look: Look, move: Move, target: Sight) -> Action:
    """Give the new primary its backups and its own secret; what cannot be done in time is told and left."""
    late = look.at - (move.verified or look.at) > look.policy.aftercare
    if target.instance.backup_days == 0 and not late:
        action = look.step(Verb.BACKUPS, move, f"{move.target} has no backups yet", seconds=2.0)
        return replace(action, site=move.target)
    if not move.detached and not late:
        why = f"the secret of {move.target} becomes its own: a rotation at the lost site would overwrite a copy"
        return replace(look.step(Verb.DETACH, move, why, 2.0, detached=True), site=move.target)
    left = tuple(
        words
        for words, undone in (
            (f"backups of {move.target} are not set", target.instance.backup_days == 0),
            (f"the secret of {move.target} is not known to be its own, and to rotate there", not move.detached),
        )
        if undone
    )
    return record(look, move, moved=True, result=_result(move), left=left)


def _result(move: Move) -> str:
    """Say who is primary, and what is lost at most: what the replica lacked, or what a target that was left took."""
    loss = move.proof.loss_seconds if move.proof else None
    if loss is None:
        lost = "an unknown amount may be lost"
    elif loss == 0:
        lost = "nothing was lost"
    else:
        lost = f"at most {loss:.0f} s of writes at {move.source} lost" if move.back else f"up to {loss:.0f} s lost"
    return f"{move.target} is primary{' again' if move.back else ''}; {lost}"
