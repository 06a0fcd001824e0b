"""What is going on in a deployment: each root with the stacks nested in it, counted and timed. It shows nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from dr_templates.aws.stacks.model import NESTED, REVIEW, Event, failed, in_progress, leaves
from dr_templates.cli.durations import spoken
from dr_templates.cli.picture import Row
from dr_templates.deploy.plan import Plan
from dr_templates.deploy.roots import Root
from dr_templates.deploy.steps import Begun, Done, Happened, Idle, Step

Path = tuple[str, ...]
SILENCE_SECONDS = 30.0
NAMED = 3


@dataclass
class Tally:
    """One stack: how many of its resources are done, which are under way since when, what failed."""

    total: int = 0
    began: float = 0.0
    status: str = ""
    done: set[str] = field(default_factory=set)
    doing: dict[str, float] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    first: datetime | None = None
    last: datetime | None = None
    ended: bool = False

    def stamp(self, event: Event, now: float) -> None:
        """Note the status of the stack itself, and when CloudFormation says it came to it: news come in batches."""
        self.began = self.began or now
        self.first = self.first or event.at
        self.last = event.at
        self.status = event.status
        self.ended = not in_progress(event.status)

    def elapsed(self, now: float) -> float:
        """Give the seconds from its beginning to its end, or to now."""
        if self.ended and self.first and self.last:
            return (self.last - self.first).total_seconds()
        return now - self.began

    def take(self, event: Event, now: float) -> None:
        """Count an event of a resource in this stack."""
        name = event.logical_id
        self.doing.pop(name, None)
        if in_progress(event.status):
            self.doing[name] = now
            self.done.discard(name)
        elif failed(event.status):
            self.failures[name] = event.reason
        else:
            self.done.add(name)


@dataclass
class Board:
    """Everything seen so far. ``clock`` gives seconds. Steps are taken up in one thread and drawn in another."""

    clock: Callable[[], float]
    stacks: dict[tuple[Root, Path], Tally] = field(default_factory=dict)
    names: dict[Root, str] = field(default_factory=dict)
    said: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def expect(self, plan: Plan) -> None:
        """Learn from a plan how many resources each stack has to do."""
        for planned in plan.stacks:
            for path, _ in leaves(planned.changes):
                self._tally(planned.root, path).total += 1

    def take(self, step: Step) -> None:
        """Take up a step."""
        with self.lock:
            self._take(step, self.clock())

    def _take(self, step: Step, now: float) -> None:
        match step:
            case Begun(root=root, stack=stack, region=region):
                self.names[root] = f"{stack} ({region})"
                self._tally(root, ()).began = now
            case Happened(root=root, path=path, event=event):
                self._happened(root, path, event, now)
            case Done(root=root, status=status):
                tally = self._tally(root, ())
                tally.status, tally.ended = status, True
            case Idle():
                pass

    def _happened(self, root: Root, path: Path, event: Event, now: float) -> None:
        if event.status == REVIEW:
            return
        own = (*path, event.logical_id) if event.type == NESTED and not event.of_itself else path
        tally = self._tally(root, own)
        if event.of_itself or own != path:
            tally.stamp(event, now)
        else:
            tally.take(event, now)

    def _tally(self, root: Root, path: Path) -> Tally:
        return self.stacks.setdefault((root, path), Tally())

    def rows(self) -> list[Row]:
        """Draw every root at work or done, and the stacks nested in it."""
        with self.lock:
            return list(self._rows(self.clock()))

    def _rows(self, now: float) -> Iterator[Row]:
        for root in self.names:
            mine = {path: tally for (whose, path), tally in self.stacks.items() if whose == root}
            for path, tally in sorted(mine.items(), key=lambda entry: entry[0]):
                if path and not tally.status:
                    continue
                yield Row(len(path), f"{path[-1] if path else self.names[root]}: {_told(tally, now)}", _style(tally))

    def overdue(self) -> str:
        """Say in one line what is under way, where nothing has been said for long; ``said`` is when something was."""
        now = self.clock()
        if now - self.said < SILENCE_SECONDS:
            return ""
        waiting = [
            f"{'/'.join((str(root), *path, name))} for {spoken(now - since)}"
            for (root, path), tally in self.stacks.items()
            for name, since in tally.doing.items()
        ]
        if not waiting:
            return ""
        return f"still at work: {', '.join(waiting[:NAMED])}{' and more' if len(waiting) > NAMED else ''}"


def _told(tally: Tally, now: float) -> str:
    counts = (
        [f"{len(tally.done)}{f' of {tally.total}' if tally.total else ''} done"] if tally.done or tally.total else []
    )
    if tally.doing and not tally.ended:
        counts.append(f"{len(tally.doing)} under way ({', '.join(sorted(tally.doing)[:2])})")
    if tally.failures:
        counts.append(f"{len(tally.failures)} failed")
    took = spoken(tally.elapsed(now)) if tally.began else ""
    return ", ".join(filter(None, (tally.status or "begins", *counts, took)))


def _style(tally: Tally) -> str:
    if tally.failures or failed(tally.status):
        return "bold red"
    return "green" if tally.ended else "yellow"


def sentence(step: Step) -> str:
    """Say a step in one line, empty for what is not worth one.

    That is the beginning of work on a small resource, and what a nested stack says of itself: its parent says it too.
    """
    match step:
        case Begun(root=root, region=region, stack=stack, why=why):
            return f"{root}: {stack} in {region} {why}"
        case Done(root=root, status=status):
            return f"{root}: {status}"
        case Idle():
            return ""
        case Happened(root=root, path=path, event=event):
            begins = event.status in ("CREATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "UPDATE_IN_PROGRESS")
            if (begins and not event.reason and event.type not in _SLOW) or (event.of_itself and path):
                return ""
            name = "/".join((*path, event.logical_id)) if not event.of_itself else "the stack"
            return f"{root}: {name} {event.status}" + (f"  {event.reason}" if event.reason else "")


_SLOW = (NESTED, "AWS::RDS::DBInstance")
"""Types that take minutes, so that their beginning is worth a line."""
