"""A report that is not byte for byte what was written is refused, and it is said where."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dr_templates.drill.report.canonical import compact, text
from dr_templates.drill.report.chain import linked
from dr_templates.drill.report.model import Started
from dr_templates.drill.report.outcome import Report
from dr_templates.drill.report.page import render
from dr_templates.drill.report.verify import verify
from dr_templates.errors import DrError, Exit

Body = dict[str, Any]


def body(report: Report) -> bytes:
    return text(report).encode("ascii")


def written(changed: Body) -> bytes:
    entries = ",\n".join(compact(entry) for entry in changed["entries"])
    top = "".join(f"{compact(name)}: {compact(value)},\n" for name, value in changed.items() if name != "entries")
    return f'{{\n{top}"entries": [\n{entries}\n]\n}}\n'.encode()


def fault(body: bytes) -> DrError:
    with pytest.raises(DrError) as refused:
        verify(body)
    assert refused.value.code is Exit.FAILED
    return refused.value


def test_what_was_written_is_verified_as_json_and_as_page(report: Report) -> None:
    for one in (body(report), render(report)):
        verified = verify(one)
        assert (verified.entries, verified.digest) == (len(report.entries), report.digest)
        assert verified.summary == report.summary


@given(data=st.data())
@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@pytest.mark.parametrize("form", [body, render])
def test_no_byte_can_be_changed(report: Report, form: Callable[[Report], bytes], data: st.DataObject) -> None:
    good = form(report)
    place = data.draw(st.integers(0, len(good) - 1))
    other = data.draw(st.integers(1, 255))
    changed = bytearray(good)
    changed[place] ^= other
    fault(bytes(changed))


@given(data=st.data())
@settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("form", [body, render])
def test_nothing_can_be_put_in_or_left_out(
    report: Report, form: Callable[[Report], bytes], data: st.DataObject
) -> None:
    good = form(report)
    place = data.draw(st.integers(0, len(good)))
    more = data.draw(st.sampled_from([b" ", b"\n", b"\x00", b"0", b"<p>Passed</p>"]))
    fault(good[:place] + more + good[place:])
    fault(good[:place] if place < len(good) else b"")


@pytest.mark.parametrize("number", [1, 7, 18, 20])
def test_an_entry_that_was_taken_out_is_missed(report: Report, number: int) -> None:
    told = json.loads(body(report))
    del told["entries"][number - 1]
    assert f"entry {min(number, 19)}" in fault(written(told)).what


def test_entries_that_changed_places_are_found(report: Report) -> None:
    told = json.loads(body(report))
    told["entries"][5], told["entries"][6] = told["entries"][6], told["entries"][5]
    assert fault(written(told)).what == "entry 6 is not what was written: its number is 7"


def test_an_entry_that_is_there_twice_is_found(report: Report) -> None:
    told = json.loads(body(report))
    told["entries"].insert(5, told["entries"][5])
    assert fault(written(told)).what == "entry 7 is not what was written: its number is 6"


def test_an_entry_that_tells_something_else_is_named(report: Report) -> None:
    told = json.loads(body(report))
    told["entries"][15]["data"]["lost"] = 0
    told["lost"] = 0
    assert fault(written(told)).what.startswith("entry 16 (counted) is not what was written")


def test_an_entry_of_another_drill_does_not_follow(
    report: Report, record: Callable[..., Report], started: Callable[..., Started]
) -> None:
    told, other = json.loads(body(report)), json.loads(body(record(started=started({"patience": "121 s"}))))
    told["entries"][1] = other["entries"][1]
    assert fault(written(told)).what.startswith("entry 2 does not follow the one before it")


def test_a_top_that_says_something_else_than_the_entries_is_named(report: Report) -> None:
    told = json.loads(body(report))
    told["lost"] = 0
    refused = fault(written(told))
    assert (refused.what, refused.where) == ("lost is not what the entries come to: 0", "the top of the report")


def test_a_verdict_that_was_sealed_but_is_not_what_the_entries_come_to_is_refused(report: Report) -> None:
    before, last = report.entries[-2:]
    better = replace(report.summary, lost=0)
    sealed = linked(before, last.at, last.lab, better)
    forged = Report(report.started, (*report.entries[:-1], sealed), better)
    assert fault(body(forged)).what == "lost in the verdict is not what the entries come to: 0"


def test_a_time_of_the_lab_that_its_clock_did_not_show_is_refused_even_if_sealed(report: Report) -> None:
    last = report.entries[-1]
    sealed = linked(report.entries[-2], last.at, last.lab + 60, last.word)
    forged = Report(report.started, (*report.entries[:-1], sealed), report.summary)
    assert "lab is not what the lab's clock showed" in fault(body(forged)).what


@pytest.mark.parametrize("at", [float("1e300"), -1.0])
def test_a_time_that_is_none_is_refused(report: Report, at: float) -> None:
    told = json.loads(body(report))
    told["entries"][3]["at"] = at
    assert fault(written(told)).what == f"entry 4 is not what was written: at: {at} is no time"


@pytest.mark.parametrize(
    "other", [b"", b"{}", b"[]", b"null", b'{"entries": []}', b'{"entries": [1]}', b"\xff", b"[" * 100_000, b"NaN"]
)
def test_what_is_no_report_is_refused(other: bytes) -> None:
    fault(other)


def test_a_page_without_its_report_is_refused() -> None:
    assert "no report" in fault(b"<!doctype html>\n<html></html>\n").what


def test_a_page_whose_words_were_changed_is_refused_although_its_report_holds(report: Report) -> None:
    page = render(report)
    changed = page.replace(b"every check holds (1)", b"every check holds (9)")
    assert changed != page
    assert "the page around the JSON" in fault(changed).what


def test_other_spaces_and_another_order_are_refused_although_they_say_the_same(report: Report) -> None:
    told = json.loads(body(report))
    assert "is not what was written" in fault(json.dumps(told).encode()).what
    assert "is not what was written" in fault(written({"lost": 0, **told})).what
