"""``drctl`` as a program: what it loads, its streams, its colours, its exit codes."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from dr_templates import __version__
from dr_templates.cli.commands import COMMANDS

Drctl = Callable[..., Any]


PROGRAM = Path(sys.executable).parent / "drctl"
HEAVY = ("troposphere", "awacs", "cfnlint", "boto3", "botocore", "pydantic", "yaml")
INTERRUPTIBLE = """\
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Becomes the program its arguments name, with SIGINT as a shell leaves it: jobs in the background may ignore it."""
BAD = "parameters", "--site", "virginia", "--config", "none.yaml"


def on_terminal(
    *arguments: str | Path, colour: bool = True, interrupt_at: str | None = None, by: int = signal.SIGINT
) -> tuple[int, str]:
    """Run the program with stderr on a terminal; give its exit code and what the terminal got."""
    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "200"} | ({} if colour else {"NO_COLOR": "1"})
    command = [sys.executable, "-c", INTERRUPTIBLE, PROGRAM, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs, env=env)
    os.close(theirs)
    shown = ""
    while True:
        try:
            read = os.read(ours, 65536)
        except OSError:  # Linux's way to say that the other end is closed
            break
        if not read:
            break
        shown += read.decode()
        if interrupt_at and interrupt_at in shown:
            process.send_signal(by)
            interrupt_at = None
    os.close(ours)
    return process.wait(timeout=60), shown


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from dr_templates.cli.main import main\n"
        "assert main(['--help']) == 0\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"
    assert "Usage: drctl" in done.stdout


def spelled() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Give every command by the words it is called with, those within a group too."""
    for name, command in COMMANDS.items():
        if isinstance(command, click.Group):
            yield from (((name, inner), below) for inner, below in command.commands.items())
        else:
            yield (name,), command


@pytest.mark.parametrize(("words", "command"), list(spelled()))
def test_every_command_has_help_and_the_same_forms_of_output(
    drctl: Drctl, words: tuple[str, ...], command: click.Command
) -> None:
    ran = drctl(*words, "--help")
    assert ran.code == 0
    assert "--output [text|json]" in ran.out
    assert command.help


def test_the_version_is_told(drctl: Drctl) -> None:
    assert drctl("--version").out == f"drctl, version {__version__}\n"


@pytest.mark.parametrize(
    "arguments", [("dance",), ("generate", "--fast"), ("lint", "--output", "xml"), ("parameters",), ()]
)
def test_wrong_usage_exits_2_and_writes_nothing_to_stdout(drctl: Drctl, arguments: tuple[str, ...]) -> None:
    ran = drctl(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert "Usage: drctl" in ran.err


def test_a_fault_is_three_lines_without_colour_in_a_pipe(program: Drctl) -> None:
    ran = program(*BAD)
    assert ran.fails() == "there is no such configuration file"
    assert len(ran.err.splitlines()) == 3
    assert "\x1b" not in ran.err
    assert ran.out == ""


def test_a_long_line_is_not_wrapped_in_a_pipe(program: Drctl, tmp_path: Path) -> None:
    path = tmp_path / ("long" * 40 + ".yaml")
    assert f"where: {path}\n" in program("parameters", "--site", "virginia", "--config", path).err


def test_a_terminal_gets_colour_unless_no_color_is_set() -> None:
    assert "\x1b[1;31mthere is no such" in on_terminal(*BAD)[1]
    code, shown = on_terminal(*BAD, colour=False)
    assert code == 1
    assert "\x1b[1;31m" not in shown
    assert "there is no such" in shown


def test_lint_shows_progress_on_a_terminal_and_none_in_a_pipe(program: Drctl, tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text("Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n")
    assert "loading cfn-lint" in on_terminal("lint", path)[1]
    assert "loading" not in program("lint", path).err


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_exits_130_without_a_traceback(checkout: Path, by: int) -> None:
    started = time.monotonic()
    code, shown = on_terminal("lint", *sorted((checkout / "templates").glob("*.yaml")), interrupt_at="loading", by=by)
    assert code == 130
    assert "interrupted" in shown
    assert "Traceback" not in shown
    assert time.monotonic() - started < 60


ANSWERS = [
    ("schema",),
    ("parameters", "--site", "virginia", "--stack", "foundation", "--config", "{example}"),
    ("lint", "small.yaml"),
    ("archives", "--to", "build"),
]
"""Every way in which a result is shown: one piece, line by line, a table."""


def shell(line: str, folder: Path, arguments: tuple[str, ...], example: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which ``"$@"`` is the program, which buffers what it writes as it does for its users."""
    (folder / "small.yaml").write_text("Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n")
    words = [word.format(example=example) for word in arguments]
    command = ["bash", "-c", line, "bash", PROGRAM, *words]
    env = {key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments", ANSWERS, ids=lambda words: words[0])
@pytest.mark.parametrize(
    ("line", "what"), [('"$@" >&-', "stdout is closed"), ('"$@" >/dev/full', "No space left on device")]
)
def test_a_result_that_cannot_be_shown_is_told_and_fails(
    tmp_path: Path, example: Path, arguments: tuple[str, ...], line: str, what: str
) -> None:
    done = shell(line, tmp_path, arguments, example)
    assert done.returncode == 1
    assert done.stderr.startswith(f"{what}\n  where: stdout\n  hint:  "), done.stderr
    assert len(done.stderr.splitlines()) == 3


@pytest.mark.parametrize("arguments", ANSWERS, ids=lambda words: words[0])
def test_a_reader_that_has_left_is_met_in_silence(tmp_path: Path, example: Path, arguments: tuple[str, ...]) -> None:
    done = shell('exec 3> >(exit); wait $!; "$@" >&3', tmp_path, arguments, example)
    assert (done.returncode, done.stderr) == (1, "")


def test_the_first_line_is_had_without_a_word_on_stderr_from_python(tmp_path: Path, example: Path) -> None:
    done = shell('"$@" | head -n 1', tmp_path, ANSWERS[1], example)
    assert done.stdout == "Name=orders\n"
    assert "Error" not in done.stderr


def test_help_that_cannot_be_shown_is_told(tmp_path: Path, example: Path) -> None:
    done = shell('"$@" >/dev/full', tmp_path, ("--help",), example)
    assert done.returncode == 1
    assert done.stderr.startswith("No space left on device\n")
    assert len(done.stderr.splitlines()) == 3


def test_the_schema_is_json_in_either_form(drctl: Drctl) -> None:
    plain, asked = drctl("schema"), drctl("schema", "--output", "json")
    assert json.loads(plain.out) == json.loads(asked.out)
    assert plain.err == ""


def test_only_the_view_prints(checkout: Path) -> None:
    modules = [path for path in (checkout / "src/dr_templates/cli").glob("*.py") if path.name != "view.py"]
    assert len(modules) > 5
    for module in modules:
        assert not [word for word in ("print(", "echo(", "stdout.", "stderr.") if word in module.read_text()], module
