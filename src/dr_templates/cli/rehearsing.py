"""The drill's verbs: their options and words. As in ``commands``, what one does is imported when it runs."""
# ruff: noqa: PLC0415 - the imports inside the verbs are the point of this module

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import click

from dr_templates.cli import options

REPORTS: Final = Path("build/drill")
FASTEST: Final = 60.0
MOST_LANES: Final = 16


def lanes_here() -> int:
    """Count the processors that this process may use: a drill takes all of one, and is late where it gets less."""
    mine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(MOST_LANES, mine or 1)


@click.group(invoke_without_command=True)
@click.option(
    "--scenario", "scenarios", multiple=True, metavar="NAME|all", help="Drill this one; several times for several."
)
@click.option(
    "--times", type=click.IntRange(1, 1000), default=1, show_default=True, help="Drill each of them so many times."
)
@click.option(
    "--report",
    type=click.Path(file_okay=False, path_type=Path),
    default=REPORTS,
    show_default=True,
    help="Directory for the reports, a JSON file and a page for each.",
)
@click.option(
    "--rate",
    type=click.FloatRange(1.0, FASTEST),
    help="How fast AWS's clocks run in the lab.  [default: what suits the scenario]",
)
@click.option(
    "--rto",
    type=options.Duration(1, 86400),
    default="15m",
    show_default=True,
    help="Objective for the time without writes, at AWS's own clocks.",
)
@click.option(
    "--lanes",
    type=click.IntRange(1, MOST_LANES),
    default=lanes_here,
    show_default="one for each processor",
    help="How many drills run side by side.",
)
@options.config()
@options.output()
def drill(
    *,
    scenarios: tuple[str, ...],
    times: int,
    report: Path,
    rate: float | None,
    rto: int,
    lanes: int,
    config: Path,
    output: str,
) -> None:
    """Break a pair in a lab on this machine, have it moved, and count what clients lost.

    The environment of the configuration is deployed to an emulator of AWS with real PostgreSQL behind it, and removed
    afterwards; no AWS account is needed. Without --scenario the usual ones are drilled. Exits 1 when one does not pass.
    """
    if click.get_current_context().invoked_subcommand is not None:
        return
    from dr_templates.cli import drilling

    drilling.run(drilling.Request(scenarios, report, config, rate, float(rto), lanes, times), output)


@drill.command()
@click.argument("file", type=options.FILE)
@options.output()
def verify(file: Path, output: str) -> None:
    """See that a report, JSON or page, is what the drill has written; a changed byte is refused with exit 1."""
    from dr_templates.cli import drilling

    drilling.verify(file, output)


@drill.command(name="list")
@options.output()
def list_(output: str) -> None:
    """Tell what can be drilled."""
    from dr_templates.cli import drilling

    drilling.scenarios(output)


REHEARSING: Final[Mapping[str, click.Command]] = MappingProxyType({"drill": drill})
