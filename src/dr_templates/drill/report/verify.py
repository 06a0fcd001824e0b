"""Reads a report that somebody hands in, sums everything up again, and refuses it when a byte is not as written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from dr_templates.drill.report import page
from dr_templates.drill.report.canonical import compact, parsed, plain, text
from dr_templates.drill.report.chain import broken
from dr_templates.drill.report.model import Started
from dr_templates.drill.report.outcome import KINDS, Entry, Report, Summary
from dr_templates.drill.report.summing import summed
from dr_templates.errors import DrError, Exit
from dr_templates.failover.codec import decode, encode


@dataclass(frozen=True)
class Verified:
    """How many entries there are, the last one's hash, and what the drill came to."""

    entries: int
    digest: str
    summary: Summary


def verify(body: bytes) -> Verified:
    """Check a report, the JSON or the page, byte for byte. Raises ``DrError`` that says what is wrong where.

    Hashes, order, the sum of the phases, the counts at the top and the verdict are worked out again from the entries. A
    page must be what this version of the tool makes of the report in it. Whoever makes up a whole new report is not
    found out by this: compare the digest with the one the drill has printed.
    """
    try:
        inside = page.embedded(body) if body.startswith(page.DOCTYPE) else body.decode("ascii")
        told = parsed(inside)
    except ValueError as error:
        _refuse(f"this is no report of a drill: {error}", "the file")
    report = _report(told)
    fault = broken(report.entries)
    if fault:
        _refuse(fault, "entries")
    _sums(report, told)
    _same(inside.encode("ascii"), text(report).encode("ascii"), "the JSON")
    if body.startswith(page.DOCTYPE):
        _same(body, page.render(report), "the page around the JSON, or another version of the tool has made it")
    return Verified(len(report.entries), report.digest, report.summary)


def _report(told: Any) -> Report:  # noqa: ANN401 - JSON is of every type
    if not isinstance(told, Mapping) or not isinstance(told.get("entries"), list) or not told["entries"]:
        _refuse("this is no report of a drill: it has no entries", "the file")
    entries = tuple(_entry(number, one) for number, one in enumerate(told["entries"], 1))
    started, last = entries[0].word, entries[-1].word
    if not isinstance(started, Started):
        _refuse("entry 1 is not what was started: entries are missing", "entries")
    if not isinstance(last, Summary):
        _refuse(f"entry {len(entries)} is the last and no verdict: entries are missing", "entries")
    return Report(started, entries, last)


def _entry(number: int, told: Any) -> Entry:  # noqa: ANN401 - JSON is of every type
    try:
        word = decode(KINDS[told["kind"]], told["data"])
        names = ("number", "kind", "at", "lab", "previous", "hash")
        entry = Entry(word=word, **{name: told[name] for name in names})
        for name, kind in (("number", int), ("at", float), ("lab", float), ("previous", str), ("hash", str)):
            decode(kind, told[name])
    except (KeyError, TypeError, ValueError) as error:
        _refuse(f"entry {number} is not what was written: {error}", "entries")
    if compact(plain(entry)) != compact(told):
        _refuse(f"entry {number} is not what was written: there is more or other in it", "entries")
    return entry


def _sums(report: Report, told: Mapping[str, Any]) -> None:
    for entry in report.entries:
        if entry.lab != report.started.lab(entry.at):
            _refuse(f"entry {entry.number}: lab is not what the lab's clock showed then", "entries")
    again = encode(summed(report.started, [entry.word for entry in report.entries[:-1]]))
    sealed = encode(report.summary)
    for name, value in again.items():
        if compact(sealed[name]) != compact(value):
            _refuse(f"{name} in the verdict is not what the entries come to: {_shown(sealed[name])}", "entries")
        if name not in told or compact(told[name]) != compact(value):
            _refuse(f"{name} is not what the entries come to: {_shown(told.get(name))}", "the top of the report")


def _same(body: bytes, again: bytes, what: str) -> None:
    if body == again:
        return
    place = next((place for place, (one, other) in enumerate(zip(body, again, strict=False)) if one != other), None)
    place = min(len(body), len(again)) if place is None else place
    line = body.count(b"\n", 0, place) + 1
    _refuse(f"line {line} is not what was written: {what}", f"line {line}, byte {place} of it all")


def _shown(value: object) -> str:
    shown = compact(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."  # noqa: PLR2004 - what fits in a line


def _refuse(what: str, where: str) -> NoReturn:
    hint = "take the report from where the drill wrote it; it cannot be changed and still hold"
    raise DrError(what=what, where=where, hint=hint, code=Exit.FAILED)
