"""What no decision may break, said again in words of its own: each law gives what is wrong with an action, or None."""

from __future__ import annotations

import math
from collections.abc import Callable

from dr_templates.failover import gate
from dr_templates.failover.model import Action, Answer, Mode, Observation, Policy, Verb, Want
from dr_templates.failover.state import Kind, Phase

Law = Callable[[Observation, Policy, Want | None, Action], str | None]

MOVES_ON = frozenset({Verb.LOCK, Verb.BEGIN, Verb.FENCE, Verb.PROMOTE, Verb.SEAL, Verb.RETURN})


def promotes_a_replica(seen: Observation, _policy: Policy, _want: Want | None, action: Action) -> str | None:
    """Only what RDS calls a replica is promoted; for the seal the database must say so as well."""
    if action.verb not in (Verb.PROMOTE, Verb.SEAL):
        return None
    sight = seen.sites[action.site or ""]
    if sight.instance.replica is not True or sight.instance.status != "available":
        return "RDS does not call it an available replica"
    if action.verb is Verb.SEAL and (sight.sql.answer is not Answer.ANSWERED or sight.sql.in_recovery is not True):
        return "the database does not say it is one"
    return "it takes writes" if sight.sql.in_recovery is False and sight.sql.answer is Answer.ANSWERED else None


def seals_what_is_parted(seen: Observation, policy: Policy, _want: Want | None, action: Action) -> str | None:
    """Demand of a seal that the other side be shut for its epoch and empty, or gone by two of three places."""
    if action.verb is not Verb.SEAL:
        return None
    move = seen.state.move if seen.state else None
    if move is None:
        return "no move"
    sight = seen.sites[move.source]
    deny = gate.number(move.epoch)
    both = deny in (sight.gate.entering or ()) and deny in (sight.gate.leaving or ())
    told = sight.mark is not None and sight.mark.shut == move.epoch
    if sight.sql.answer is Answer.ANSWERED and sight.sql.sessions != 0:
        return "clients have sessions there"
    if both or told:
        return None
    witnesses = (
        sight.heard,
        sight.mark is not None and sight.mark.armed,
        sight.mark is not None and seen.at - sight.mark.at > policy.lease + policy.margin,
        sight.sql.answer in (Answer.SILENT, Answer.UNASKED),
        seen.sites[move.target].sql.streaming is False,
    )
    return None if all(witnesses) else "neither shut for this epoch nor gone"


def returns_what_is_parted(seen: Observation, policy: Policy, _want: Want | None, action: Action) -> str | None:
    """Turn a sealed move back to a primary that answers, once its target is shut for the epoch and empty, or gone."""
    if action.verb is not Verb.RETURN:
        return None
    move = seen.state.move if seen.state else None
    if move is None or move.phase is not Phase.TURNING or move.approved is None:
        return "nobody has had a sealed move turned back"
    source, target, mark = seen.sites[move.source], seen.sites[move.target], seen.sites[move.target].mark
    if source.sql.answer is not Answer.ANSWERED or source.sql.in_recovery is not False or action.site != move.source:
        return "there is no primary to return to"
    if target.sql.answer is Answer.ANSWERED and target.sql.sessions != 0:
        return "clients have sessions there"
    deny = gate.number(move.epoch)
    both = deny in (target.gate.entering or ()) and deny in (target.gate.leaving or ())
    witnesses = mark is not None and (
        mark.armed
        and mark.due == move.first > 0
        and target.instance.status is None
        and target.heard
        and target.sql.answer in (Answer.SILENT, Answer.UNASKED)
        and seen.at - mark.at > policy.lease + policy.margin
        and move.answered - mark.at < policy.lease
    )
    shut = both or (mark is not None and mark.shut == move.epoch)
    return None if shut or witnesses else "neither shut for this epoch nor gone"


def seals_a_planned_move_without_loss(
    seen: Observation, _policy: Policy, _want: Want | None, action: Action
) -> str | None:
    """Seal a switchover when the replica has replayed the last position its fenced primary tells."""
    move = seen.state.move if seen.state else None
    if action.verb is not Verb.SEAL or move is None or move.kind is not Kind.SWITCHOVER:
        return None
    source, target = seen.sites[move.source].sql, seen.sites[move.target].sql
    if source.answer is not Answer.ANSWERED or source.in_recovery is not False or source.sessions != 0:
        return "the primary does not answer as one without sessions"
    if source.written is None or target.replayed is None or target.replayed < source.written:
        return "the replica has not replayed it all"
    same = (source.system, source.timeline) == (target.system, target.timeline)
    return None if same and source.system is not None else "positions of two clusters are compared"


def promotes_when_sealed(seen: Observation, _policy: Policy, _want: Want | None, action: Action) -> str | None:
    """Promotion is for a sealed move, and of the site that is active by it."""
    if action.verb is not Verb.PROMOTE:
        return None
    state = seen.state
    if state is None or state.move is None or state.move.phase is not Phase.SEALED:
        return "not sealed"
    return None if action.site == state.move.target else "not the target"


def acts_under_its_lock(seen: Observation, _policy: Policy, _want: Want | None, action: Action) -> str | None:
    """Whatever changes a move is done by the holder of its lock; another may take the lock once it has run out."""
    state = seen.state
    if action.after is None or state is None or state.move is None or action.verb is Verb.ADOPT:
        return None
    if action.verb is Verb.TAKE:
        return None if seen.at > state.move.until else "taken from a runner that may be at work"
    return None if state.move.holder == seen.runner else "not the holder"


