"""Says in words what was recorded: for the page, and for whoever watches a drill that runs."""

from __future__ import annotations

from datetime import UTC, datetime

from dr_templates.drill.report.model import (
    Acted,
    Broke,
    Checked,
    Counted,
    Measured,
    Named,
    Noted,
    Proved,
    Rated,
    Sampled,
    Started,
    Stood,
)
from dr_templates.drill.report.outcome import Entry, Word


def line(entry: Entry, began: float) -> str:
    """Give an entry as one line of progress, its time counted from ``began``."""
    return f"{moment(entry.at - began):>9}  {entry.kind:<8} {sentence(entry.word)}"


def sentence(word: Word) -> str:  # noqa: C901, PLR0911 - a sentence for each kind
    """Say one thing that was recorded."""
    match word:
        case Started():
            return f"{word.scenario}: {word.title}"
        case Broke() | Noted():
            return word.words
        case Acted():
            where = f"{word.verb} {word.site}" if word.site else word.verb
            return f"{where}: {word.reason}" + (f" (trouble: {word.trouble})" if word.trouble else "")
        case Stood():
            return f"{word.site} is {word.stance}"
        case Named():
            return f"in {word.place} the name means {word.target or 'nothing'}"
        case Rated():
            return f"{sum(word.writes)} writes acknowledged in {length(word.seconds * len(word.writes))}"
        case Sampled():
            return f"{word.samples} samples: {word.double_writable} of two primaries, {word.wrong_name} of a wrong name"
        case Counted():
            return f"{word.acknowledged} writes acknowledged, {word.lost} lost, {word.in_doubt} in doubt"
        case Measured():
            slow = length(word.projected.outage_seconds)
            return f"no write for {length(word.outage_seconds)}, at AWS's clocks {slow}"
        case Proved():
            return proof(word)
        case Checked():
            return f"{'holds' if word.passed else 'DOES NOT HOLD'}: {word.name}: {word.words}"
        case _:
            return word.verdict


def proof(proved: Proved) -> str:
    """Say what the controller's proof comes to."""
    if proved.written is None or proved.replayed is None:
        asked = "the source" if proved.written is None else "the replica"
        return f"{asked} could not be asked how far it was: what the replica had not replayed may be missing"
    missing = proved.written - proved.replayed
    if missing > 0:
        far = f"{lsn(proved.replayed)} of {lsn(proved.written)}"
        return f"the replica had replayed up to {far}: {missing} bytes are missing"
    return f"the replica had replayed all that its source wrote, up to {lsn(proved.written)}: nothing can be missing"


def lsn(position: int) -> str:
    """Give a position in the WAL as PostgreSQL writes it."""
    return f"{position >> 32:X}/{position & 0xFFFFFFFF:X}"


def length(seconds: float) -> str:
    """Give a length of time: ``4.31 s``, ``48.2 s``, ``2 min 5 s``, ``1 h 2 min``."""
    if not seconds:
        return "0 s"
    if seconds < 10:  # noqa: PLR2004 - two digits behind the point are enough, and no more are true
        return f"{seconds:.2f} s"
    if seconds < 59.95:  # noqa: PLR2004 - 60.0 s is a minute
        return f"{seconds:.1f} s"
    minutes, left = divmod(round(seconds), 60)
    if minutes < 60:  # noqa: PLR2004 - an hour
        return f"{minutes} min {left} s" if left else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def moment(seconds: float) -> str:
    """Give a time before or after the one that counts as zero."""
    return f"{seconds:+.2f} s"


def count(number: int) -> str:
    """Give a count so that its size can be seen."""
    return f"{number:,}".replace(",", " ")


def wall(at: float) -> str:
    """Give a time of day, in UTC."""
    return f"{datetime.fromtimestamp(at, UTC):%H:%M:%S}"


def date(at: float) -> str:
    """Give a date and time, in UTC."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"
