"""``drctl failover --to SITE`` with the site that a sealed move came from: have the move turned back, and watch it."""

from collections.abc import Iterator
from dataclasses import replace

from dr_templates.aws import operator, trigger
from dr_templates.aws.journal import Order
from dr_templates.cli import ordering, view
from dr_templates.cli.desk import Desk
from dr_templates.cli.durations import spoken
from dr_templates.cli.portrait import when
from dr_templates.errors import DrError, Exit
from dr_templates.failover import gate, orders
from dr_templates.failover.model import Answer, Observation, Want
from dr_templates.failover.stance import stance, writable
from dr_templates.failover.state import Kind, Move, Phase, State
from dr_templates.failover.turning import barred

LOOK_AGAIN = "drctl status shows both sites and what is in the way."


def wanted(state: State | None, to: str) -> Move | None:
    """Give the move that would be turned back by a failover to this site, if there is one."""
    move = state.move if state else None
    return move if move is not None and move.phase is Phase.SEALED and move.source == to else None


def checked(at: Desk, seen: Observation, move: Move) -> None:
    """See that the move can be turned back. Raises ``DrError`` (held) with what is in the way."""
    against = barred(seen, move) or _unvouched(seen, move)
    if move.verified is not None:
        against = f"{move.target} has taken a write as primary: the move ends by itself, and a switchover leads back"
    if against:
        raise DrError(what=against, where=at.where(), hint=LOOK_AGAIN, code=Exit.HELD)


def _unvouched(seen: Observation, move: Move) -> str | None:
    """Say why the target could neither be fenced nor ever count as gone."""
    target = seen.sites[move.target]
    if gate.known(target.gate) or (target.mark is not None and target.mark.armed and target.mark.due == move.first):
        return None
    return (
        f"the gate of {move.target} cannot be reached, and its watchdog has not said that it knew of the move: "
        "it might be promoted behind an open gate"
    )


def cost(seen: Observation, move: Move) -> Iterator[str]:
    """Say what is turned back, what is fenced, and what may be lost. Pure."""
    source, target = move.source, move.target
    since = f"sealed at {when(move.turned)}, {spoken(seen.at - move.turned)} ago"
    yield f"epoch {move.epoch} has handed over to {target} ({since}), not seen to take a write: it will be turned back"
    until = "until it has been a replica for an hour"
    yield f"{target} (now {stance(seen.sites[target])}) will be fenced, for readers too, {until}"
    yield f"{source} (now {stance(seen.sites[source])}) will be opened, with all that it had"
    sight = seen.sites[target]
    if not gate.known(sight.gate):
        yield f"{target} cannot be reached to be fenced: that it serves nobody is its watchdog's last word, and yours"
    if sight.sql.answer is Answer.ANSWERED and sight.sql.in_recovery:
        yield f"may be lost: nothing, {target} is a replica still"
    elif writable(sight.sql) and not gate.shut(sight.gate):
        sessions = "an unknown number of" if sight.sql.sessions is None else sight.sql.sessions
        yield f"will be lost: what clients have written at {target}, which is primary and serves {sessions} sessions"
    else:
        yield f"may be lost: what clients have written at {target} since the seal, if it has let any in"


def order(at: Desk, place: str, move: Move, *, alone: bool, here: bool) -> Want:
    """Write the order down in the table of ``place``, and give what to run.

    ``alone`` goes on without the control region, from the copy of the site that is to serve again. The runner of the
    move may be at work all the while; what counts is that it still is this move, and sealed. Raises ``DrError`` (held).
    """

    def turned(state: State) -> State:
        if state.move is None or state.move.epoch != move.epoch:
            raise orders.RefusedError(reason=f"epoch {move.epoch} is over, or is another's by now")
        until = at.clock() + at.policy.hold
        now = orders.break_glass(state, at.runner, until) if alone else state
        holder = at.runner if here else at.names.execution_arn(trigger.execution(now.epoch + 1))
        return orders.turn_back(now, at.by, holder, at.clock(), until)

    state = ordering.give(at, turned, place)
    words = f"epoch {move.epoch} is turned back to {move.source}, as epoch {state.epoch}"
    for epoch in (move.epoch, state.epoch):
        ordering.note(at, Order.TURN_BACK, replace(state, epoch=epoch), words, place)
    return Want(Kind.FAILOVER, move.source, state.epoch, at.by)


def start(at: Desk, want: Want) -> int:
    """Start the execution that turns the move back, and give its epoch; where that fails, the next tick does it."""
    where = f"state machine of {at.names.environment} in {at.names.region('control')}"
    try:
        with view.progress(f"starting epoch {want.epoch}"), operator.explained(where):
            trigger.start(at.clients.stepfunctions(at.names.region("control")), at.names, want)
    except (trigger.SpentError, DrError) as error:
        raise DrError(
            what=f"the order is written down, but its execution could not be started: {error}",
            where=where,
            hint="The next tick carries it out within three minutes; watch it with: drctl status -w",
        ) from error
    return want.epoch
