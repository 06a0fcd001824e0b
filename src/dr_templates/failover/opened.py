"""Before the seal: the other side is fenced or known to be gone, the replica drains, a person agrees where one must.

Everything here can be undone, and is when something does not come about in time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from dr_templates.failover import gate
from dr_templates.failover.cause import Cause
from dr_templates.failover.ending import call_off
from dr_templates.failover.fitness import unfit
from dr_templates.failover.look import Look
from dr_templates.failover.loss import drained, exposure, same_cluster
from dr_templates.failover.model import Action, Mode, Sight, Verb
from dr_templates.failover.stance import fenced_for, gone, writable
from dr_templates.failover.state import Move, Phase, Proof

EAGER_SECONDS: Final = 5.0
"""For so long a look follows a fence at once; one that does not come about is tried more slowly then."""
HEARD_SECONDS: Final = 20.0
"""A watchdog that is well has read of a move, and said so in its mark, within this time."""


def planned(look: Look, move: Move) -> Action:
    """Fence, and seal once the replica has replayed all that the fenced primary has written; or call it off (A29)."""
    source, target = look.sight(move.source), look.sight(move.target)
    late = look.at - (move.turned or move.begun) > look.policy.drain
    waits = unfit(look.seen, move.target)
    if waits is None and not fenced_for(source, move.epoch):
        if _unheard(look, move, target):
            return look.step(Verb.WAIT, move, f"the watchdog of {move.target} is about to hear of it", seconds=1.0)
        waits = _unfenced(move, source)
        if not late:
            return _fence(look, move, waits, turned=move.turned or look.at)
    if waits is None and not _settled(look, move):
        return _settle(look, move)
    if waits is None and not drained(source, target):
        waits = _behind(move, source, target)
    if waits is None:
        return _seal(look, move, "every position of the fenced primary is replayed")
    if late:
        return call_off(look, move, f"after {look.policy.drain:.0f} s {waits}")
    return look.step(Verb.WAIT, move, waits, seconds=1.0)


def _unheard(look: Look, move: Move, target: Sight) -> bool:
    """Tell whether a planned move is so young that it waits for the target's watchdog to know of it.

    Nothing is shut meanwhile. Should the target's region be lost between seal and promotion, it can then be counted as
    gone, and the move be turned back.
    """
    young = look.at - move.begun <= min(HEARD_SECONDS, look.policy.drain / 2)
    return young and move.fenced is None and not (target.mark is not None and target.mark.due == move.first)


def _unfenced(move: Move, source: Sight) -> str:
    if gate.shut_by(source.gate, gate.number(move.epoch)):
        return f"{move.source} is shut, but not proved empty ({_count(source.sql.sessions)} sessions)"
    return f"{move.source} is not shut yet"


def _count(sessions: int | None) -> str:
    return "an unknown number of" if sessions is None else str(sessions)


def _behind(move: Move, source: Sight, target: Sight) -> str:
    if not writable(source.sql):
        return f"{move.source} does not tell how far it has written"
    if not same_cluster(source, target):
        return f"{move.target} is not known to be on the timeline of {move.source}"
    if target.sql.replayed is None or source.sql.written is None:
        return "the positions of the two are not known"
    return (
        f"{move.target} still lacks {source.sql.written - target.sql.replayed} bytes of what {move.source} has written"
    )


def unplanned(look: Look, move: Move) -> Action:
    """Part the other side from its clients or know it gone, wait for a yes where one is needed, and seal."""
    if move.cause and _recovered(look, move):
        return call_off(look, move, f"{move.source} is back")
    late = look.at - move.begun > look.policy.patience + look.policy.lease + look.policy.margin
    step = _part(look, move, late=late) or _ready(look, move, late=late) or _agree(look, move)
    if step is not None:
        return step
    fenced = fenced_for(look.sight(move.source), move.epoch)
    how = f"{move.source} is fenced" if fenced else f"{move.source} is gone by two of three places"
    return _seal(look, move, f"{how}, approved by {move.approved}" if move.approved else how)


def _part(look: Look, move: Move, *, late: bool) -> Action | None:
    """Fence the other side, or know it gone; its own gate, where it can be reached, is the better proof of the two."""
    source, away = look.sight(move.source), gone(look.seen, move.source, look.policy)
    tried = not gate.known(source.gate) or look.at - move.begun > look.policy.drain
    if fenced_for(source, move.epoch) or (away and tried):
        return None
    if late and not away:
        return call_off(look, move, f"{move.source} could be neither fenced nor counted as gone")
    tried_often = look.at - move.begun > EAGER_SECONDS
    return _fence(look, move, f"{move.source} is to serve nobody any more", seconds=1.0 if tried_often else 0.0)


def _ready(look: Look, move: Move, *, late: bool) -> Action | None:
    """Wait for a replica that can be promoted and has all it can get, and for a gate that has settled."""
    source, target = look.sight(move.source), look.sight(move.target)
    against = unfit(look.seen, move.target)
    if against and late and writable(source.sql):
        return call_off(look, move, against)
    if against:
        return look.step(Verb.WAIT, move, against, seconds=10.0)
    if look.at - move.begun <= look.policy.drain and _catching_up(source, target):
        return look.step(Verb.WAIT, move, _behind(move, source, target), seconds=1.0)
    if fenced_for(source, move.epoch) and not _settled(look, move):
        return _settle(look, move)
    return None


def _recovered(look: Look, move: Move) -> bool:
    """Tell whether an automatic move has lost its cause: then its primary serves better than a replica would."""
    if move.cause == Cause.ISOLATED:
        source = look.sight(move.source)
        return gate.known(source.gate) and not gate.shut_by(source.gate, gate.OWN)
    return writable(look.sight(move.source).sql)


def _catching_up(source: Sight, target: Sight) -> bool:
    return writable(source.sql) and target.sql.streaming is True and not drained(source, target)


def _settled(look: Look, move: Move) -> bool:
    return move.fenced is not None and look.at - move.fenced >= look.policy.settle


def _settle(look: Look, move: Move) -> Action:
    """Give the deny time to reach every host: until then a client may still slip in, and its write into the WAL."""
    first = look.at if move.fenced is None else move.fenced
    seconds = max(0.0, first + look.policy.settle - look.at)
    return look.step(Verb.WAIT, move, f"{move.source} is shut, which settles", seconds, fenced=first)


def _agree(look: Look, move: Move) -> Action | None:
    """Where a person has to agree, tell people once that it is for them to say yes or no, and wait."""
    asked = None if move.approved else question(look, move)
    if asked is None:
        return None
    if move.told:
        return look.step(Verb.WAIT, move, asked, seconds=20.0)
    return replace(look.step(Verb.ASK, move, asked, seconds=1.0, told=True), site=move.target)


def question(look: Look, move: Move) -> str | None:
    """Say what a person has to agree to: any automatic move in mode ``approve``, and any loss over the RPO."""
    loss = exposure(look.seen, move.target, look.policy).seconds
    amount = "an unknown amount" if loss is None else f"up to {loss:.0f} s"
    if look.policy.mode is not Mode.AUTOMATIC:
        return f"{move.source} serves nobody; promoting {move.target} may lose {amount}: drctl approve, or --deny"
    if loss is None or loss > look.policy.rpo:
        return f"{amount} may be lost, the limit is {look.policy.rpo:.0f} s: drctl approve, or --deny"
    return None


def _fence(look: Look, move: Move, reason: str, seconds: float = 0.0, **changes: float) -> Action:
    action = look.step(Verb.FENCE, move, reason, seconds, fenced=None, **changes)
    return replace(action, site=move.source, denies=frozenset({gate.number(move.epoch)}))


def _seal(look: Look, move: Move, shut: str) -> Action:
    """Write the proof down and hand the role over in one write: past this there is only one way."""
    source, target = look.sight(move.source).sql, look.sight(move.target).sql
    loss = exposure(look.seen, move.target, look.policy)
    proof = Proof(
        at=look.at,
        shut=shut,
        system=target.system,
        timeline=target.timeline,
        written=source.written if writable(source) else None,
        replayed=target.replayed,
        beat=target.beat.number if target.beat else None,
        loss_seconds=loss.seconds,
        loss_bytes=loss.bytes,
    )
    sealed = look.renewed(move, phase=Phase.SEALED, turned=look.at, answered=look.at, told=False, proof=proof)
    doubt = None if look.state.doubts(move.target) else look.state.doubt
    action = look.write(Verb.SEAL, shut, active=move.target, move=sealed, suspicion=None, doubt=doubt)
    return replace(action, site=move.target)
