"""The decision: which site should be primary, and what is the next safe step? Pure, and every answer has its reason.

Rules are asked in order, and the first that has an answer gives it. Failover, switchover and failback differ in who
asked for them and in what has to be true before the seal; there is no other difference.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dr_templates.failover import gate, moving
from dr_templates.failover.cause import Cause, name, rogue
from dr_templates.failover.fitness import unfit, unwilling
from dr_templates.failover.look import Look
from dr_templates.failover.model import Action, Mode, Observation, Policy, Stance, Verb, Want
from dr_templates.failover.sealed import AVAILABLE
from dr_templates.failover.stance import stance
from dr_templates.failover.state import DOUBT_SECONDS, Kind, Move, Phase, Suspicion, succeed

LOOK_SECONDS = 10.0
TAKE_OVER_SECONDS = 45.0
"""A tick waits this long for a lock that runs out, as nobody may be able to write until the move goes on."""
GAP_SECONDS = 90.0
"""Looks further apart than this do not add up to witnesses that agreed all the while."""


Brain = Callable[[Observation, Policy, Want | None], Action]
AT_ONCE = {Verb.LOCK: Verb.FENCE, Verb.SEAL: Verb.PROMOTE}
"""What may be done, once the first is done, on the same look."""


def decide(seen: Observation, policy: Policy, want: Want | None = None) -> Action:
    """Give the one next safe step. ``want`` is what somebody asked for; without it, a tick watches."""
    if seen.state is None:
        return Action(Verb.HOLD if want else Verb.REST, "the state table cannot be read: nothing is safe to do")
    look = Look(seen, policy, want, seen.state)
    for rule in RULES:
        action = rule(look)
        if action is not None:
            return action
    return look.stay(name(seen, policy).words)


def at_once(
    seen: Observation, done: Action, policy: Policy, want: Want | None = None, brain: Brain = decide
) -> Action | None:
    """Give the step that follows one that is done without another look, or None.

    A seal is followed by its promotion, as nobody can write anywhere in between: every look spared is a shorter outage.
    A lock may be followed by its fence, for which it is all that is needed and which can be undone. Neither risks
    anything: it is done only if what was written before it is still what the table holds.
    """
    wanted = AT_ONCE.get(done.verb)
    if wanted is None or done.after is None:
        return None
    following = brain(replace(seen, state=done.after), policy, want)
    return following if following.verb is wanted else None


def _later_elsewhere(look: Look) -> Action | None:
    """Take over a document that has a later epoch than ours: a move made while this table could not be reached."""
    copies = {site: sight.copy for site, sight in look.seen.sites.items() if sight.copy is not None}
    if not copies:
        return None
    site = max(copies, key=lambda name: copies[name].age)
    copy = copies[site]
    if copy.epoch <= look.state.epoch:
        return None
    if copy.move is not None and look.at <= copy.move.until:
        return look.stay(f"a move without this table is under way, held by {copy.move.holder}")
    after = replace(copy, serial=max(copy.serial, look.state.serial) + 1, alone="")
    reason = f"the table at {site} knows epoch {copy.epoch}, ours only {look.state.epoch}"
    return Action(Verb.ADOPT, reason, site, before=look.state, after=after, copy=copy)


def _unwritten(look: Look) -> Action | None:
    """Write the first document once the roles can be seen: never by what home is meant to be."""
    if look.state.serial > 0:
        return None
    roles = {stance(sight): site for site, sight in look.seen.sites.items()}
    if roles.keys() != {Stance.PRIMARY, Stance.REPLICA}:
        return look.stay("no state is written yet, and a primary with its replica is not seen")
    first = succeed(look.state, active=roles[Stance.PRIMARY])
    return Action(Verb.ADOPT, f"first look: {first.active} is primary", first.active, look.state, first)


def _under_way(look: Look) -> Action | None:
    """Go on with a move: ours, or one whose runner has not renewed its lock. Its patience begins anew with us."""
    move = look.state.move
    if move is None:
        return None
    if move.holder == look.seen.runner:
        return moving.go_on(look, move)
    if look.at <= move.until:
        held = f"epoch {move.epoch} moves to {move.towards}, held by {move.holder}"
        left = move.until - look.at
        if look.want is None and left < TAKE_OVER_SECONDS:
            return Action(Verb.WAIT, f"{held}, who has not been heard for long", before=look.state, seconds=left + 1.0)
        return look.stay(held)
    again = (
        {"begun": look.at, "turned": 0.0 if move.phase is Phase.OPEN else move.turned}
        if move.phase in (Phase.OPEN, Phase.TURNING)
        else {}
    )
    taken = look.renewed(move, holder=look.seen.runner, **again)
    return look.write(Verb.TAKE, f"{move.holder} has left epoch {move.epoch} {move.phase}", move=taken)


def _answered(look: Look) -> Action | None:
    """Say what became of the move that was asked for."""
    want, state = look.want, look.state
    if want is None:
        return None
    ours = state.last if state.last is not None and state.last.epoch == want.epoch else None
    if state.active == want.to:
        return Action(Verb.REST, ours.result if ours else f"{want.to} is primary already", before=state)
    if ours is not None:
        return look.stay(ours.result)
    if state.epoch != want.epoch - 1:
        return look.stay(f"epoch {want.epoch} was asked for, and it is epoch {state.epoch} now")
    return None


def _hands_off(look: Look) -> Action | None:
    """Do nothing while paused, and nothing for a while after a move."""
    state = look.state
    if state.pause is not None and state.paused(look.at):
        return look.stay(f"paused by {state.pause.by}: {state.pause.reason}; drctl resume ends it")
    if look.at < state.cool_until:
        left = state.cool_until - look.at
        return look.stay(f"no move for another {left:.0f} s after the last one; drctl resume ends it")
    return None


def _stray(look: Look) -> Action | None:
    """Shut a second database that takes writes, and open the active one where a move that is over has left it shut.

    No lock is held, so the state may have moved on since it was read, and the gate was read later: what a move of one
    of the next epochs has shut is left alone. Neither is a move: a pause or a cool-down does not keep two databases
    writable, nor the right one shut.
    """
    if rogue(look.seen, look.state, look.other):
        denies = frozenset({gate.number(look.state.epoch)})
        return Action(Verb.FENCE, Cause.ROGUE.words, look.other, look.state, denies=denies, seconds=LOOK_SECONDS)
    left = gate.of_moves(look.sight(look.active).gate) - gate.next_to(look.state.epoch)
    if left:
        reason = f"{look.active} is active, and a move that is over has left it shut"
        return Action(Verb.UNFENCE, reason, look.active, look.state, denies=left, seconds=1.0)
    return None


def _doubtful(look: Look) -> Action | None:
    """Watch a site that a move was turned back from: its readers come back once it has been a replica for long."""
    doubt = look.state.doubt
    if doubt is None:
        return None
    sight = look.sight(doubt.site)
    well = stance(sight) is Stance.REPLICA and sight.instance.replica is True and sight.instance.status == AVAILABLE
    if not well and doubt.well is not None:
        return look.write(Verb.SUSPECT, f"{doubt.site} may be promoted yet", doubt=replace(doubt, well=None))
    if well and doubt.well is None:
        reason = f"{doubt.site} is a replica; whether it stays one is watched"
        return look.write(Verb.TRUST, reason, doubt=replace(doubt, well=look.at))
    if well and doubt.well is not None and look.at - doubt.well > DOUBT_SECONDS:
        return look.write(Verb.TRUST, f"{doubt.site} has stayed a replica: its readers may come back", doubt=None)
    return None


def _wanted(look: Look) -> Action | None:
    """Begin what was asked for: take the lock of the next epoch, or say why not."""
    want = look.want
    if want is None:
        return None
    against = unwilling(look.seen, look.policy, want) or _lapsed(look, want)
    if against:
        return look.stay(against)
    epoch = look.state.epoch + 1
    move = Move(
        epoch=epoch,
        kind=want.kind,
        source=look.active,
        target=want.to,
        holder=look.seen.runner,
        until=look.at + look.policy.hold,
        begun=look.at,
        by=want.by,
        cause=want.cause,
        approved=None if want.cause else want.by,
        first=epoch,
    )
    reason = f"{want.kind} to {want.to}, asked for by {want.by}" + (f": {want.cause}" if want.cause else "")
    return look.write(Verb.LOCK, reason, epoch=epoch, move=move)


def _lapsed(look: Look, want: Want) -> str | None:
    """Say why an automatic move must not begin although its execution has started."""
    if not want.cause:
        return None
    if look.policy.mode is Mode.OFF:
        return "automatic moves are off"
    now = name(look.seen, look.policy)
    return None if now.acts and _held(look, now) else f"its cause is over: {now.words}"


def _held(look: Look, cause: Cause) -> bool:
    """Tell whether all witnesses have agreed on this cause for the patience, without a gap."""
    suspicion = look.state.suspicion
    return (
        suspicion is not None
        and suspicion.cause == cause
        and look.at - suspicion.seen <= GAP_SECONDS
        and look.at - suspicion.since >= look.policy.patience
    )


def _suspicious(look: Look) -> Action | None:
    """Watch a cause that may act until it has held for the patience, then begin a move of the next epoch."""
    cause, suspicion = name(look.seen, look.policy), look.state.suspicion
    if not cause.acts or look.policy.mode is Mode.OFF:
        return look.write(Verb.TRUST, f"no longer: {cause.words}", suspicion=None) if suspicion else None
    if suspicion is None or suspicion.cause != cause or look.at - suspicion.seen > GAP_SECONDS:
        new = Suspicion(cause, look.at, look.at)
        return look.write(Verb.SUSPECT, cause.words, LOOK_SECONDS, suspicion=new)
    if not _held(look, cause):
        held = look.at - suspicion.since
        reason = f"for {held:.0f} of {look.policy.patience:.0f} s: {cause.words}"
        left = min(LOOK_SECONDS, look.policy.patience - held)
        return look.write(Verb.WAIT, reason, left, suspicion=replace(suspicion, seen=look.at))
    against = unfit(look.seen, look.other)
    if against:
        reason = f"{cause.words}, but {against}"
        return look.write(Verb.WAIT, reason, LOOK_SECONDS, suspicion=replace(suspicion, seen=look.at))
    want = Want(Kind.FAILOVER, look.other, look.state.epoch + 1, "the controller", cause)
    return Action(Verb.BEGIN, cause.words, look.other, before=look.state, want=want)


RULES: tuple[Callable[[Look], Action | None], ...] = (
    _later_elsewhere,
    _unwritten,
    _under_way,
    _answered,
    _stray,
    _doubtful,
    _hands_off,
    _wanted,
    _suspicious,
)
