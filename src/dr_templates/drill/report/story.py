"""A drill as a course of time: when what stood where, ready to be drawn. Real seconds since 1970. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dr_templates.drill.report.model import Acted, Broke, Measured, Named, Rated, Started, Stood
from dr_templates.drill.report.outcome import Entry, Report

_AROUND = 0.15
"""How much of the time in which something happened is shown before and after it, as a part of it."""


@dataclass(frozen=True)
class Span:
    """What held from ``since`` until ``until``."""

    since: float
    until: float
    word: str


@dataclass(frozen=True)
class Mark:
    """What happened at a moment: a word for the plot, and all that is to be said."""

    at: float
    word: str
    words: str


@dataclass(frozen=True)
class Story:
    """What the plot shows, between ``since`` and ``until``; times are told from ``zero``.

    ``rate`` is writes a second.
    """

    started: Started

    since: float
    until: float
    zero: float
    breaks: tuple[Mark, ...]
    actions: tuple[Mark, ...]
    rate: tuple[tuple[Span, float], ...]
    sites: tuple[tuple[str, tuple[Span, ...]], ...]
    names: tuple[tuple[str, tuple[Span, ...]], ...]
    phases: tuple[Span, ...]


def zero(report: Report) -> float:
    """Give the moment from which times are told: the first thing broken, else the start."""
    return min((entry.at for entry in report.entries if isinstance(entry.word, Broke)), default=report.began)


def told(report: Report) -> Story:
    """Put the entries in the order of time and see how long what held."""
    entries = sorted(report.entries, key=lambda entry: entry.at)
    started = report.started
    rate, phases = tuple(_rate(entries)), tuple(_phases(entries))
    since, until = _window(entries, [span for span, _ in rate], phases)
    return Story(
        started=started,
        since=since,
        until=until,
        zero=zero(report),
        breaks=tuple(Mark(one.at, "broke", one.word.words) for one in entries if isinstance(one.word, Broke)),
        actions=tuple(
            Mark(one.at, one.word.verb, f"{one.word.verb} {one.word.site or ''}: {one.word.reason}")
            for one in entries
            if isinstance(one.word, Acted)
        ),
        rate=rate,
        sites=_lanes(
            ((one.at, one.word.site, one.word.stance) for one in entries if isinstance(one.word, Stood)), until
        ),
        names=_lanes(
            ((one.at, one.word.place, one.word.target or "nothing") for one in entries if isinstance(one.word, Named)),
            until,
        ),
        phases=phases,
    )


def _rate(entries: Iterable[Entry]) -> Iterator[tuple[Span, float]]:
    for word in (one.word for one in entries if isinstance(one.word, Rated)):
        for number, writes in enumerate(word.writes):
            since = word.began + number * word.seconds
            yield Span(since, since + word.seconds, str(writes)), writes / word.seconds


def _phases(entries: Iterable[Entry]) -> Iterator[Span]:
    measured = [one.word for one in entries if isinstance(one.word, Measured)][-1:]
    for word in measured:
        since = word.began
        for name, seconds in word.phases.each():
            if seconds > 0:
                yield Span(since, since + seconds, name)
            since += seconds


def _lanes(changes: Iterable[tuple[float, str, str]], until: float) -> tuple[tuple[str, tuple[Span, ...]], ...]:
    lanes: dict[str, list[Span]] = {}
    for at, lane, word in changes:
        spans = lanes.setdefault(lane, [])
        if spans and spans[-1].word == word:
            continue
        if spans:
            spans[-1] = Span(spans[-1].since, at, spans[-1].word)
        spans.append(Span(at, max(at, until), word))
    return tuple((lane, tuple(spans)) for lane, spans in lanes.items())


def _window(entries: list[Entry], rate: list[Span], phases: tuple[Span, ...]) -> tuple[float, float]:
    """Show what happened and some time around it, of which it is known how many writes there were."""
    lived = [one.at for one in entries if isinstance(one.word, Broke | Acted)]
    lived += [span.since for span in phases] + [span.until for span in phases]
    if not rate and not lived:
        lived = [entries[0].at, entries[-1].at]
    if not lived:
        return rate[0].since, rate[-1].until
    around = max(1.0, _AROUND * (max(lived) - min(lived)))
    since, until = min(lived) - around, max(lived) + around
    if rate:
        since, until = max(since, min(rate[0].since, *lived)), min(until, max(rate[-1].until, *lived))
    return since, max(until, since + 1.0)
