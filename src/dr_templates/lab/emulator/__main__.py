"""``python -m dr_templates.lab.emulator --port N --home DIR``: the local AWS emulator, until SIGTERM."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from dr_templates.errors import DrError
from dr_templates.lab.emulator.place import ACCOUNT
from dr_templates.lab.emulator.server import serve


def main() -> int:
    """Read the arguments and serve; give the exit code of a start that failed."""
    parser = argparse.ArgumentParser(prog="python -m dr_templates.lab.emulator", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="directory for all the emulator writes")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--account", default=ACCOUNT, help="number of the account it plays")
    parser.add_argument("--rate", type=float, default=1.0, help="how many times as fast as time its clock runs")
    parser.add_argument("--watch", action="store_true", help="end when standard input ends")
    given = parser.parse_args()
    try:
        serve(given.home.resolve(), port=given.port, account=given.account, watch=given.watch, rate=given.rate)
    except DrError as error:
        sys.stderr.write(f"{error.what} ({error.where}). {error.hint}\n")
        return int(error.code)
    return 0


sys.exit(main())
