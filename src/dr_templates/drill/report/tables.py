"""The page's tables: counts, phases, actions, checks, and what it was done with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dr_templates.drill.report.markup import Markup, Piece, joined, tag
from dr_templates.drill.report.model import Acted, Broke, Counted, Named, Noted, Phases, Stood
from dr_templates.drill.report.outcome import Entry, Report, Summary
from dr_templates.drill.report.story import zero
from dr_templates.drill.report.telling import count, length, moment, sentence, wall

MEANING: Mapping[str, str] = {
    "detect": "until it is noticed, and has lasted long enough to be believed",
    "decide": "until the controller has decided, with the lock in its hand",
    "fence": "until the old primary is shut off from its clients, and seen to be",
    "drain": "until the replica has replayed all that was written",
    "promote": "until the new primary takes writes",
    "verify": "until a write through the new endpoint has come back",
    "move": "until the name means the new primary",
    "reconnect": "until a client has asked for the name again, connected and written",
}


def table(heads: Sequence[str], rows: Iterable[Sequence[Piece]], *, caption: str, sorts: str = "") -> Markup:
    """Make a table whose rows are named by their first cell. ``sorts`` has a letter a column.

    ``n`` number, ``t`` time, ``w`` a word not to be broken, ``b`` a bar, ``k`` a key, anything else text.
    """
    classes = [
        {"n": "number", "t": "time", "w": "word", "b": "wide", "k": "key"}.get(sort) for sort in sorts.ljust(len(heads))
    ]
    head = tag("tr", *(tag("th", name, scope="col", class_=sort) for name, sort in zip(heads, classes, strict=True)))
    body = [
        tag(
            "tr",
            tag("th", row[0], scope="row", class_=classes[0]),
            *(tag("td", cell, class_=sort) for cell, sort in zip(row[1:], classes[1:], strict=True)),
        )
        for row in rows
    ]
    made = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body))
    return tag("div", made, class_="scroll")


def counts(report: Report) -> Markup:
    """Count the writes, as the clients' ledger has them, and the samples."""
    summary, ledger = report.summary, next(iter(_last_count(report.entries)), None)
    rows: list[tuple[str, str, str]] = []
    if ledger:
        rows = [
            ("acknowledged", count(ledger.acknowledged), "commits that a client was told of"),
            ("lost", count(ledger.lost), "of these, missing in the database that the name means at the end"),
            ("in doubt", count(ledger.in_doubt), f"sent and never answered; {count(ledger.kept)} of them are there"),
            ("refused", count(ledger.refused), "times a client was turned away and tried again"),
            (
                "time lost",
                length(ledger.lost_seconds),
                "by the lab's clock, from the newest write kept to the newest lost",
            ),
        ]
    samples = count(summary.samples)
    rows += [
        ("two primaries", count(summary.double_writable_samples), f"of {samples} samples: two databases took a write"),
        ("name wrong", count(summary.wrong_name_samples), f"of {samples} samples: it meant one that takes no writes"),
    ]
    return table(("", "count", "what it is"), rows, caption="Counted by the clients and the sampler.", sorts="kn ")


def _last_count(entries: Sequence[Entry]) -> Iterable[Counted]:
    return (one.word for one in reversed(entries) if isinstance(one.word, Counted))


def phases(summary: Summary) -> Markup:
    """Set the phases as measured beside what they would be at AWS's clocks."""
    if summary.phases is None or summary.projected is None:
        return tag("p", "Not measured.")
    here, there = summary.phases, summary.projected.phases
    rows: list[tuple[Piece, ...]] = [
        (name, length(seconds), _bar(seconds, here), length(slow), _bar(slow, there), MEANING[name])
        for (name, seconds), (_, slow) in zip(here.each(), there.each(), strict=True)
    ]
    rows.append(("together", length(here.total), None, length(there.total), None, "the longest time without a write"))
    heads = ("phase", "measured", "", "projected", "", "it lasts")
    caption = (
        f"Measured on this machine, where the lab's clock runs {summary.scale:g} times as fast; "
        "projected to AWS's own clocks."
    ) + ("" if summary.own_seconds is None else f" None of these imposed {length(summary.own_seconds)} of it.")
    return table(heads, rows, caption=caption, sorts=" nbnb ")


def _bar(seconds: float, among: Phases) -> Markup:
    longest = max(length for _, length in among.each())
    part = 100 * seconds / longest if longest else 0.0
    return tag("span", class_="bar", style=f"width:{part:.1f}%", aria_hidden="true") if seconds else Markup("")


def actions(report: Report) -> Markup:
    """List every action with its reason."""
    since = zero(report)
    rows = [
        (
            moment(entry.at - since),
            wall(entry.lab),
            word.epoch,
            word.site,
            word.verb,
            word.reason,
            word.trouble,
            word.runner,
        )
        for entry in _by_time(report)
        if isinstance(word := entry.word, Acted)
    ]
    if not rows:
        return tag("p", "Nothing was done, and nothing was to be done.")
    heads = ("time", "lab's clock", "epoch", "site", "step", "reason", "trouble", "by")
    return table(heads, rows, caption="What the controller and the watchdogs did, and why.", sorts="ttnww  w")


def events(report: Report) -> Markup:
    """List what was broken, what was seen of sites and names, and what was noted."""
    since = zero(report)
    names = {"broke": "broken", "stance": "site", "name": "name", "note": "note"}
    rows = [
        (moment(entry.at - since), wall(entry.lab), names[entry.kind], sentence(entry.word))
        for entry in _by_time(report)
        if isinstance(entry.word, Broke | Stood | Named | Noted)
    ]
    return table(("time", "lab's clock", "what", "words"), rows, caption="Broken on purpose, and seen.", sorts="ttw ")


def checks(summary: Summary) -> Markup:
    """List what must hold."""
    rows = [
        (
            check.name,
            tag("span", "✓ holds" if check.passed else "✗ does not hold", class_="good" if check.passed else "bad"),
            check.words,
        )
        for check in summary.checks
    ]
    return table(("check", "result", "what was seen"), rows, caption="All must hold.", sorts="kw ")


def pairs(heads: tuple[str, str], told: Mapping[str, str], caption: str) -> Markup:
    """List names and values."""
    return table(heads, [(name, tag("code", value)) for name, value in told.items()], caption=caption, sorts="k ")


def _by_time(report: Report) -> list[Entry]:
    return sorted(report.entries, key=lambda entry: entry.at)


def lines(*pieces: Markup) -> Markup:
    """Put elements under one another, so that a line number says where."""
    return joined(pieces, "\n")
