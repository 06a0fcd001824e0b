"""``drctl plan``: what a deployment would do, and why it would be refused; nothing is executed."""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from dr_templates.cli import options, permitting, picture, site, view
from dr_templates.cli.told import ToldError
from dr_templates.deploy import deployment, gates, planning, saved, shipping
from dr_templates.deploy.deployment import Deployment, Source
from dr_templates.deploy.plan import Plan
from dr_templates.errors import Exit

TEMPLATES = Path("templates")


@dataclass(frozen=True)
class Request:
    """What was asked for. ``allowed`` are logical ids that may be replaced or deleted; ``first``: there is no state."""

    config: Path
    allowed: tuple[str, ...] = ()
    first: bool = False
    full: bool = False
    save: Path | None = None


def run(request: Request, output: str) -> None:
    """Show the plan. Raises ``ToldError``: pending when there is something to do, held when it would be refused."""
    if request.save is not None:
        saved.room(request.save)
    on = site.take(request.config)
    site.current(TEMPLATES)
    with view.progress("packing templates and archives"):
        source = deployment.source(on.config)
    plan = make(on, source)
    kept = False
    try:
        refused = refusals(on, plan, request)
        if request.save is not None and not refused:
            saved.save(plan, request.save)
            kept = True
    finally:
        if not kept:
            thrown_away(on, plan)
    show(plan, refused, output, full=request.full)
    if refused:
        raise ToldError(what="\n".join(refused), where=on.environment, hint=hint(plan, request), code=Exit.HELD)
    if plan.empty:
        view.say("nothing to do")
        return
    raise ToldError(
        what="changes are pending", where=on.environment, hint=f"next: {following(request)}", code=Exit.PENDING
    )


def following(request: Request) -> str:
    """Give the command that carries a plan out, on the same terms."""
    allowed = [word for name in request.allowed for word in ("--allow-replace", name)]
    elsewhere = request.config not in (options.CONFIG, Path(os.environ.get(options.VARIABLE, "")))
    words = (
        "drctl",
        "deploy",
        *([str(request.save)] if request.save else []),
        *(["--config", str(request.config)] if elsewhere else []),
        *(["--first-deploy"] if request.first else []),
        *allowed,
    )
    return shlex.join(words)


def thrown_away(on: Deployment, plan: Plan) -> None:
    """Throw a plan away; what is left of it is told, and hides nothing that is to be said besides."""
    for words in planning.discard(on, plan):
        view.warn(words)


UNTOUCHED = "No stack has been changed."


def hint(plan: Plan, request: Request) -> str:
    """Say what to do about a refusal; leave is offered only for what it would help."""
    lost = {reason for planned in plan.work for reason in gates.refusals(planned, request.allowed)}
    if not lost:
        return UNTOUCHED
    for_good = {reason for planned in plan.work for reason in gates.refusals(planned, gates.everything(planned))}
    leave = ", or allow it with --allow-replace LOGICAL_ID" if lost - for_good else ""
    return f"Take back what would be lost{leave}. {UNTOUCHED}"


def make(on: Deployment, source: Source) -> Plan:
    """Bring what is needed to the buckets, and have the plan made."""
    with view.progress("looking at the artifact buckets") as told:
        shipping.ship_all(on, source, told)
        return planning.make(on, source, told)


def refusals(on: Deployment, plan: Plan, request: Request) -> tuple[str, ...]:
    """Say why a plan is refused: what would be lost, and a move that is unfinished or cannot be known of."""
    if plan.empty:
        return ()
    lost = [reason for planned in plan.work for reason in gates.refusals(planned, request.allowed)]
    unknown = gates.strangers(plan, request.allowed)
    moving = permitting.moving(on, first=request.first)
    return (*lost, *unknown, *([moving] if moving else []))


def show(plan: Plan, refused: tuple[str, ...], output: str, *, full: bool) -> None:
    """Show a plan."""
    if output == "json":
        view.data({"plan": saved.plain(plan), "refused": list(refused)})
    elif not plan.empty:
        view.tree(picture.rows(plan, full=full), result=True)
