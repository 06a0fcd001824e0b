"""``drctl destroy``: say what goes, ask for the environment's name, delete in reverse, say what stays."""

import time
from pathlib import Path

from dr_templates.cli import permitting, site, view
from dr_templates.cli.board import Board, sentence
from dr_templates.cli.deploying import LEFT
from dr_templates.deploy import destroying, following
from dr_templates.deploy.looking import look
from dr_templates.deploy.steps import Happened
from dr_templates.errors import DrError, Exit


def run(config: Path, output: str, *, yes: bool) -> None:
    """Delete the environment. Raises ``DrError``: held when something protects it or nobody agrees, else failed."""
    on = site.take(config)
    stacks = look(on)
    board = Board(time.monotonic)
    board.said = board.clock()
    under_way = permitting.under_way(on)
    kept = [*destroying.obstacles(on, stacks), *([under_way] if under_way else [])]
    if kept:
        raise DrError(
            what="\n".join(kept),
            where=on.environment,
            hint="Set protection.termination_protection and deletion_protection to false and deploy that first; "
            "docs/deploying.md says how it is done by hand where no deploy starts any more.",
            code=Exit.HELD,
        )
    standing = [stack.name for stack in stacks.values() if stack is not None]
    for name in reversed(standing):
        view.warn(f"{name} is to go, with everything in it that its deletion policies do not keep")
    if not yes:
        _named(on.environment)
    stays: list[str] = []
    try:
        with view.followed(board, sentence) as take:
            for step in following.resume(on, stacks):
                take(step)
            for step in destroying.destroy(on, look(on), _quietly):
                take(step)
                if isinstance(step, Happened) and step.event.status == "DELETE_SKIPPED":
                    stays.append(
                        f"{step.root}: {'/'.join((*step.path, step.event.logical_id))} {step.event.physical_id}"
                    )
    except KeyboardInterrupt:
        view.warn(LEFT)
        raise
    if output == "json":
        view.data({"environment": on.environment, "deleted": standing, "retained": stays})
    else:
        for kept_by_policy in stays:
            view.line(f"retained  {kept_by_policy}")
    view.say(f"{on.environment} is gone" if standing else "nothing to do")


def _quietly(words: str) -> None:
    view.say(words)


def _named(environment: str) -> None:
    """Ask for the environment's name; nothing else means yes. Raises ``DrError``."""
    if not view.answers():
        raise DrError(
            what="there is nobody to ask",
            where=environment,
            hint="Run it at a terminal, or say --yes. Nothing has been changed.",
            code=Exit.USAGE,
        )
    if view.ask(f"type {environment} to delete it") != environment:
        raise DrError(what="not confirmed", where=environment, hint="Nothing has been changed.", code=Exit.HELD)
