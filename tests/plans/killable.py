"""The deployer in a process of its own, with the small environment or the real one: to be killed at any moment."""

import sys
from pathlib import Path

from dr_templates.config import load
from dr_templates.deploy import deployment
from dr_templates.lab.emulator import Emulator
from plans import drive, small


def main(endpoint: str, suffix: str, size: str) -> None:
    """Deploy; say on stdout when it begins."""
    config = load(small.CONFIG).model_copy(update={"suffix": suffix})
    on = drive.deployment(Emulator(endpoint, Path("/"), 0), config)
    source = small.source(config) if size == "small" else deployment.source(config)
    sys.stdout.write("begins\n")
    sys.stdout.flush()
    drive.deploy_on(on, source)


if __name__ == "__main__":
    main(*sys.argv[1:])
