"""How an account is read: every answer is there, or says which right is missing or who was silent."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from dr_templates.aws.asking import Asker, Heard, Question
from dr_templates.aws.clients import AWS_ERRORS, CONFIG, Make, boto, code, parsed
from dr_templates.aws.operator import EXPIRED, LOCKED_OUT, explained

Told = TypeVar("Told")
READ_SECONDS = 60.0
"""How long one answer may take, with all its pages and a client's own repetitions."""
WORDS = 200
"""How many characters of an error are told: what is no AWS may answer with pages."""
DENIED = frozenset(
    {
        "403",
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "Forbidden",
        "UnauthorizedOperation",
    }
)
"""What AWS's services say to a caller without the right, each in its own word."""


@dataclass(frozen=True)
class Doors:
    """Clients by service and region, each made once; threads may share them. ``make`` is how one comes into being."""

    make: Make = boto
    _made: dict[tuple[str, str], Any] = field(default_factory=dict, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def at(self, service: str, region: str) -> Any:  # noqa: ANN401 - boto3 types clients by literals
        """Give the client of a service in a region. It repeats what was throttled: a preflight has time."""
        with self._lock:
            if (service, region) not in self._made:
                self._made[service, region] = self.make(service, region, CONFIG)
            return self._made[service, region]


@dataclass(frozen=True)
class Asked:
    """A question that is out: which rights it takes, and what will come of it."""

    rights: str
    question: Question[Heard[Any]]

    def heard(self) -> Heard[Any]:
        """Wait for the answer. Raises ``DrError`` when AWS does not know the credentials (any more)."""
        outer = self.question.heard()
        return outer.told if outer.told is not None else Heard(trouble=f"{self.rights}: {outer.trouble}")


def ask(asker: Asker, rights: str, call: Callable[[], Any], nothing: Collection[str] = ()) -> Asked:
    """Ask without waiting. ``rights`` are the IAM actions it takes, ``nothing`` the error codes that answer "none"."""
    return Asked(rights, asker.ask(lambda: read(rights, call, nothing), READ_SECONDS))


def read(rights: str, call: Callable[[], Told | None], nothing: Collection[str] = ()) -> Heard[Told]:
    """Ask now. Raises ``DrError`` when AWS does not know the credentials; every other refusal is the answer."""
    try:
        with parsed():
            return Heard(call())
    except AWS_ERRORS as error:
        said = code(error) if isinstance(error, ClientError) else ""
        if said in nothing:
            return Heard()
        if said in EXPIRED or isinstance(error, LOCKED_OUT):
            with explained("AWS credentials"):
                raise
        return Heard(trouble=_trouble(rights, error, denied=said in DENIED))


def _trouble(rights: str, error: Exception, *, denied: bool) -> str:
    """Name the right that is missing, or what went wrong, in one line: of several calls, by the one that failed."""
    operation = error.operation_name if isinstance(error, ClientError) else ""
    meant = next((right for right in rights.split(", ") if right.endswith(f":{operation}")), rights)
    if denied:
        return f"the right {meant} is missing"
    words = " ".join(str(error).split())
    return f"{meant} was not answered: {words[:WORDS]}"
