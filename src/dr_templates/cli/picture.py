"""A plan as rows of a tree: what changes, how, and what of it recreates something. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dr_templates.aws.stacks.model import Change, Effect, Touch, leaves, nests
from dr_templates.deploy.plan import Plan, StackPlan

MARKS = {
    Effect.ADD: ("+", "green"),
    Effect.CHANGE: ("~", "blue"),
    Effect.PERHAPS: ("!", "bold red"),
    Effect.REPLACE: ("!", "bold red"),
    Effect.REMOVE: ("-", "red"),
}
_SHOWN = 60


@dataclass(frozen=True)
class Row:
    """One line: how deep it is in the tree, its words, and their style."""

    depth: int
    words: str
    style: str = ""


def rows(plan: Plan, *, full: bool = False) -> Iterator[Row]:
    """Draw what a plan would do. Nested stacks that are new as a whole are one row, unless ``full``."""
    for planned in plan.work:
        yield Row(0, f"{planned.stack} ({planned.region}): {_summary(planned)}", "bold")
        yield from (row for change in planned.changes for row in _change(change, 1, full=full))
        yield from (Row(1, f"* {guard}", "cyan") for guard in planned.guards)
        if planned.waits:
            come = "parameter comes" if len(planned.waits) == 1 else "parameters come"
            yield Row(1, f"{len(planned.waits)} {come} from the stacks before it", "dim")


def _summary(planned: StackPlan) -> str:
    unseen = [change.effect for _, change in nests(planned.changes) if not change.nested]
    counted = [change.effect for _, change in leaves(planned.changes)] + unseen
    words = [f"{counted.count(effect)} to {_VERBS[effect]}" for effect in Effect if effect in counted]
    return ("new, " if planned.new else "") + (
        ", ".join(words) or ("its outputs" if planned.change_set else "nothing but its protection")
    )


_VERBS = {
    Effect.ADD: "add",
    Effect.CHANGE: "change",
    Effect.PERHAPS: "replace perhaps",
    Effect.REPLACE: "replace",
    Effect.REMOVE: "remove",
}


def _change(change: Change, depth: int, *, full: bool) -> Iterator[Row]:
    mark, style = MARKS[change.effect]
    verb = f"  {_VERBS[change.effect].upper()}" if change.effect in (Effect.REPLACE, Effect.PERHAPS) else ""
    if change.is_stack:
        folded = not full and change.effect is Effect.ADD
        counted = f"  ({sum(1 for _ in leaves(change.nested))} resources)" if folded else ""
        yield Row(depth, f"{mark} {change.logical_id}{counted}{verb}", style)
        if not folded:
            yield from (row for inner in change.nested for row in _change(inner, depth + 1, full=full))
        return
    yield Row(depth, f"{mark} {change.logical_id}  {change.type}{verb}", style)
    for touch in change.touches:
        if touch.name:
            yield Row(depth + 1, _touched(touch), "bold red" if touch.recreation == "Always" else "dim")


def _touched(touch: Touch) -> str:
    values = ""
    if touch.before is not None or touch.after is not None:
        values = f": {_short(touch.before)} -> {_short(touch.after)}"
    recreated = {"Always": "  (recreates it)", "Conditionally": "  (may recreate it)"}.get(touch.recreation, "")
    return f"{touch.name}{values}{recreated}"


def _short(value: str | None) -> str:
    if value is None:
        return "(unset)"
    line = " ".join(value.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
