"""The deployer's verbs: their options and words. As in ``commands``, what one does is imported when it runs."""
# ruff: noqa: PLC0415 - the imports inside the verbs are the point of this module

import shlex
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import click

from dr_templates.cli import options

_ALLOW = click.option(
    "--allow-replace",
    "allowed",
    multiple=True,
    metavar="LOGICAL_ID",
    help="Let this database, subnet group, key or secret be replaced or deleted; may be given several times.",
)
_FIRST = click.option(
    "--first-deploy", "first", is_flag=True, help="There is no state table yet, so nothing that could be moving."
)
_FULL = click.option("--full", is_flag=True, help="List also every resource of what is new as a whole.")


@click.command()
@_ALLOW
@_FIRST
@_FULL
@click.option("--save", type=options.FILE, metavar="FILE", help="Keep the plan, for `drctl deploy FILE`.")
@options.config()
@options.output()
def plan(allowed: tuple[str, ...], first: bool, full: bool, save: Path | None, config: Path, output: str) -> None:
    """Show what a deployment would do, nested stacks included; nothing is executed.

    Templates and archives are brought to the artifact buckets for it. Exits 3 when something would change, 4, with each
    reason, when it would be refused.
    """
    from dr_templates.cli import planning

    planning.run(planning.Request(config, allowed, first=first, full=full, save=save), output)


@click.command()
@click.argument("file", required=False, type=options.FILE)
@_ALLOW
@_FIRST
@_FULL
@click.option("--recover", is_flag=True, help="First continue rollbacks that stopped, and delete what is undone.")
@click.option("--yes", is_flag=True, help="Do not ask; for scripts. What is refused is refused all the same.")
@options.config()
@options.output()
def deploy(
    file: Path | None,
    *,
    allowed: tuple[str, ...],
    first: bool,
    full: bool,
    recover: bool,
    yes: bool,
    config: Path,
    output: str,
) -> None:
    """Deploy the environment to its three regions, or exactly the plan in FILE.

    Follows first what an interrupted run has left at work. Shows the change sets as a tree and asks; then shows every
    stack while it is made, and gives the outputs. When something fails, it names the first cause in AWS's own words;
    what was made stands, and the same command goes on from there. Exits 4 when the plan is refused, 3 when what was
    seen no longer holds.
    """
    from dr_templates.cli import deploying, planning

    wanted = planning.Request(config, allowed, first=first, full=full)
    deploying.run(deploying.Request(wanted, file, yes=yes, recover=recover), output)


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask for the name; for scripts.")
@options.config()
@options.output()
def destroy(yes: bool, config: Path, output: str) -> None:
    """Delete the environment: its stacks in reverse, and the artifact buckets made for it.

    Asks for the environment's name. Exits 4 while termination protection or deletion protection is on. Tells what the
    deletion policies keep.
    """
    from dr_templates.cli import destroying

    destroying.run(config, output, yes=yes)


@click.command()
@options.config()
@options.output()
def preflight(config: Path, output: str) -> None:
    """Find out with read-only calls what would only fail at deploy.

    One line a check: ok, warning or blocker, with the mend. Exits 1 when there is a blocker.
    """
    from dr_templates.cli import preflighting

    preflighting.run(config, output)


LAB: Final = Path("build/lab")
_HOME = click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    default=LAB,
    show_default=True,
    help="Directory for all that the emulator writes.",
)


@click.command()
@_HOME
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port on 127.0.0.1, 0 for one that is free.  [default: 4566]"
)
@click.option(
    "--rate",
    type=click.FloatRange(1.0),
    default=1.0,
    show_default=True,
    help="How fast its clock runs: at 10 a minute of AWS's passes in six seconds.",
)
@options.output()
def up(home: Path, port: int | None, rate: float, output: str) -> None:
    """Start a local emulator of AWS in the background; gives the variables that lead there.

    To use it: eval "$(drctl lab up)". It needs the extra lab, and no Docker.
    """
    from dr_templates.cli import labbing

    again = "" if home == LAB else f" --home {shlex.quote(str(home))}"
    labbing.up(home, port, rate, output, f"drctl lab up{again}")


@click.command()
@_HOME
@options.output()
def down(home: Path, output: str) -> None:
    """End the local emulator, and everything it has started."""
    from dr_templates.cli import labbing

    labbing.down(home, output)


STACKING: Final[Mapping[str, click.Command]] = MappingProxyType(
    {
        "preflight": preflight,
        "plan": plan,
        "deploy": deploy,
        "destroy": destroy,
        "lab": click.Group(
            "lab", {"up": up, "down": down}, help="A local AWS to deploy to: an emulator, real PostgreSQL."
        ),
    }
)
