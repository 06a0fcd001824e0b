"""The entry of ``drctl``: run a command, say once what went wrong, answer with the exit code of docs/design.md."""

from collections.abc import Sequence

import click

from dr_templates import __version__
from dr_templates.cli import commands
from dr_templates.errors import DrError, Exit

HELP = """Two-region disaster recovery for Amazon RDS for PostgreSQL.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 templates stale, 4 held by policy, 130 interrupted. Results go to
stdout, talk to stderr; with --output json, stdout holds JSON alone. NO_COLOR, or a pipe, turns colour off.
"""

group = click.Group(
    "drctl",
    commands=dict(commands.COMMANDS),
    help=HELP,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
group = click.version_option(__version__, prog_name="drctl")(group)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``drctl`` with the arguments, by default those of the process, and give the exit code."""
    try:
        return group.main(arguments, prog_name="drctl", standalone_mode=False) or Exit.DONE
    except (click.ClickException, click.Abort, KeyboardInterrupt, DrError, OSError) as error:
        return _told(error)


def _told(error: BaseException) -> int:
    from dr_templates.cli import view  # noqa: PLC0415 - rich's console is needed only now, and help must stay quick

    match error:
        case click.ClickException():
            view.usage(error)
            return error.exit_code
        case DrError():
            view.fault(error)
            return error.code
        case OSError():
            view.abandon()
            view.fault(_fault_of(error))
            return Exit.FAILED
        case _:
            view.say("interrupted")
            return Exit.INTERRUPTED


def _fault_of(error: OSError) -> DrError:
    return DrError(
        what=error.strerror or str(error),
        where=str(error.filename or "a file or stream"),
        hint="Check that the path exists, that you may use it, and that the disk has room.",
    )
