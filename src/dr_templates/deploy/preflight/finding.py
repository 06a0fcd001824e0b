"""What a check finds: a verdict, about a place, in words, and how to mend it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dr_templates.aws.asking import Heard

ACCOUNT = "account"
"""The place of what is no place's own: the account as a whole."""


class Verdict(StrEnum):
    """Whether a deploy will pass here: it will, a person should look, it will not."""

    OK = "ok"
    WARNING = "warning"
    BLOCKER = "blocker"


@dataclass(frozen=True)
class Finding:
    """One line of a preflight. ``mend`` says what to do, and is empty where there is nothing to do."""

    check: str
    place: str
    verdict: Verdict
    what: str
    mend: str = ""


def ok(check: str, place: str, what: str) -> Finding:
    """Find nothing wrong."""
    return Finding(check, place, Verdict.OK, what)


def warning(check: str, place: str, what: str, mend: str) -> Finding:
    """Find what may stop a deploy, or could not be told."""
    return Finding(check, place, Verdict.WARNING, what, mend)


def blocker(check: str, place: str, what: str, mend: str) -> Finding:
    """Find what stops a deploy."""
    return Finding(check, place, Verdict.BLOCKER, what, mend)


def unread(check: str, place: str, heard: Heard[Any], by_hand: str) -> Finding:
    """Say that an answer is missing, and why. ``by_hand`` is how a person with the right can look."""
    return warning(check, place, f"could not be read: {heard.trouble}", f"Have it answered, or look by hand: {by_hand}")
