"""``drctl generate``: write the templates, or say which are not current."""

from pathlib import Path

from dr_templates import render
from dr_templates.cli import view
from dr_templates.cli.told import ToldError
from dr_templates.errors import Exit


def write(folder: Path, output: str) -> None:
    """Write what changed and say what that was. Raises ``OSError`` when the folder cannot be written."""
    changed = render.write(folder)
    if output == "json":
        view.data({"changed": list(changed)})
        return
    for name in changed:
        view.line(f"{folder / name}")
    view.say(f"{len(changed)} changed" if changed else "templates are current")


def check(folder: Path, output: str) -> None:
    """Change nothing. Raises ``ToldError`` with exit code 3 when a template is missing, stale or surplus."""
    stale = render.stale(folder)
    if output == "json":
        view.data({"stale": list(stale)})
    if stale:
        raise ToldError(
            what=f"not what the source gives: {', '.join(stale)}",
            where=str(folder),
            hint="Write them anew with: drctl generate",
            code=Exit.PENDING,
        )
    view.say("templates are current")