def fences_within_a_move(seen: Observation, _policy: Policy, _want: Want | None, action: Action) -> str | None:
    """Shut the source of a move that can still be undone; without a move only the site that is not active."""
    if action.verb is not Verb.FENCE or seen.state is None:
        return None
    move = seen.state.move
    if move is None:
        return None if action.site != seen.state.active else "the active site is shut without a move"
    if (move.phase, action.site) not in ((Phase.OPEN, move.source), (Phase.TURNING, move.target)):
        return "neither the source of an open move nor the target of one that is turned back"
    return None if action.denies == {gate.number(move.epoch)} else "not by this epoch's number"


def opens_the_active_site(seen: Observation, _policy: Policy, _want: Want | None, action: Action) -> str | None:
    """Nothing is opened but the gate of the active site, by any document that could have come about."""
    if action.verb is not Verb.UNFENCE or seen.state is None:
        return None
    move = seen.state.move
    if move is not None and seen.state.active != (
        move.target if move.phase in (Phase.SEALED, Phase.TURNING) else move.source
    ):
        return None
    return None if action.site == seen.state.active else "opens a site that is not active"


def moves_on_agreement(seen: Observation, policy: Policy, want: Want | None, action: Action) -> str | None:
    """Begin an automatic move on the agreement of several witnesses; what is not known is never one of them."""
    automatic = action.verb is Verb.BEGIN or (action.verb is Verb.LOCK and want is not None and want.cause)
    if not automatic or seen.state is None:
        return None
    site = seen.state.active
    (other,) = (name for name in seen.sites if name != site)
    active, witness = seen.sites[site], seen.sites[other].sql.streaming is False
    mark = active.mark
    stale = mark is not None and seen.at - mark.at > policy.lease + policy.margin
    fenced_itself = gate.OWN in (active.gate.entering or ()) and gate.OWN in (active.gate.leaving or ())
    dead = active.sql.answer is Answer.SILENT and active.instance.status in (
        "available",
        "failed",
        "storage-optimization",
        "incompatible-network",
    )
    gone = active.sql.answer in (Answer.SILENT, Answer.UNASKED) and stale and active.heard and mark is not None
    if active.instance.failing_over:
        return "a Multi-AZ failover is under way"
    dead = dead and active.instance.failing_over is False
    return None if fenced_itself or (witness and (dead or gone)) else "the witnesses do not agree"


def keeps_still(seen: Observation, _policy: Policy, _want: Want | None, action: Action) -> str | None:
    """Begin nothing while paused, or cooling down, and no move is under way; a second primary is shut all the same."""
    state = seen.state
    if state is None or state.move is not None or state.serial == 0:
        return None
    held = (state.pause is not None and seen.at < state.pause.until) or seen.at < state.cool_until
    rogue = action.verb is Verb.FENCE and action.site != state.active
    return f"{action.verb} although held" if held and action.verb in MOVES_ON and not rogue else None


def asks_a_person(seen: Observation, policy: Policy, want: Want | None, action: Action) -> str | None:
    """Over the RPO, or not automatic, an unplanned move is sealed with a person's yes; off, none begins by itself."""
    move = seen.state.move if seen.state else None
    if policy.mode is Mode.OFF and (
        action.verb is Verb.BEGIN or (action.verb is Verb.LOCK and want is not None and want.cause)
    ):
        return "automatic moves are off"
    if action.verb is not Verb.SEAL or move is None or move.kind is Kind.SWITCHOVER or move.approved is not None:
        return None
    if policy.mode is not Mode.AUTOMATIC:
        return "nobody has said yes"
    proof = action.after.move.proof if action.after and action.after.move else None
    if proof is None or proof.loss_seconds is None or proof.loss_seconds > policy.rpo:
        return "more than the RPO may be lost"
    return None


def hands_the_role_over_in_the_seal(
    seen: Observation, _policy: Policy, _want: Want | None, action: Action
) -> str | None:
    """Change who is active by the seal alone, or by taking over a document that says so."""
    if seen.state is None or action.after is None or action.verb is Verb.ADOPT:
        return None
    if action.verb in (Verb.SEAL, Verb.RETURN):
        return None if action.after.active == action.site else "sealed for one site, handed to another"
    return None if action.after.active == seen.state.active else f"{action.verb} changes who is active"


def writes_the_next_document(seen: Observation, _policy: Policy, _want: Want | None, action: Action) -> str | None:
    """Let a document follow the one it was decided on; one taken over from elsewhere follows both."""
    if action.after is None:
        return "a document to compare with and none to write" if action.verb is Verb.SEAL else None
    if action.before is None or action.before != seen.state:
        return "decided on a document that was not seen"
    if action.copy is not None:
        newest = max(action.before.serial, action.copy.serial)
        return None if action.after.serial == newest + 1 else "its serial does not follow"
    return None if action.after.serial == action.before.serial + 1 else "its serial does not follow"


def says_why(_seen: Observation, _policy: Policy, _want: Want | None, action: Action) -> str | None:
    """Every action has its reason, and a wait that a machine can carry out."""
    if not action.reason.strip():
        return "no reason"
    return None if math.isfinite(action.seconds) and 0 <= action.seconds <= 3600 else f"waits {action.seconds}"


def settles_without_writing(_seen: Observation, _policy: Policy, _want: Want | None, action: Action) -> str | None:
    """End a loop by nothing that would have to be looked at again."""
    return f"{action.verb} writes" if action.settled and action.after is not None else None


LAWS: tuple[Law, ...] = (
    promotes_a_replica,
    seals_what_is_parted,
    returns_what_is_parted,
    seals_a_planned_move_without_loss,
    promotes_when_sealed,
    acts_under_its_lock,
    fences_within_a_move,
    opens_the_active_site,
    moves_on_agreement,
    keeps_still,
    asks_a_person,
    hands_the_role_over_in_the_seal,
    writes_the_next_document,
    says_why,
    settles_without_writing,
)
