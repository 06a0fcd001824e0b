"""The lower part of the plot: what each site was, what the name meant, and what the outage went on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from dr_templates.drill.report.markup import Markup, joined, tag
from dr_templates.drill.report.scale import ROW, Scale, title, wide
from dr_templates.drill.report.story import Span, Story
from dr_templates.drill.report.telling import length, moment

STANCES: Final = ("primary", "replica", "fenced", "absent", "unknown")
"""The stances that have a colour of their own; all are labelled."""

_LANE: Final = 26.0
_PHASE: Final = 20.0


def sites(story: Story, x: Scale, y: float) -> tuple[Markup, float]:
    """Draw a lane for each site. Gives the drawing and where it ends."""
    pieces = []
    for site, spans in story.sites:
        shown = ((span, span.word if span.word in STANCES else "other") for span in spans)
        pieces.append(_lane(site, shown, story, x, y))
        y += _LANE + 6
    return joined(pieces), y + 4


def names(story: Story, x: Scale, y: float) -> tuple[Markup, float]:
    """Draw a lane for each place that asks for the name."""
    pieces = []
    order = sorted({span.word for _, spans in story.names for span in spans} - {"nothing"})
    for place, spans in story.names:
        shown = ((span, f"target{order.index(span.word) % 2}" if span.word in order else "absent") for span in spans)
        pieces.append(_lane(f"name in {place}", shown, story, x, y))
        y += _LANE + 6
    return joined(pieces), y + 4


def phases(story: Story, x: Scale, y: float) -> tuple[Markup, float]:
    """Draw the phases, and label below those that are too short to be labelled inside."""
    if not story.phases:
        return Markup(""), y
    inside: list[Markup] = [title("phases", y + 14)]
    below: list[tuple[float, str]] = []
    for number, span in enumerate(story.phases):
        start, end = x(span.since), x(span.until)
        words = f"{span.word} {length(span.until - span.since)}"
        fits = wide(words) < end - start
        inside.append(_span(words, words if fits else "", start, end, y=y, kind=f"phase{number % 2}", high=_PHASE))
        if not fits:
            below.append(((start + end) / 2, words))
    labels, bottom = _below(below, y + _PHASE)
    return joined((*inside, *labels)), bottom + 4


def _lane(lane: str, spans: Iterable[tuple[Span, str]], story: Story, x: Scale, y: float) -> Markup:
    pieces = [title(lane, y + 17)]
    for span, kind in spans:
        if span.until < story.since or span.since > story.until:
            continue
        start, end = x(span.since), x(span.until)
        until = "the end" if span.until >= story.until else moment(span.until - story.zero)
        words = f"{lane}: {span.word} from {moment(span.since - story.zero)} to {until}"
        label = span.word if wide(span.word) < end - start else ""
        pieces.append(_span(words, label, start, end, y=y, kind=kind, high=_LANE))
    return joined(pieces)


def _span(words: str, label: str, start: float, end: float, *, y: float, kind: str, high: float) -> Markup:
    box = tag("rect", x=start, y=y, width=max(1.0, end - start), height=high, class_=f"span {kind}")
    text = tag("text", label, x=start + 6, y=y + high / 2 + 4, class_=f"on-{kind}") if label else None
    return tag("g", tag("title", words), box, text)


def _below(labels: Sequence[tuple[float, str]], y: float) -> tuple[list[Markup], float]:
    """Write each label left of the line that leads to it, in a row below which no other one's line crosses it."""
    pieces: list[Markup] = []
    ends: list[float] = []
    for at, words in labels:
        start = at - wide(words)
        row = next((row for row in range(len(ends)) if max(ends[row:]) < start), len(ends))
        ends[row : row + 1] = [at]
        foot = y + ROW * (row + 1)
        pieces.append(tag("path", d=f"M{at:.1f} {y:.1f}V{foot:.1f}", class_="lead"))
        pieces.append(tag("text", words, x=at - 4, y=foot, text_anchor="end"))
    return pieces, y + ROW * len(ends) + 4
