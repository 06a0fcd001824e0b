"""A plan as a file, so that what one person has seen is exactly what is carried out, later or by another."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from dr_templates import files
from dr_templates.deploy import roots
from dr_templates.deploy.deployment import Deployment
from dr_templates.deploy.plan import Plan
from dr_templates.errors import DrError, Exit

_PLAN = TypeAdapter(Plan)


def save(plan: Plan, path: Path) -> None:
    """Write a plan. It names change sets and holds no value of a secret. Raises ``OSError``."""
    files.replace(path, _PLAN.dump_json(plan, indent=2) + b"\n")


def room(path: Path) -> None:
    """See that a plan can be written to ``path``. Raises ``DrError`` (usage) for a file that holds something else."""
    if not path.parent.is_dir():
        raise DrError(what="there is no such folder", where=str(path.parent), hint="Make it first.", code=Exit.USAGE)
    if path.exists() and _read(path) is None:
        raise DrError(
            what="the file holds something else than a plan, and is not replaced",
            where=str(path),
            hint="Name another file with --save.",
            code=Exit.USAGE,
        )


def load(path: Path, on: Deployment) -> Plan:
    """Read a plan of this environment. Raises ``DrError`` for a file that is none, or is of another environment."""
    try:
        plan = _read(path)
    except FileNotFoundError as error:
        raise DrError(what="there is no such plan", where=str(path), hint=f"drctl plan --save {path}") from error
    if plan is None:
        raise DrError(
            what="the file holds no plan",
            where=str(path),
            hint="A plan is written by: drctl plan --save FILE. A configuration is named with --config.",
            code=Exit.USAGE,
        )
    found = (plan.environment, plan.account)
    if found != (on.environment, on.config.account):
        raise DrError(
            what=f"the plan is of {found[0]} in account {found[1]}, the configuration of {on.environment} in "
            f"{on.config.account}",
            where=str(path),
            hint="Name the configuration it was made from with --config.",
            code=Exit.USAGE,
        )
    if [planned.root for planned in plan.stacks] != list(roots.every(on.topology)):
        raise DrError(
            what="the plan is of other stacks than the configuration's",
            where=str(path),
            hint=f"Plan again: drctl plan --save {path}",
            code=Exit.PENDING,
        )
    return plan


def _read(path: Path) -> Plan | None:
    """Read what may be a plan; None when it is none. Raises ``OSError``."""
    try:
        return _PLAN.validate_json(path.read_bytes())
    except (ValidationError, UnicodeDecodeError):
        return None


def plain(plan: Plan) -> object:
    """Give a plan as plain data, for JSON."""
    return _PLAN.dump_python(plan, mode="json")
