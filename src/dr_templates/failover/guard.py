"""The watchdog's decision: whether its site's gate has to be shut or may be opened, by what the site alone can see.

It is the third vote. A site that reaches neither of the two other places cannot know whether they have replaced it, so
it stops serving before they may (fact A50). Reaching one of them is enough to go on: its mark there keeps it from being
counted as gone.
"""

from __future__ import annotations

from dataclasses import dataclass

from dr_templates.failover import gate
from dr_templates.failover.model import Action, Gate, Verb
from dr_templates.failover.state import Kind, Move, Phase, State

RESERVE_SECONDS = 30.0
"""How long before its lease runs out a site begins to fence itself, so that it is shut when the lease does: a tick may
be late by the gap between two invocations, and a call that is not answered takes its time as well."""


@dataclass(frozen=True)
class Post:
    """What the watchdog of one site sees.

    ``acked`` is when the newest mark that another place has accepted was sent, by this clock; None when none ever was.
    ``state`` is the newest document at hand, None for none. ``sure`` says that it is the truth and no copy: it was read
    from control's table, or from the site's own while a person has it go on alone, and after ``gate`` was looked at.
    ``replica`` is whether the site's database is one, None when neither RDS nor the database tells. ``kept`` is the
    copy in the site's own table, which alone tells nothing of what has happened since.
    """

    at: float
    site: str
    acked: float | None
    gate: Gate
    state: State | None = None
    sure: bool = False
    replica: bool | None = None
    kept: State | None = None


def guard(post: Post, lease: float) -> Action:
    """Give FENCE or UNFENCE with the denies to set or to lift, or KEEP. ``lease`` is in seconds.

    Any document may shut, as shutting is safe. Only the truth may open: a copy may be from before the move that shut.
    """
    unheard = post.acked is not None and post.at - post.acked > lease - min(RESERVE_SECONDS, lease / 2)
    cut_off = unheard and not _alone(post)
    if cut_off and (post.replica is not True or due(post.kept, post.site)):
        return _shut(post, gate.OWN, "neither other place has heard from us lately: they may count us as gone")
    if post.state is None or cut_off or post.acked is None:
        return Action(Verb.KEEP, "cannot tell who is active, so nothing changes here", post.site)
    if post.replica is True and not _doubted(post, post.state):
        left = gate.of_moves(post.gate) - gate.next_to(post.state.epoch)
        return _open(post, left | {gate.OWN}, "a replica takes no writes")
    return _by_state(post, post.state)


def _alone(post: Post) -> bool:
    """Tell whether a person has said that this site goes on although it reaches nobody: theirs is the second vote."""
    return post.sure and post.state is not None and post.state.alone != "" and post.state.active == post.site


def due(state: State | None, site: str) -> int:
    """Give the move to this site that is under way, by the epoch as which it was begun; 0 for none.

    Its replica may be promoted while nobody can be asked.
    """
    move = state.move if state else None
    coming = move is not None and move.target == site and move.phase in (Phase.OPEN, Phase.SEALED, Phase.TURNING)
    return move.first if move is not None and coming else 0


def _doubted(post: Post, state: State) -> bool:
    """Tell whether this is a replica only as long as a promotion that nobody wants any more has not come about."""
    move = state.move
    turning = move is not None and move.phase is Phase.TURNING and move.target == post.site
    return turning or state.doubts(post.site)


def shut_for(post: Post) -> int:
    """Give the epoch whose move finds this site shut by its own number, for the mark; 0 for none."""
    move = _unplanned_from_here(post.state, post.site)
    return move.epoch if move and gate.shut_by(post.gate, gate.number(move.epoch)) else 0


def _by_state(post: Post, state: State) -> Action:
    move = _unplanned_from_here(state, post.site)
    if move:
        reason = f"epoch {move.epoch} moves away from here unplanned"
        mine = gate.number(move.epoch)
        return (
            _open(post, frozenset({gate.OWN}), reason) if gate.shut_by(post.gate, mine) else _shut(post, mine, reason)
        )
    if state.active != post.site:
        if post.replica is None:
            return Action(Verb.KEEP, "not active, and not known to take writes", post.site)
        what = "this may be promoted yet" if post.replica else "this is no replica"
        return _shut(post, gate.OWN, f"{state.active} is active since epoch {state.epoch}, and {what}")
    if state.move and state.move.source == post.site and state.move.phase is not Phase.DONE:
        return _open(post, frozenset({gate.OWN}), "active, while a planned move decides about the rest")
    return _open(post, gate.of_moves(post.gate) | {gate.OWN}, f"active in epoch {state.epoch}")


def _unplanned_from_here(state: State | None, site: str) -> Move | None:
    """Give the move that takes the site for dead or cut off: it must be shut even where its runner cannot reach it."""
    move = state.move if state else None
    if move is None:
        return None
    unplanned = move.kind is Kind.FAILOVER and move.phase is Phase.OPEN and move.source == site
    return move if unplanned or (move.phase is Phase.TURNING and move.target == site) else None


def _shut(post: Post, deny: int, reason: str) -> Action:
    if gate.shut_by(post.gate, deny):
        return Action(Verb.KEEP, reason, post.site)
    return Action(Verb.FENCE, reason, post.site, denies=frozenset({deny}))


def _open(post: Post, denies: frozenset[int], reason: str) -> Action:
    """Lift what is seen of these denies, and nothing that may have come since."""
    seen = gate.denies(post.gate) & denies
    if not seen:
        return Action(Verb.KEEP, reason, post.site)
    if not post.sure:
        return Action(Verb.KEEP, "control's table cannot be read, and nothing is opened on a copy's word", post.site)
    return Action(Verb.UNFENCE, reason, post.site, denies=seen)
