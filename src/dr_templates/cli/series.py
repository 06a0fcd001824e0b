"""Several drills side by side: a process each, so many at a time, and what each came to."""

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

ENTRY: Final = "from dr_templates.cli.main import main; raise SystemExit(main())"
FAREWELL_SECONDS: Final = 60.0
"""How long a drill that is interrupted may take to end its lab."""


@dataclass(frozen=True)
class Drill:
    """One to be run: its name, and the words after ``drctl``."""

    name: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Ended:
    """What one came to: its report as JSON, or what went wrong, and how long it took in seconds."""

    name: str
    seconds: float
    report: dict[str, Any] | None = None
    trouble: str = ""

    @property
    def passed(self) -> bool:
        """Whether it has a report that says so."""
        return self.report is not None and self.report.get("verdict") == "passed"


@dataclass
class _Running:
    """The processes that run just now; none begins once it is ``over``, and one at a time has the ``word``."""

    processes: set[subprocess.Popen[str]] = field(default_factory=set)
    over: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)
    word: threading.Lock = field(default_factory=threading.Lock)


def run(
    drills: Sequence[Drill], lanes: int, told: Callable[[str], None], tell: Callable[[str], None], entry: str = ENTRY
) -> tuple[Ended, ...]:
    """Run them, ``lanes`` at a time, and give what came of each, in their order.

    ``told`` hears how many are done, ``tell`` every line that one of them says, one line at a time. An interruption is
    passed on to those that run, which end their labs; then it is raised again. ``entry`` is the Python that a drill's
    words are for.
    """
    running = _Running()
    with ThreadPoolExecutor(lanes) as pool, _interruptible(running):
        waiting = [pool.submit(_run, one, running, tell, entry) for one in drills]
        ended: list[Ended] = []
        for one in waiting:
            told(f"{sum(each.done() for each in waiting)} of {len(drills)} drills done")
            ended.append(one.result())
    return tuple(ended)


@contextlib.contextmanager
def _interruptible(running: _Running) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        with running.lock:
            running.over = True
            left = tuple(running.processes)
        for process in left:
            process.terminate()  # SIGINT they may have been born to ignore, as in the background of a shell
        for process in left:
            try:
                process.wait(FAREWELL_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()  # its lab sees that and ends
        raise


def _run(one: Drill, running: _Running, tell: Callable[[str], None], entry: str) -> Ended:
    begun = time.monotonic()
    with running.lock:
        if running.over:
            return Ended(one.name, 0.0, trouble="interrupted")
        process = subprocess.Popen(  # noqa: S603 - this interpreter and this program
            [sys.executable, "-c", entry, *one.words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        running.processes.add(process)
    said: list[str] = []

    def listen() -> None:
        for line in process.stderr or ():
            said.append(line.rstrip())
            with running.word:
                tell(f"{one.name}: {line.rstrip()}")

    with process:
        listening = threading.Thread(target=listen, daemon=True)
        listening.start()
        result = "".join(process.stdout or ())
        listening.join()
    with running.lock:
        running.processes.discard(process)
    return _ended(one.name, time.monotonic() - begun, result, said)


def _ended(name: str, seconds: float, result: str, said: Sequence[str]) -> Ended:
    """Tell a report by its verdict; what else a drill answers is an error, or else its last words have to do."""
    try:
        match json.loads(result):
            case {"verdict": str()} as report:
                return Ended(name, seconds, report)
            case {"error": {"what": str() as trouble}}:
                return Ended(name, seconds, trouble=trouble)
    except ValueError:
        pass
    return Ended(name, seconds, trouble="; ".join(said[-3:]) or "it said nothing")
