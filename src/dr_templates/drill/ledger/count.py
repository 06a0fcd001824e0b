"""What became of every commit: what the book says against what the database holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dr_templates.drill.ledger.book import Entry, Kind
from dr_templates.drill.ledger.table import Row

SHOWN = 20


@dataclass(frozen=True)
class Count:
    """How many commits were acknowledged, are present or lost, and what else there is.

    ``refused_present`` and ``strangers`` (rows of which the book knows nothing) must be 0, or something is wrong with
    the book, or somebody else writes the table. ``lost_numbers`` are the first ones, as (worker, number).
    """

    acknowledged: int
    present: int
    lost: int
    lost_numbers: tuple[tuple[str, int], ...]
    doubtful_present: int
    doubtful_absent: int
    refused_present: int
    strangers: int


def count(book: Iterable[Entry], rows: Iterable[Row]) -> Count:
    """Compare. A commit that was sent and of which the book says no more (its client was killed) is doubtful."""
    fates = {(one.worker, one.number): one.kind for one in book if one.number}
    there = {(row.worker, row.number) for row in rows}
    acknowledged = {commit for commit, kind in fates.items() if kind is Kind.ACKNOWLEDGED}
    refused = {commit for commit, kind in fates.items() if kind is Kind.REFUSED}
    doubtful = fates.keys() - acknowledged - refused
    lost = acknowledged - there
    return Count(
        acknowledged=len(acknowledged),
        present=len(acknowledged & there),
        lost=len(lost),
        lost_numbers=tuple(sorted(lost)[:SHOWN]),
        doubtful_present=len(doubtful & there),
        doubtful_absent=len(doubtful - there),
        refused_present=len(refused & there),
        strangers=len(there - fates.keys()),
    )
