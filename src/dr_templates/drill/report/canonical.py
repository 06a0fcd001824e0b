"""The one form in which a report is JSON: the same report is the same bytes, and those can stand in a page."""

from __future__ import annotations

import json
import math
from typing import Any, Final, TypeVar

from dr_templates.drill.report.outcome import Entry, Report, Word
from dr_templates.failover.codec import decode, encode

FORMAT: Final = "dr-templates drill report 1"

_DIGITS: Final = 6

Kind = TypeVar("Kind", bound=Word)


def compact(value: object) -> str:
    """Give JSON in one line of ASCII, in the order of ``value``. It holds no ``<``, so it ends no element of HTML.

    Raises ``ValueError`` for numbers that JSON has not.
    """
    return json.dumps(value, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


def settled(word: Kind) -> Kind:
    """Give a word as it will be read again, so that it is written the same, its times to the microsecond.

    Raises ``TypeError`` or ``ValueError`` for a word that cannot be read again.
    """
    return decode(type(word), _rounded(encode(word)))


def plain(entry: Entry) -> dict[str, Any]:
    """Give an entry as it stands in the file."""
    return {
        "number": entry.number,
        "kind": entry.kind,
        "at": entry.at,
        "lab": entry.lab,
        "data": encode(entry.word),
        "previous": entry.previous,
        "hash": entry.hash,
    }


def text(report: Report) -> str:
    """Give the whole report: the summary's fields a line each, then the entries, a line each."""
    top = {**encode(report.summary), "format": FORMAT, "digest": report.digest}
    head = "".join(f"{compact(name)}: {compact(value)},\n" for name, value in top.items())
    entries = ",\n".join(compact(plain(entry)) for entry in report.entries)
    return f'{{\n{head}"entries": [\n{entries}\n]\n}}\n'


def parsed(body: str) -> Any:  # noqa: ANN401 - JSON is of every type
    """Read JSON as the standard has it. Raises ``ValueError`` for what is none, or is nested without end."""
    try:
        return json.loads(body, parse_constant=_refuse, parse_float=_finite)
    except RecursionError as error:
        fault = "it is nested too deep"
        raise ValueError(fault) from error


def _rounded(told: Any) -> Any:  # noqa: ANN401 - JSON is of every type
    match told:
        case float():
            return round(told, _DIGITS)
        case dict():
            return {name: _rounded(value) for name, value in told.items()}
        case list():
            return [_rounded(value) for value in told]
        case _:
            return told


def _refuse(word: str) -> None:
    fault = f"{word} is no number of JSON"
    raise ValueError(fault)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        _refuse(digits)
    return number
