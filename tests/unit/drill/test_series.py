"""Several drills side by side, with small programs in their place."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dr_templates.cli import series
from dr_templates.cli.series import Drill

REPORTS = """
import json, pathlib, sys, time
verdict, room = sys.argv[1:]
me = pathlib.Path(room, f"{time.monotonic_ns()}")
me.touch()
print(len([*pathlib.Path(room).iterdir()]), "at once", file=sys.stderr)
time.sleep(0.4)
me.unlink()
print(json.dumps({"verdict": verdict}))
"""
"""A drill that tells how many run just now, itself among them, and then what it has come to."""

SAYS = "import sys; print(sys.argv[1]); print(*sys.argv[2:], sep=chr(10), file=sys.stderr)"
"""A drill that answers its first word and says the others."""

STAYS = """
import pathlib, signal, sys, time
def farewell(*_):
    time.sleep(0.3)
    pathlib.Path(sys.argv[1]).write_text("ended in order")
    raise SystemExit(130)
signal.signal(signal.SIGTERM, farewell)
print("here", file=sys.stderr, flush=True)
time.sleep(60)
"""
"""A drill that goes on until it is interrupted, and leaves a word once it has cleared up."""

SERIES = """
import signal, sys
if sys.argv[1] == "deaf":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
else:
    signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, signal.default_int_handler)
from dr_templates.cli import series
drills = [series.Drill("same", (place,)) for place in sys.argv[3:]]
try:
    series.run(drills, 2, lambda _: None, lambda words: print(words, flush=True), sys.argv[2])
except KeyboardInterrupt:
    raise SystemExit(130)
"""


def silent(_: str) -> None:
    """Hear nothing."""


@pytest.mark.parametrize("lanes", [1, 2])
def test_no_more_run_at_once_than_there_are_lanes_and_all_are_told_of_in_their_order(
    tmp_path: Path, lanes: int
) -> None:
    verdicts = ["passed", "failed", "passed", "failed"]
    drills = [Drill(f"drill-{number}", (verdict, str(tmp_path))) for number, verdict in enumerate(verdicts)]
    heard: list[str] = []
    said: list[str] = []
    ended = series.run(drills, lanes, heard.append, said.append, REPORTS)
    assert [(one.name, one.report, one.passed) for one in ended] == [
        (f"drill-{number}", {"verdict": verdict}, verdict == "passed") for number, verdict in enumerate(verdicts)
    ]
    assert all(one.seconds >= 0.4 for one in ended)
    assert {line.partition(": ")[0] for line in said} == {one.name for one in drills}
    assert max(int(line.split()[1]) for line in said) == lanes
    assert heard[0] == "0 of 4 drills done"


def test_what_several_say_at_once_is_told_one_after_another() -> None:
    telling, most = 0, 0

    def tell(_: str) -> None:
        nonlocal telling, most
        telling += 1
        most = max(most, telling)
        time.sleep(0.05)
        telling -= 1

    talk = [str(number) for number in range(20)]
    series.run([Drill(name, ("", *talk)) for name in ("one", "two", "three")], 3, silent, tell, SAYS)
    assert most == 1


@pytest.mark.parametrize("answer", ["", "nonsense", "3", '"passed"', '["verdict"]', "{}", '{"error": "?"}', "null"])
def test_a_drill_that_answers_nonsense_has_failed_and_its_last_words_are_told(answer: str) -> None:
    (ended,) = series.run([Drill("odd", (answer, "one", "two", "three", "four"))], 1, silent, silent, SAYS)
    assert (ended.passed, ended.report, ended.trouble) == (False, None, "two; three; four")


def test_a_drill_that_ends_without_a_word_has_failed() -> None:
    (ended,) = series.run([Drill("mute", ())], 1, silent, silent, "raise SystemExit(1)")
    assert (ended.passed, ended.trouble) == (False, "it said nothing")


def test_an_error_that_is_told_as_json_is_what_went_wrong() -> None:
    answer = json.dumps({"error": {"what": "the emulator did not come up", "where": "log", "hint": "?", "code": 1}})
    (ended,) = series.run([Drill("ill", (answer, "talk"))], 1, silent, silent, SAYS)
    assert (ended.passed, ended.trouble) == (False, "the emulator did not come up")


def test_by_itself_a_drill_is_the_program_with_its_words() -> None:
    (ended,) = series.run([Drill("version", ("--version",))], 1, silent, silent)
    assert (ended.passed, ended.trouble) == (False, "it said nothing")
    (ended,) = series.run([Drill("odd", ("drill", "--scenario", "flood", "--output", "json"))], 1, silent, silent)
    assert ended.trouble == "there is no scenario flood"


@pytest.fixture
def waiting(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    """Give a series of three drills of one name, of which two run and wait to be interrupted."""
    places = [str(tmp_path / name) for name in ("one", "two", "three")]
    command = [sys.executable, "-c", SERIES, request.param, STAYS, *places]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(2)] == ["same: here\n"] * 2
        yield process
        process.kill()


@pytest.mark.parametrize(
    ("waiting", "by"),
    [("hearing", signal.SIGINT), ("hearing", signal.SIGTERM), ("deaf", signal.SIGTERM)],
    indirect=["waiting"],
)
def test_an_interruption_is_passed_on_to_all_that_run_and_waited_for_and_none_begins(
    waiting: subprocess.Popen[str], by: int, tmp_path: Path
) -> None:
    begun = time.monotonic()
    waiting.send_signal(by)
    assert waiting.wait(30) == 130
    assert time.monotonic() - begun < 30
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "one": "ended in order",
        "two": "ended in order",
    }
