"""The operator's verbs: their options and words. As in ``commands``, what one does is imported when it runs."""
# ruff: noqa: PLC0415 - the imports inside the verbs are the point of this module

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import click

from dr_templates.cli import options

MINUTE: Final = 60
DAY: Final = 86400

_YES = click.option("--yes", is_flag=True, help="Do not ask; for scripts.")
_TO = click.option("--to", required=True, metavar="SITE", help="Site that is to take writes.")


@click.command()
@click.option("-w", "--watch", is_flag=True, help="Look again every few seconds, until Ctrl-C.")
@options.config()
@options.output()
def status(watch: bool, config: Path, output: str) -> None:
    """Show both sites, what each witness says, and what is wrong in a word.

    Exits 1 when nothing at all could be read. With --watch and --output json, every look is one line.
    """
    from dr_templates.cli import statusing

    statusing.run(config, output, watch=watch)


@click.command()
@_TO
@_YES
@options.config()
@options.output()
def switchover(to: str, yes: bool, config: Path, output: str) -> None:
    """Move the database while both sites are well.

    Nothing is lost: the replica has everything before it is promoted, or the move is called off and the old primary
    takes writes again (exit 4). Writes wait meanwhile. Asks before it begins; follows the move to its end.
    """
    from dr_templates.cli import moving
    from dr_templates.failover.state import Kind

    moving.run(moving.Request(Kind.SWITCHOVER, to, config, yes=yes), output)


@click.command()
@_TO
@click.option("--here", is_flag=True, help="Carry it out from this machine; Ctrl-C then stops the move.")
@click.option(
    "--control-is-gone",
    "alone",
    is_flag=True,
    help="With --here: use SITE's copy of the state. Your word stands for the control region's vote.",
)
@_YES
@options.config()
@options.output()
def failover(to: str, here: bool, alone: bool, yes: bool, config: Path, output: str) -> None:
    """Move the database although the primary does not answer.

    Says what is fenced, how far behind the replica is and what may be lost, then asks for the environment's name.
    Follows the move to its end; Ctrl-C leaves it going, but for --here. Exits 4, with the reason, when it may not be
    done.
    """
    from dr_templates.cli import moving
    from dr_templates.failover.state import Kind

    if alone and not here:
        raise click.BadOptionUsage("--here", "--control-is-gone needs --here: nothing else is left to move it.")
    moving.run(moving.Request(Kind.FAILOVER, to, config, yes=yes, here=here, alone=alone), output)


@click.command()
@click.option("--deny", is_flag=True, help="Say no: the move is called off, and its source takes writes again.")
@options.config()
@options.output()
def approve(deny: bool, config: Path, output: str) -> None:
    """Say yes to what a waiting move may lose, or no.

    Exits 4 when no move waits for it.
    """
    from dr_templates.cli import ordering

    ordering.approve(config, output, deny=deny)


@click.command()
@click.option("--reason", required=True, metavar="TEXT", help="Why; everybody who asks is told.")
@click.option(
    "--for",
    "seconds",
    required=True,
    type=options.Duration(MINUTE, 30 * DAY),
    metavar="DURATION",
    help="How long, such as 30m, 2h or 3d; a minute to 30 days.",
)
@options.config()
@options.output()
def pause(reason: str, seconds: int, config: Path, output: str) -> None:
    """Let nothing move for a while, for maintenance.

    A move that has not promoted yet is called off.
    """
    from dr_templates.cli import ordering

    if not reason.strip():
        raise click.BadOptionUsage("reason", "--reason is empty: say why, for whoever finds it paused.")
    ordering.pause(config, output, reason=reason.strip(), seconds=seconds)


@click.command()
@options.config()
@options.output()
def resume(config: Path, output: str) -> None:
    """End a pause, and the cool-down after a move.

    Exits 4 when there is neither.
    """
    from dr_templates.cli import ordering

    ordering.resume(config, output)


@click.command()
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True, metavar="N", help="Moves to show.")
@options.config()
@options.output()
def history(limit: int, config: Path, output: str) -> None:
    """Show the last moves, each step with its time and its reason, and how each ended.

    Orders stand among them: yes, no, pause, resume, each with who gave it. All three places are asked, since a move
    without the control region is written down at a site; it exits 1 only when none can be read.
    """
    from dr_templates.cli import recalling

    recalling.run(config, output, limit=limit)


VERBS: Final[Mapping[str, click.Command]] = MappingProxyType(
    {
        "status": status,
        "switchover": switchover,
        "failover": failover,
        "approve": approve,
        "pause": pause,
        "resume": resume,
        "history": history,
    }
)
