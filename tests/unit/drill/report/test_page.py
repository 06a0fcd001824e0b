"""The page can be read by everybody, without a network, and tells all that happened."""

from collections.abc import Callable
from html import escape
from html.parser import HTMLParser

import pytest

from dr_templates.drill.report.model import Acted, Broke, Event, Measured, Phases, Projected, Proved, Rated, Stood
from dr_templates.drill.report.outcome import Report
from dr_templates.drill.report.page import render
from dr_templates.drill.report.telling import proof

EMPTY = {"meta", "line", "path", "rect"}
LOADS = {"src", "href", "srcset", "data", "action", "poster", "background"}


class Reader(HTMLParser):
    """Reads a page as strictly as XML: what is opened must be closed, in order."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page.decode("ascii"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.words.append(data)

    @property
    def said(self) -> str:
        return " ".join(self.words)


def test_what_is_opened_is_closed_and_nothing_is_run_or_loaded(report: Report) -> None:
    page = Reader(render(report))
    assert page.open == []
    assert not [attributes for _, attributes in page.elements if LOADS & attributes.keys()]
    assert [attributes.get("type") for tag, attributes in page.elements if tag == "script"] == ["application/json"]
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert not [tag for tag, _ in page.elements if tag in ("link", "img", "iframe", "object", "b")]
    assert b"url(" not in render(report)
    assert b"@import" not in render(report)


def test_every_action_stands_there_with_its_reason_and_trouble(report: Report, awkward: str) -> None:
    page, reader = render(report).decode("ascii"), Reader(render(report))
    actions = [entry.word for entry in report.entries if isinstance(entry.word, Acted)]
    assert len(actions) == 3
    for action in actions:
        assert action.reason in reader.words
        assert action.trouble is None or action.trouble in reader.words
    told = escape(awkward).encode("ascii", "xmlcharrefreplace").decode()
    assert f"<td>{told}</td>" in page


def test_the_headline_tells_verdict_objectives_and_figures(report: Report) -> None:
    said = Reader(render(report)).said
    for words in (
        "Passed: every check holds (1).",
        "5 min 17 s",
        "32.8 s measured here",
        "RTO objective 15 min",
        "7 234",
    ):
        assert words in said


def test_a_drill_that_failed_says_why(record: Callable[..., Report], events: Callable[..., list[Event]]) -> None:
    assert "Failed: 1 of 1 checks did not hold (moved once)." in Reader(render(record(events(holds=False)))).said
    assert "Failed: two databases took writes." in Reader(render(record(events(double=1)))).said
    assert "nothing was checked, writes were not counted" in Reader(render(record([]))).said


def test_the_drawing_is_told_in_words_and_every_head_of_a_table_says_what_it_heads(report: Report) -> None:
    page = Reader(render(report))
    drawing = next(attributes for tag, attributes in page.elements if tag == "svg")
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    assert set((drawing["aria-labelledby"] or "").split()) <= ids
    assert "us-east-1 is unknown" in page.said
    assert "promote 12.0 s" in page.said
    assert all(attributes.get("scope") in ("col", "row") for tag, attributes in page.elements if tag == "th")


def test_digest_and_how_to_verify_stand_there(report: Report) -> None:
    said = Reader(render(report)).said
    assert report.digest in said
    assert "drctl drill verify FILE" in said


@pytest.mark.parametrize(
    "told",
    [
        [],
        [Broke("only this")],
        [Stood("us-east-1", "on <fire>")],
        [Rated(1.0, 0.25, ())],
        [Rated(1.0, 0.25, (0, 0))],
        [Rated(1_795_670_000.0, 0.25, (4, 5)), Rated(1_795_670_009.0, 0.25, (4, 5))],
        [Measured(2.0, 0.0, 0.0, 0.0, Phases(), Projected(0.0, Phases(), 0.0))],
        [Measured(2.0, 1.0, 1.0, 0.0, Phases(detect=1.0), Projected(1.0, Phases(detect=1.0), 10.0))],
        [Acted("wait", "x" * 5000, "controller")] * 300,
        [Broke("a lone \ud800 surrogate, a \x00 and an \N{FIRE}")],
    ],
)
def test_whatever_was_recorded_can_be_shown(record: Callable[..., Report], told: list[Event]) -> None:
    assert Reader(render(record(told))).open == []


def test_the_proof_says_what_may_be_missing() -> None:
    assert "nothing can be missing" in proof(Proved(4, "seen shut", written=100, replayed=100))
    assert "20 bytes are missing" in proof(Proved(4, "seen shut", written=120, replayed=100))
    assert "the source could not be asked" in proof(Proved(4, "gone", written=None, replayed=100))
    assert "the replica could not be asked" in proof(Proved(4, "seen shut", written=100))
