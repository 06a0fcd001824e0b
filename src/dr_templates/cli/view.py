"""Everything ``drctl`` shows, and the only module that prints: results on stdout, talk on stderr."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TextIO

import click
from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from dr_templates.errors import DrError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dr_templates.cli.board import Board
    from dr_templates.cli.picture import Row
    from dr_templates.cli.portrait import Portrait
    from dr_templates.deploy.steps import Step
    from dr_templates.lint import Report

_LIVING: list[Live] = []
"""What is drawn over and over on the terminal just now; whoever asks has to stop it first."""
_NEVER_FOLDED = 10_000
"""Columns that a table may take: rich would cut long paths to fit a terminal, or the 80 it takes a pipe for."""


def data(value: object) -> None:
    """Print JSON, alone and without colour, so that a file or a program can take it."""
    with _results() as stdout:
        stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def line(text: str) -> None:
    """Print one line of a result, unwrapped."""
    with _results() as stdout:
        stdout.write(text + "\n")


def say(text: str) -> None:
    """Tell the user something that is no result."""
    _talk().print(Text(text, style="green"), soft_wrap=True)


def warn(text: str) -> None:
    """Tell the user something to think about before going on."""
    _talk().print(Text(text, style="yellow"), soft_wrap=True)


def step(text: str, *, result: bool) -> None:
    """Print a step of a move as it is taken: as a result, or as talk where the result is JSON."""
    if result:
        line(text)
    else:
        _talk().print(Text(text), soft_wrap=True)


def answers() -> bool:
    """Tell whether there is somebody to ask."""
    return sys.stdin is not None and sys.stdin.isatty()


def ask(question: str) -> str:
    """Ask for a line of text."""
    answer: str = click.prompt(question, err=True, default="", show_default=False)
    return answer.strip()


def confirm(question: str) -> bool:
    """Ask for a yes; anything else is a no. What lives on the screen meanwhile stands still."""
    for live in _LIVING:
        live.stop()
    try:
        return click.confirm(question, err=True)
    finally:
        for live in _LIVING:
            live.start()


def fault(error: DrError) -> None:
    """Print an error: what, where and what to do next."""
    what, where, hint = Text(error.what, style="bold red"), f"  where: {error.where}", f"  hint:  {error.hint}"
    _talk().print(what, Text(where), Text(hint, style="cyan"), sep="\n", soft_wrap=True)


def refusal(error: DrError) -> None:
    """Give a program an error on a line of its own; where stdout takes nothing, the words on stderr have to do."""
    told = {"what": error.what, "where": error.where, "hint": error.hint, "code": int(error.code)}
    with suppress(OSError, DrError), _results() as stdout:
        stdout.write(json.dumps({"error": told}, ensure_ascii=False) + "\n")


def usage(error: click.ClickException) -> None:
    """Print click's own words about a command that was called wrongly."""
    error.show()


@contextmanager
def progress(first: str) -> Iterator[Callable[[str], None]]:
    """Show on a terminal what is going on, in one line that is gone at the end; give the function that changes it."""
    with _talk().status(escape(first)) as status:
        yield lambda text: status.update(escape(text))


def portrait(drawn: "Portrait") -> None:
    """Print what is seen of a pair."""
    with _results() as stdout:
        console = Console(file=stdout, highlight=False, width=_NEVER_FOLDED)
        with console.capture() as caught:
            console.print(_painted(drawn), soft_wrap=True)
        stdout.write("".join(f"{row.rstrip()}\n" for row in caught.get().splitlines()))


@contextmanager
def screen() -> Iterator[Callable[["Portrait"], None]]:
    """Show one portrait after the other in the same place, or below each other where that is no terminal."""
    with _results() as stdout:
        console = Console(file=stdout, highlight=False)
        if not console.is_terminal:
            yield portrait
            return
        with Live(console=console, auto_refresh=False, vertical_overflow="visible") as live:
            yield lambda drawn: live.update(_painted(drawn), refresh=True)


