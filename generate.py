"""Write templates/ from the tiers, or with --check say which of them are stale; nothing else."""

import sys
from pathlib import Path

from dr_templates.errors import DrError, Exit
from dr_templates.render import stale, write

TEMPLATES = Path(__file__).parent / "templates"


def main(arguments: list[str]) -> int:
    """Answer 0 when templates/ is as the tiers say, 3 when ``--check`` finds it is not.

    2 stands for anything else asked, 1 for files that cannot be read or written.
    """
    try:
        return run(arguments)
    except OSError as error:
        hint = "Check that templates/ is a folder you may write to, and that the disk has room."
        sys.stderr.write(
            f"{DrError(error.strerror or str(error), where=str(error.filename or TEMPLATES), hint=hint)}\n"
        )
        return Exit.FAILED


def run(arguments: list[str]) -> int:
    """Do what ``main`` answers for. Raises ``OSError``."""
    match arguments:
        case []:
            for name in write(TEMPLATES):
                sys.stderr.write(f"wrote templates/{name}\n")
            return Exit.DONE
        case ["--check"]:
            names = stale(TEMPLATES)
            for name in names:
                sys.stderr.write(f"stale: templates/{name}\n")
            if names:
                sys.stderr.write("hint:  run make templates and commit the result\n")
            return Exit.PENDING if names else Exit.DONE
        case _:
            sys.stderr.write("usage: python generate.py [--check]\n")
            return Exit.USAGE


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
