"""The entry of ``drctl``: run a command, say once what went wrong, answer with the exit code of docs/design.md."""

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from dr_templates import __version__
from dr_templates.cli import commands
from dr_templates.cli.options import wants_json
from dr_templates.cli.told import ToldError
from dr_templates.errors import DrError, Exit

HELP = """Two-region disaster recovery for Amazon RDS for PostgreSQL.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 pending (changes, a stale template), 4 held by policy, 130 interrupted.
Results go to stdout, talk to stderr; with --output json, stdout holds JSON alone: the result, or {"error": ...} where
there is none. NO_COLOR, or a pipe, turns colour off.
"""

INTERRUPTED = DrError(
    what="interrupted",
    where="drctl",
    hint="A move or a deployment that runs in AWS goes on without you: drctl status",
    code=Exit.INTERRUPTED,
)

group = click.Group(
    "drctl",
    commands=dict(commands.COMMANDS),
    help=HELP,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
group = click.version_option(__version__, prog_name="drctl")(group)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``drctl`` with the arguments, by default those of the process, and give the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        with _interruptible():
            return group.main(given, prog_name="drctl", standalone_mode=False) or Exit.DONE
    except (click.ClickException, click.Abort, KeyboardInterrupt, DrError, OSError) as error:
        return _told(error, as_json=wants_json(given))


@contextmanager
def _interruptible() -> Iterator[None]:
    """Take SIGTERM, which a scheduler or a CI runner sends first, for Ctrl-C."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _told(error: BaseException, *, as_json: bool) -> int:
    """Say what went wrong in words, and to a program that has no result yet also as JSON."""
    from dr_templates.cli import view  # noqa: PLC0415 - rich's console is needed only now, and help must stay quick

    match error:
        case click.ClickException():
            view.usage(error)
            fault = _misuse(error)
        case DrError():
            view.fault(error)
            fault = error
        case OSError():
            view.abandon()
            fault = _fault_of(error)
            view.fault(fault)
        case _:
            view.say("interrupted")
            fault = INTERRUPTED
    if as_json and not isinstance(fault, ToldError):
        view.refusal(fault)
    return fault.code


def _misuse(error: click.ClickException) -> DrError:
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = context.command_path if context else "drctl"
    return DrError(error.format_message(), where=command, hint=f"{command} --help", code=Exit(error.exit_code))


def _fault_of(error: OSError) -> DrError:
    return DrError(
        what=error.strerror or str(error),
        where=str(error.filename or "a file or stream"),
        hint="Check that the path exists, that you may use it, and that the disk has room.",
    )
