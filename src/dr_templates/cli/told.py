"""The fault that comes after a result."""

from dr_templates.errors import DrError


class ToldError(DrError):
    """The command has given its result, and it is not the one that was hoped for.

    With ``--output json`` that result is what a program gets; this is left for people, and for the exit code.
    """
