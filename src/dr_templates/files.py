"""Files written whole or not at all."""

import os
from pathlib import Path


def replace(path: Path, body: bytes) -> None:
    """Put ``body`` at ``path``, making the folders above it: an interrupted run leaves the old file or none.

    Raises ``OSError`` when the place cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        draft.write_bytes(body)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
