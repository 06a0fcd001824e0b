"""The deployer's verbs: their options and words. As in ``commands``, what one does is imported when it runs."""
# ruff: noqa: PLC0415 - the imports inside the verbs are the point of this module

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


STACKING: Final[Mapping[str, click.Command]] = MappingProxyType({"plan": plan, "deploy": deploy, "destroy": destroy})
