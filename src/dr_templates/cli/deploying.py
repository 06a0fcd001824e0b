"""``drctl deploy``: follow what is under way, plan, show, ask, apply, and give the outputs."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dr_templates.cli import permitting, picture, planning, site, view
from dr_templates.cli.board import Board, sentence
from dr_templates.deploy import applying, deployment, following, recovering, saved, verifying
from dr_templates.deploy.applying import Terms
from dr_templates.deploy.deployment import Deployment, Source
from dr_templates.deploy.looking import look
from dr_templates.deploy.plan import Plan, StackPlan
from dr_templates.deploy.steps import Begun, Done, Step
from dr_templates.errors import DrError, Exit

NEXT = "next: drctl status"
LEFT = "CloudFormation goes on with what it has begun; the same command follows it, and does the rest."


@dataclass(frozen=True)
class Request:
    """What was asked for: a plan's file to carry out, or none to plan now."""

    plan: planning.Request
    file: Path | None = None
    yes: bool = False
    recover: bool = False


def run(request: Request, output: str) -> None:
    """Deploy. Raises ``DrError``: held when refused, pending when what was seen no longer holds, failed otherwise."""
    on = site.take(request.plan.config)
    site.current(planning.TEMPLATES)
    loaded = saved.load(request.file, on) if request.file else None
    with view.progress("packing templates and archives"):
        source = deployment.source(on.config)
    _settle(on, request)
    plan = _verified(on, source, loaded) if loaded else planning.make(on, source)
    agreed = False
    try:
        agreed = _agreed(on, plan, request)
    finally:
        if not agreed and request.file is None:
            planning.thrown_away(on, plan)
    done: dict[str, Done] = {}
    if not plan.empty:
        terms = Terms(
            request.plan.allowed,
            lambda found: _asked_again(on, found, request),
            view.say,
            lambda: permitting.moving(on, first=request.plan.first),
        )
        done = _followed(applying.apply(on, source, plan, terms), plan)
    _result(on, plan, done, output)


def _verified(on: Deployment, source: Source, plan: Plan) -> Plan:
    """See that a saved plan still holds."""
    with view.progress("holding the plan against what there is"):
        return verifying.verified(on, source, plan)


def _settle(on: Deployment, request: Request) -> None:
    """Follow what an interrupted run has left at work, and get stuck stacks going again where that was asked for."""
    stacks = look(on)
    if any(stack is not None and stack.running for stack in stacks.values()):
        _followed(following.resume(on, stacks), None)
        stacks = look(on)
    curing = [f"{stack.name}: {recovering.CURES[state.cure]}" for _, stack, state in recovering.curable(stacks)]
    if not request.recover or not curing:
        return
    if reason := permitting.moving(on, first=request.plan.first):
        raise DrError(what=reason, where=on.environment, hint=planning.UNTOUCHED, code=Exit.HELD)
    for words in curing:
        view.warn(words)
    _asked(on, request, f"do this to {on.environment} first?")
    _followed(recovering.recover(on, stacks), None)


def _asked(on: Deployment, request: Request, question: str) -> None:
    """Ask, unless the answer was given beforehand. Raises ``DrError`` for a no, and where nobody can be asked."""
    if request.yes:
        return
    if not view.answers():
        raise DrError(
            what="there is nobody to ask",
            where=on.environment,
            hint="Run it at a terminal, or say --yes. Nothing has been changed.",
            code=Exit.USAGE,
        )
    if not view.confirm(question):
        raise DrError(what="not agreed", where=on.environment, hint="Nothing has been changed.", code=Exit.HELD)


def _agreed(on: Deployment, plan: Plan, request: Request) -> bool:
    """Show the plan, refuse what may not be, and ask. Raises ``DrError``."""
    refused = planning.refusals(on, plan, request.plan)
    if not plan.empty:
        view.tree(picture.rows(plan, full=request.plan.full), result=False)
    if refused:
        hint = planning.hint(plan, request.plan)
        raise DrError(what="\n".join(refused), where=on.environment, hint=hint, code=Exit.HELD)
    if not plan.empty:
        _asked(on, request, f"deploy this to {on.environment}?")
    return True


def _asked_again(on: Deployment, found: StackPlan, request: Request) -> bool:
    """Ask about what only came to light on the way. A saved plan is carried out as it was seen, or not at all."""
    view.tree(picture.rows(Plan(on.environment, on.config.account, (found,))), result=False)
    if request.file is not None:
        return False
    return request.yes or (view.answers() and view.confirm("an earlier stack gave new outputs; go on with this?"))


def _followed(steps: Iterable[Step], plan: Plan | None) -> dict[str, Done]:
    """Show steps as they come; give how each root ended."""
    board = Board(time.monotonic)
    board.said = board.clock()
    if plan is not None:
        board.expect(plan)
    begun: set[str] = set()
    done: dict[str, Done] = {}
    try:
        with view.followed(board, sentence) as take:
            for step in steps:
                take(step)
                match step:
                    case Begun(root=root):
                        begun.add(str(root))
                    case Done(root=root):
                        done[str(root)] = step
    except (KeyboardInterrupt, DrError):
        if begun - done.keys():
            view.warn(LEFT)
        raise
    return done


def _result(on: Deployment, plan: Plan, done: dict[str, Done], output: str) -> None:
    if output == "json":
        standing = {str(one): stack for one, stack in look(on).items() if stack is not None}
        outputs = {root: dict(stack.outputs or {}) for root, stack in standing.items()}
        view.data({"environment": on.environment, "changed": list(done), "outputs": outputs})
    else:
        for root, ended in done.items():
            for name, value in ended.outputs.items():
                view.line(f"{root}: {name}={value}")
    view.say("nothing to do" if plan.empty else f"{on.environment} is deployed; {NEXT}")
