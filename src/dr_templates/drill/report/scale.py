"""The measures of the plot: where a time is on it, and how wide words are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dr_templates.drill.report.markup import Markup, tag

WIDTH: Final = 1000.0
LEFT: Final = 150.0
RIGHT: Final = 984.0
TOP: Final = 12.0
ROW: Final = 17.0
"""The height of a line of labels."""

_LETTER: Final = 7.2
"""How wide a letter is at most, on the average of a word."""


@dataclass(frozen=True)
class Scale:
    """Maps real seconds to places, between the two edges."""

    since: float
    until: float

    def __call__(self, at: float) -> float:
        """Give the place of a time; what lies outside is at the edge."""
        part = (at - self.since) / (self.until - self.since)
        return LEFT + min(1.0, max(0.0, part)) * (RIGHT - LEFT)


def wide(words: str) -> float:
    """Give how much room words take at most, with some space around."""
    return len(words) * _LETTER + 8


def title(words: str, y: float) -> Markup:
    """Label a lane, left of it."""
    return tag("text", short(words, 22), x=4.0, y=y, class_="title")


def short(words: str, most: int) -> str:
    """Cut what is too long for its place."""
    return words if len(words) <= most else f"{words[: most - 1]}\N{HORIZONTAL ELLIPSIS}"
