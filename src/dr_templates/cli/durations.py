"""Lengths of time: as an operator types them, and as they are read."""

import re
from typing import Final

UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
SPOKEN: Final = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
_WANTED: Final = "that is no length such as 30m, 2h or 3d"
_TYPED: Final = re.compile(r"([1-9][0-9]{0,8})([smhd])")


def seconds(text: str) -> int:
    """Read ``90s``, ``30m``, ``2h`` or ``3d``. Raises ``ValueError`` for anything else."""
    found = _TYPED.fullmatch(text.strip())
    if found is None:
        raise ValueError(_WANTED)
    return int(found[1]) * UNITS[found[2]]


def spoken(length: float) -> str:
    """Say a length in its two largest units: ``45 s``, ``3 min``, ``2 h 5 min``; nothing is shorter than ``0 s``."""
    left = max(0, round(length))
    parts: list[str] = []
    for unit, size in SPOKEN:
        count, left = divmod(left, size)
        if count or parts:
            parts.append(f"{count} {unit}")
        if len(parts) == 2:  # noqa: PLR2004 - two units are enough
            break
    return " ".join(part for part in parts if not part.startswith("0 ")) or "0 s"