def tree(rows: "Iterable[Row]", *, result: bool) -> None:
    """Print rows as a tree: as a result, or as talk where the result is JSON."""
    painted = _branches(rows)
    if not result:
        _talk().print(painted, soft_wrap=True)
        return
    with _results() as stdout:
        Console(file=stdout, highlight=False).print(painted, soft_wrap=True)


@contextmanager
def followed(board: "Board", sentence: "Callable[[Step], str]") -> "Iterator[Callable[[Step], None]]":
    """Show a deployment while it goes on: a tree that lives on a terminal, a line for each step elsewhere."""
    console = _talk()
    if console.is_terminal:
        with Live(console=console, get_renderable=lambda: _branches(board.rows()), refresh_per_second=4) as live:
            _LIVING.append(live)
            try:
                yield board.take
            finally:
                _LIVING.remove(live)
        return

    def append(step: "Step") -> None:
        board.take(step)
        if words := sentence(step) or board.overdue():
            board.said = board.clock()
            console.print(Text(words), soft_wrap=True)

    yield append


def _branches(rows: "Iterable[Row]") -> Text:
    return Text("\n").join(Text(f"{'  ' * row.depth}{row.words}", style=row.style) for row in rows)


def _painted(drawn: "Portrait") -> Group:
    pair = Table(box=None, show_header=False, pad_edge=False)
    pair.add_column(style="bold")
    for name, words in drawn.pair:
        pair.add_row(name, Text(words, style="bold red" if name == "cause" and drawn.alarming else ""))
    sites = Table("", *drawn.columns, box=None, pad_edge=False, header_style="bold")
    for question, *told in drawn.sites:
        sites.add_row(Text(question, style="bold"), *(Text(words) for words in told))
    return Group(pair, Text(""), sites)


def reports(checked: Sequence["Report"]) -> None:
    """Print what each template holds, then every finding on a line of its own."""
    table = Table("template", box=None, pad_edge=False, header_style="bold")
    for column in ("resources", "parameters", "outputs", "bytes", "findings"):
        table.add_column(column, justify="right")
    for report in checked:
        found = len(report.findings)
        counts = (report.resources, report.parameters, report.outputs, report.bytes)
        table.add_row(
            Text(label(report, checked)), *map(str, counts), Text(str(found), style="bold red" if found else "green")
        )
    with _results() as stdout:
        console = Console(file=stdout, highlight=False, width=_NEVER_FOLDED)
        console.print(table, soft_wrap=True)
        for finding in (finding for report in checked for finding in report.findings):
            place = Text(f"{finding.template}:{finding.line}", style="bold")
            console.print(place, Text(finding.id, style="red"), Text(finding.message), soft_wrap=True)


def drills(rows: "Iterable[Sequence[str]]") -> None:
    """Print what each of several drills came to."""
    columns = ("no writes", "at AWS's clocks", "acknowledged", "lost", "in doubt", "two writable", "took")
    table = Table("scenario", "verdict", box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="right")
    table.add_column("does not hold")
    for name, verdict, *told in rows:
        table.add_row(name, Text(verdict, style="green" if verdict == "passed" else "bold red"), *told)
    with _results() as stdout:
        Console(file=stdout, highlight=False, width=_NEVER_FOLDED).print(table, soft_wrap=True)


def label(report: "Report", among: Sequence["Report"]) -> str:
    """Name a template by its file, or by its path as given when another one's file has the same name."""
    return report.template if [other.name for other in among].count(report.name) > 1 else report.name


def abandon() -> None:
    """Give up what stdout has not taken: Python would try again at its end, and tell of it in words of its own."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        with suppress(OSError), open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - a device, not a file
            os.dup2(nowhere.fileno(), sys.stdout.fileno())


@contextmanager
def _results() -> Iterator[TextIO]:
    """Give stdout, and see that it takes everything now, while a fault can still be told. Raises ``OSError``."""
    if sys.stdout is None:
        raise DrError(what="stdout is closed", where="stdout", hint="Leave it open, or send it to a file.")
    try:
        yield sys.stdout
        sys.stdout.flush()
    except OSError as error:
        error.filename = error.filename or "stdout"
        abandon()
        raise


def _talk() -> Console:
    return Console(stderr=True, highlight=False)
