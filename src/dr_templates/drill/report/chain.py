"""The chain: every entry's hash covers the entry and the hash before it, so none can be changed, moved or left out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from dr_templates.drill.report.canonical import compact
from dr_templates.drill.report.outcome import KINDS, Entry, Word
from dr_templates.failover.codec import encode

FIRST: Final = "0" * 64
"""What the first entry has for the hash before it."""

_NAMES: Final = {kind: name for name, kind in KINDS.items()}


def linked(before: Entry | None, at: float, lab: float, word: Word) -> Entry:
    """Make the entry that follows ``before``. Raises ``ValueError`` for a word with numbers that JSON has not."""
    number, previous = (before.number + 1, before.hash) if before else (1, FIRST)
    kind = _NAMES[type(word)]
    return Entry(number, kind, at, lab, word, previous, _hash(number, kind, at, lab, word=word, previous=previous))


def broken(entries: Sequence[Entry]) -> str | None:
    """Say where the chain is not what was written, and in what; None when it is whole."""
    before: Entry | None = None
    for place, entry in enumerate(entries, 1):
        made = linked(before, entry.at, entry.lab, entry.word)
        if entry.number != place:
            return f"entry {place} is not what was written: its number is {entry.number}"
        if entry.previous != made.previous:
            return f"entry {place} does not follow the one before it: its previous is not that one's hash"
        if entry.hash != made.hash:
            return f"entry {place} ({entry.kind}) is not what was written: its hash is not that of what it tells"
        before = entry
    return None


def _hash(number: int, kind: str, at: float, lab: float, *, word: Word, previous: str) -> str:
    told = compact([number, previous, kind, at, lab, encode(word)])
    return hashlib.sha256(told.encode("ascii")).hexdigest()
