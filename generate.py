"""Write templates/ from the tiers, or with --check say which of them are stale; nothing else."""

import sys
from pathlib import Path

from dr_templates.render import stale, write

TEMPLATES = Path(__file__).parent / "templates"
STALE = 3


def main(arguments: list[str]) -> int:
    """Answer 0 when templates/ is as the tiers say, 3 when ``--check`` finds it is not, 2 for anything else asked."""
    match arguments:
        case []:
            for name in write(TEMPLATES):
                sys.stderr.write(f"wrote templates/{name}\n")
            return 0
        case ["--check"]:
            names = stale(TEMPLATES)
            for name in names:
                sys.stderr.write(f"stale: templates/{name}\n")
            if names:
                sys.stderr.write("hint:  run make templates and commit the result\n")
            return STALE if names else 0
        case _:
            sys.stderr.write("usage: python generate.py [--check]\n")
            return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
