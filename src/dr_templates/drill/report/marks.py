"""The upper part of the plot: what was broken, and what was done, each as a mark with a label where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dr_templates.drill.report.markup import Markup, joined, tag
from dr_templates.drill.report.scale import RIGHT, ROW, Scale, short, title, wide
from dr_templates.drill.report.story import Mark, Story

_ROWS: Final = 7
_SIGN: Final = 10.0


def breaks(story: Story, x: Scale, y: float) -> tuple[Markup, float]:
    """Mark what was broken, in words. Gives the drawing and where it ends."""
    marks = [Mark(one.at, short(one.words, 64), one.words) for one in story.breaks]
    return _marks("broken", marks, x, y, "broke")


def actions(story: Story, x: Scale, y: float) -> tuple[Markup, float]:
    """Mark what was done; of a step that is repeated only the first is labelled."""
    before = ""
    marks = []
    for mark in story.actions:
        marks.append(Mark(mark.at, "" if mark.word == before else mark.word, mark.words))
        before = mark.word
    return _marks("actions", marks, x, y, "act")


def _marks(lane: str, marks: Sequence[Mark], x: Scale, y: float, kind: str) -> tuple[Markup, float]:
    """Put each mark in the first row that has room; when all are full it stands there without its label."""
    ends: list[float] = []
    pieces: list[Markup] = []
    for mark in marks:
        at, width = x(mark.at), wide(mark.word) if mark.word else _SIGN
        left = at + width > RIGHT
        start = at - width if left else at - _SIGN / 2
        row = next((row for row, end in enumerate(ends) if end < start), len(ends))
        shown = row < _ROWS
        row = min(row, _ROWS - 1)
        ends[row : row + 1] = [max(start + width + _SIGN / 2, *ends[row : row + 1], 0.0)]
        pieces.append(_mark(mark, at, y + ROW * row, kind=kind, left=left, label=shown))
    return joined((title(lane, y + 12), *pieces)), y + max(1, len(ends)) * ROW + 6


def _mark(mark: Mark, x: float, y: float, *, kind: str, left: bool, label: bool) -> Markup:
    words = tag(
        "text",
        mark.word,
        x=x - 6 if left else x + 6,
        y=y + 12,
        text_anchor="end" if left else None,
        class_=kind,
    )
    sign = tag("path", d=f"M{x - 4:.1f} {y + 3:.1f}h8l-4 9z", class_=kind)
    return tag("g", tag("title", mark.words), sign, words if label and mark.word else None)
