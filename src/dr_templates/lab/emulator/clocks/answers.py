"""The date in the head of every answer: by it a client notices how far its own clock is off AWS's."""

from __future__ import annotations

from ministack import app

from dr_templates.lab.clock import Clock
from dr_templates.lab.emulator import patches


def install(clock: Clock) -> None:
    """Date answers by the clock. Raises DrError when ministack dates them in another way."""

    def dated(timeval: float | None = None, localtime: bool = False, usegmt: bool = False) -> str:
        said: str = stock(clock.now() if timeval is None else timeval, localtime, usegmt)
        return said

    stock = patches.replace(app, "formatdate", dated)
