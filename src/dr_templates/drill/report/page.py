"""The page: one file that needs no network and no script, and holds the report itself as JSON."""

from __future__ import annotations

from typing import Final

from dr_templates.drill.report import tables
from dr_templates.drill.report.canonical import text
from dr_templates.drill.report.head import header
from dr_templates.drill.report.lanes import STANCES
from dr_templates.drill.report.markup import Markup, joined, tag
from dr_templates.drill.report.model import Proved
from dr_templates.drill.report.outcome import Report
from dr_templates.drill.report.plot import drawn
from dr_templates.drill.report.story import told
from dr_templates.drill.report.style import SHEET
from dr_templates.drill.report.telling import date, length, lsn, moment, proof, sentence

DOCTYPE: Final = b"<!doctype html>\n"

_BEGIN: Final = '<script type="application/json" id="report">\n'
_END: Final = "</script>\n"
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


def render(report: Report) -> bytes:
    """Give the page, in ASCII: it is the same bytes for the same report."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"Drill {report.summary.scenario}: {report.summary.verdict}"),
        tag("style", Markup(SHEET)),
    )
    body = tables.lines(
        header(report),
        _course(report),
        _section("Writes", "writes", tables.counts(report)),
        _section("Where the time went", "phases", tables.phases(report.summary)),
        _section("Checks", "checks", tables.checks(report.summary)),
        _section("Proof", "proof", *_proofs(report)),
        _section("Actions", "actions", tables.actions(report)),
        _section("What was broken and what was seen", "events", tables.events(report)),
        _section("With what", "with", *_with(report)),
        _section("Is this what was written?", "verify", *_seal(report)),
    )
    start = f'<html lang="en">\n{head.text}\n<body>\n<main>\n{body.text}\n</main>\n'
    whole = f"{start}{_BEGIN}{text(report)}{_END}</body>\n</html>\n"
    return DOCTYPE + whole.encode("ascii", "xmlcharrefreplace")


def embedded(page: bytes) -> str:
    """Give the JSON in a page. Raises ``ValueError`` when there is none."""
    _, begun, rest = page.decode("ascii").partition(_BEGIN)
    inside, ended, _ = rest.partition(_END)
    if not (begun and ended):
        fault = "there is no report in this page"
        raise ValueError(fault)
    return inside


def _section(title: str, name: str, *inside: Markup) -> Markup:
    return tag("section", tag("h2", title, id=name), *inside, aria_labelledby=name)


def _course(report: Report) -> Markup:
    story, entries = told(report), sorted(report.entries, key=lambda entry: entry.at)
    shown = ("broke", "stance", "name", "phases")
    words = "; ".join(
        f"{moment(entry.at - story.zero)} {sentence(entry.word)}" for entry in entries if entry.kind in shown
    )
    spent = ", ".join(f"{span.word} {length(span.until - span.since)}" for span in story.phases)
    caption = (
        f"Times are told from {'the first break' if story.breaks else 'the start'} on, {date(story.zero)}. "
        "Every mark of a step is a row of the table of actions."
    )
    picture = drawn(story, f"{words}. Phases: {spent or 'none'}.")
    kinds = {span.word for _, spans in story.sites for span in spans}
    legend = (_swatch(kind) for kind in STANCES if kind in kinds)
    return _section("The course", "course", tag("figure", picture, tag("figcaption", caption, *legend)))


def _swatch(stance: str) -> Markup:
    box = tag("span", class_=f"swatch {stance}", aria_hidden="true")
    return joined((" ", tag("span", box, f" {stance}", class_="word")))


def _proofs(report: Report) -> list[Markup]:
    proofs = [entry.word for entry in report.entries if isinstance(entry.word, Proved)]
    if not proofs:
        return [tag("p", "No database was promoted.")]
    return [part for proved in proofs for part in _proof(proved)]


def _proof(proved: Proved) -> tuple[Markup, Markup]:
    told = proof(proved)
    rows = {
        "epoch": str(proved.epoch),
        "source shut": proved.shut,
        "system identifier": proved.system or "not known",
        "timeline": "not known" if proved.timeline is None else str(proved.timeline),
        "written by the source": _position(proved.written),
        "replayed by the replica": _position(proved.replayed),
    }
    return (
        tag("p", f"{told[0].upper()}{told[1:]}."),
        tables.pairs(("", "value"), rows, f"Written down before the promotion of epoch {proved.epoch}."),
    )


def _position(position: int | None) -> str:
    return "not known" if position is None else f"{lsn(position)} (byte {position})"


def _with(report: Report) -> list[Markup]:
    return [
        tables.pairs(("program", "version"), report.summary.versions, "Versions."),
        tables.pairs(("setting", "value"), report.summary.configuration, "Configuration."),
    ]


def _seal(report: Report) -> list[Markup]:
    entries = joined((f"{len(report.entries)} entries, each of which is sealed with the one before it. ",))
    return [
        tag("p", entries, "The last one's hash is the report's digest: ", tag("code", report.digest)),
        tag(
            "p",
            tag("code", "drctl drill verify FILE"),
            " works it all out again, from this page or from the JSON beside it, and refuses a changed byte. ",
            "Compare the digest that it prints with the one printed by the drill.",
        ),
    ]
