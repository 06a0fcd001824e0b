"""HTML and SVG in small pieces. What is not markup already is escaped; nobody has to think of it."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

_EMPTY = frozenset({"meta", "line", "path", "rect", "col"})


@dataclass(frozen=True)
class Markup:
    """What may stand in the page as it is."""

    text: str


Piece: TypeAlias = Markup | str | int | None


def tag(element: str, /, *inside: Piece, **attributes: str | float | None) -> Markup:
    """Make an element. ``class_`` is written ``class``, ``stroke_width`` ``stroke-width``; None is left out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(_number(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if element in _EMPTY and not inside:
        return Markup(f"<{element}{written}/>")
    return Markup(f"<{element}{written}>{joined(inside).text}</{element}>")


def joined(pieces: Iterable[Piece], between: str = "") -> Markup:
    """Put pieces one after another."""
    return Markup(between.join(_piece(piece) for piece in pieces if piece is not None))


def _piece(piece: Piece) -> str:
    return piece.text if isinstance(piece, Markup) else html.escape(str(piece))


def _number(value: str | float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
