"""The course of a drill as a drawing: writes, stances, names, phases, and what was done. SVG, styled by the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from dr_templates.drill.report import lanes, marks
from dr_templates.drill.report.markup import Markup, joined, tag
from dr_templates.drill.report.scale import LEFT, RIGHT, TOP, WIDTH, Scale, title, wide
from dr_templates.drill.report.story import Span, Story
from dr_templates.drill.report.telling import length, wall

_RATE: Final = 120.0
_HEAD: Final = 18.0
_TICKS: Final = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 21600, 86400)
_MOST_TICKS: Final = 10


def drawn(story: Story, words: str) -> Markup:
    """Draw it. ``words`` tell the same to who cannot see it."""
    x = Scale(story.since, story.until)
    parts: list[Markup] = []
    y = 8.0
    for draw in (marks.breaks, marks.actions, _rate, lanes.sites, lanes.names, lanes.phases):
        part, y = draw(story, x, y)
        parts.append(part)
    broken = joined(tag("line", x1=x(mark.at), x2=x(mark.at), y1=TOP, y2=y, class_="break") for mark in story.breaks)
    axis, bottom = _axis(story, x, y)
    return tag(
        "svg",
        tag("title", "The course of the drill", id="plot-title"),
        tag("desc", words, id="plot-words"),
        axis,
        *parts,
        broken,
        viewBox=f"0 0 {WIDTH:.0f} {bottom:.0f}",
        role="img",
        aria_labelledby="plot-title plot-words",
        class_="plot",
    )


def _rate(story: Story, x: Scale, y: float) -> tuple[Markup, float]:
    seen = [(span, rate) for span, rate in story.rate if span.until > story.since and span.since < story.until]
    most = max((rate for _, rate in seen), default=0.0)
    floor, high = y + _RATE, _RATE - _HEAD
    pieces = [title("writes a second", y + 26), tag("line", x1=LEFT, x2=RIGHT, y1=floor, y2=floor, class_="grid")]
    for part in (0.5, 1.0) if most else ():
        level = floor - high * part
        pieces.append(tag("line", x1=LEFT, x2=RIGHT, y1=level, y2=level, class_="grid"))
        pieces.append(tag("text", f"{most * part:.0f}", x=LEFT - 6, y=level + 4, text_anchor="end", class_="tick"))
    if story.phases:
        since, until = story.phases[0].since, story.phases[-1].until
        pieces.append(_outage(x(since), x(until), y, f"no write for {length(until - since)}"))
    if seen and most:
        pieces.append(tag("path", d=_area(seen, x, floor, high / most), class_="rate"))
    return joined(pieces), floor + 12


def _outage(start: float, end: float, y: float, words: str) -> Markup:
    half = wide(words) / 2
    middle = min(max((start + end) / 2, LEFT + half), RIGHT - half)
    return joined(
        (
            tag("rect", x=start, y=y + _HEAD, width=max(1.0, end - start), height=_RATE - _HEAD, class_="outage"),
            tag("text", words, x=middle, y=y + 12, text_anchor="middle", class_="broke"),
        )
    )


def _area(seen: Sequence[tuple[Span, float]], x: Scale, floor: float, unit: float) -> str:
    """Outline the writes as steps; where nobody counted there is nothing."""
    steps: list[str] = []
    last = None
    for span, rate in seen:
        if last is None or span.since - last > (span.until - span.since) / 2:
            steps.append(f"{f'V{floor:.1f}Z' if steps else ''}M{x(span.since):.1f} {floor:.1f}")
        steps.append(f"V{floor - rate * unit:.1f}H{x(span.until):.1f}")
        last = span.until
    return f"{''.join(steps)}V{floor:.1f}Z"


def _axis(story: Story, x: Scale, y: float) -> tuple[Markup, float]:
    pieces = [title("seconds here", y + 16), title("the lab's clock", y + 32)]
    for at in _ticks(story):
        pieces.append(tag("line", x1=x(at), x2=x(at), y1=TOP, y2=y + 4, class_="grid"))
        words = f"{at - story.zero:+.1f}".removesuffix(".0")
        pieces.append(tag("text", words, x=x(at), y=y + 16, text_anchor="middle", class_="tick"))
        pieces.append(tag("text", wall(story.started.lab(at)), x=x(at), y=y + 32, text_anchor="middle", class_="tick"))
    return joined(pieces), y + 40


def _ticks(story: Story) -> Iterator[float]:
    span = story.until - story.since
    step = next((step for step in _TICKS if span / step <= _MOST_TICKS), span)
    number = -((story.zero - story.since) // step)
    while story.zero + number * step <= story.until:
        yield story.zero + number * step
        number += 1
