"""``drctl switchover`` and ``failover``: check, say what it costs, ask, start the move, and watch it to its end."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from dr_templates.aws import alone, operator, table, trigger
from dr_templates.aws.observe import observe
from dr_templates.cli import desk, following, local, turning, view
from dr_templates.cli.warning import cost
from dr_templates.errors import DrError, Exit
from dr_templates.failover import orders
from dr_templates.failover.decide import decide
from dr_templates.failover.loop import LostError
from dr_templates.failover.model import Observation, Verb, Want
from dr_templates.failover.state import Kind
from dr_templates.topology import CONTROL

EPOCHS_TRIED = 5
LOOK_AGAIN = "drctl status shows both sites and what is in the way."


@dataclass(frozen=True)
class Request:
    """What was asked for. ``here`` runs the move from this machine, ``alone`` also without the control region."""

    kind: Kind
    to: str
    config: Path
    yes: bool = False
    here: bool = False
    alone: bool = False


def run(request: Request, output: str) -> None:
    """Move the database. Raises ``DrError``: held when it may not be, failed when it could not."""
    with view.progress("asking AWS who you are"):
        at = desk.take(request.config, request.to if request.alone else CONTROL)
    to = at.site(request.to)
    place = to if request.alone else CONTROL
    with view.progress(at.looking(control_gone=request.alone)):
        seen = observe(at.eyes(place, control_gone=request.alone))
    if request.kind is Kind.FAILOVER and _turned_back(at, request, seen, output):
        return
    if request.alone:
        seen, known = alone.taken(seen, to, by=at.by, runner=at.runner, hold=at.policy.hold, where=at.where(to))
    want = Want(request.kind, to, _latest(seen) + 1, at.by)
    action = decide(seen, at.policy, want)
    _checked(at, request, seen, action.verb, action.reason)
    if action.verb is Verb.REST:
        if output == "json":
            view.data({"epoch": None, "moved": False, "result": action.reason, "left": [], "steps": []})
        view.say(f"nothing to do: {action.reason}")
        return
    _agreed(at, request, cost(seen, to, at.policy, at.names))
    if request.alone and seen.state is not None:
        alone.break_glass(at.table(place), known, seen.state, where=at.where(place))
    if request.here:
        local.run(at, want, place, output)
        return
    following.follow(at, _start(at, want), to, output)


def _turned_back(at: desk.Desk, request: Request, seen: Observation, output: str) -> bool:
    """Have a sealed move go back to the site it came from, and watch it; tell whether there was one."""
    move = turning.wanted(seen.state, request.to)
    if move is None:
        return False
    turning.checked(at, seen, move)
    _agreed(at, request, turning.cost(seen, move))
    place = request.to if request.alone else CONTROL
    want = turning.order(at, place, move, alone=request.alone, here=request.here)
    if request.here:
        local.run(at, want, place, output)
    else:
        following.follow(at, turning.start(at, want), request.to, output)
    return True


def _latest(seen: Observation) -> int:
    """Give the highest epoch any table knows: one of a site is the later one after a move without control's."""
    states = [seen.state, *(sight.copy for sight in seen.sites.values())]
    return max((state.epoch for state in states if state is not None), default=0)


def _checked(at: desk.Desk, request: Request, seen: Observation, verb: Verb, reason: str) -> None:
    """Start nothing that would be held anyway, nor a second move beside one under way."""
    if verb is Verb.HOLD:
        hint = LOOK_AGAIN
        if seen.state is None:
            hint = "Without the control region: drctl failover --here --control-is-gone; docs/moving.md says when."
        raise DrError(what=reason, where=at.where(), hint=hint, code=Exit.HELD)
    documents = [seen.state, *(sight.copy for sight in seen.sites.values())]
    newest = max((state for state in documents if state), key=lambda state: (state.epoch, state.serial), default=None)
    move = newest.move if newest else None
    if move is not None and (not request.here or move.towards != request.to):
        raise DrError(
            what=f"epoch {move.epoch} is under way to {move.towards}, held by {move.holder}",
            where=at.where(),
            hint="Watch it with: drctl status -w. A move whose runner has died is taken up within minutes.",
            code=Exit.HELD,
        )


def _agreed(at: desk.Desk, request: Request, costs: Iterable[str]) -> None:
    """Ask before anything is begun; what may lose something asks for the environment's name."""
    unplanned = request.kind is Kind.FAILOVER
    if unplanned:
        for words in costs:
            view.warn(words)
        if request.alone:
            view.warn(
                "the control region counts as gone by your word alone: if it still runs, or sees the other site, that "
                "one goes on serving; the name moves only once the control region is back"
            )
    if request.yes:
        return
    if not view.answers():
        raise DrError(
            what="this asks before it begins, and there is no terminal to answer on",
            where="option --yes",
            hint="Run it in a terminal, or say --yes when you mean it.",
            code=Exit.USAGE,
        )
    name = at.names.environment
    if unplanned:
        agreed = view.ask(f"Type the environment's name, {name}, to fail over to {request.to}") == name
    else:
        agreed = view.confirm(f"Move {name} to {request.to}? Writes wait meanwhile")
    if not agreed:
        raise DrError(what="not agreed to", where=name, hint="Nothing has been begun.", code=Exit.HELD)


def _start(at: desk.Desk, want: Want) -> int:
    """Start the execution of the next epoch that can be had, and give that epoch."""
    where = f"state machine of {at.names.environment} in {at.names.region(CONTROL)}"
    machine = at.clients.stepfunctions(at.names.region(CONTROL))
    for _ in range(EPOCHS_TRIED):
        with view.progress(f"starting epoch {want.epoch}"), operator.explained(where):
            try:
                if trigger.start(machine, at.names, want):
                    return want.epoch
            except trigger.SpentError:
                want = replace(want, epoch=_skip(at, want.epoch))
                continue
        raise DrError(
            what=f"{trigger.execution(want.epoch)} runs already: somebody else has started a move",
            where=where,
            hint="Watch it with: drctl status -w",
            code=Exit.HELD,
        )
    raise DrError(
        what=f"the executions of {EPOCHS_TRIED} epochs have run and moved nothing",
        where=where,
        hint="Look at the last ones in Step Functions, and at drctl history.",
    )


def _skip(at: desk.Desk, epoch: int) -> int:
    """Use up an epoch whose execution has ended without a move, and give the next one."""
    before = table.read_state(at.table())
    if before is None or before.epoch >= epoch:
        return (before.epoch if before else epoch) + 1
    try:
        table.write_state(at.table(), before, orders.skip(before))
    except LostError as error:
        raise DrError(
            what=f"somebody else was faster: {error}", where=at.where(), hint=LOOK_AGAIN, code=Exit.HELD
        ) from error
    return epoch + 1
