"""The memory that processes of a server share. Whoever is killed leaves it behind, and a machine has room for few.

PostgreSQL holds a small segment of System V's and files of POSIX's; it frees them itself when it stops in order.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from pathlib import Path

REMOVE = 0
"""What the C library calls IPC_RMID."""
SEGMENT, FILE = "/SYSV", "/dev/shm/PostgreSQL."  # noqa: S108 - PostgreSQL's own names
PATH = 5


def mapped(maps: Iterable[str]) -> tuple[set[int], set[Path]]:
    """Read what processes of a server share from their maps, as /proc gives them: segments by id, and files."""
    found = [line.split(maxsplit=PATH) for text in maps for line in text.splitlines()]
    named = [words for words in found if len(words) > PATH]
    segments = {int(words[PATH - 1]) for words in named if words[PATH].startswith(SEGMENT)}
    return segments, {Path(words[PATH]) for words in named if words[PATH].startswith(FILE)}


def free(segments: Iterable[int], files: Iterable[Path]) -> None:
    """Give memory back that nobody uses any more; what is gone already is passed over."""
    control = ctypes.CDLL(None).shmctl
    for segment in segments:
        control(segment, REMOVE, None)
    for file in files:
        file.unlink(missing_ok=True)
