"""The one error the program raises on purpose, and the exit codes that go with it."""

from enum import IntEnum


class Exit(IntEnum):
    """What the process answers (docs/design.md); click itself owns 2, wrong usage."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    PENDING = 3
    HELD = 4
    INTERRUPTED = 130


class DrError(Exception):
    """A fault the user can act on: what happened, where, and what to do next.

    ``what`` may have several lines, one for each problem found. It is raised where the fault is known and printed once,
    at the command's edge.
    """

    def __init__(self, what: str, *, where: str, hint: str, code: Exit = Exit.FAILED) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint
        self.code = code

    def __str__(self) -> str:
        """Give the three parts as three lines, the form in which they reach the user."""
        return f"{self.what}\n  where: {self.where}\n  hint:  {self.hint}"
