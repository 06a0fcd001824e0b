"""No secret gets into a report: what looks like one, or is known to be one, is refused before it is recorded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from dr_templates.errors import DrError, Exit

_KEY: Final = re.compile(
    r"(password|passwd|passphrase|secret|secretstring|token|credentials?|(private|access|secretaccess)key)$"
)
_VALUE: Final = re.compile(
    r"""
    -----BEGIN\ [A-Z ]*PRIVATE\ KEY
    | \b(?:AKIA|ASIA)[0-9A-Z]{16}\b                               # an access key's id
    | \b[a-z][a-z0-9+.]*://[^\s/@:]+:[^\s/@]+@                     # user and password in an address
    | (?:password|passwd|secret|token)(?:=|["']\s*:\s*["'])[^\s"',;]{4}   # as in a connection string, or in JSON
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SHORT: Final = 6


def refuse(kind: str, told: object, known: Iterable[str] = ()) -> None:
    """Refuse what tells a secret: by its key, by its look, or because it is one of ``known``. Raises ``DrError``.

    The error does not tell the secret again. Known ones shorter than six characters are left, as any text has them.
    """
    values = [secret for secret in known if len(secret) >= _SHORT]
    for path, value in _leaves(kind, told):
        key = re.sub(r"[^a-z]", "", path.rpartition(".")[2].lower())
        if (_KEY.search(key) and not isinstance(value, bool | None)) or (
            isinstance(value, str) and (_VALUE.search(value) or any(secret in value for secret in values))
        ):
            raise DrError(
                what="a secret was about to get into the drill's report, so it was not recorded",
                where=path,
                hint="this is a fault in the drill: leave the value out, or tell it without the secret",
                code=Exit.FAILED,
            )


def _leaves(path: str, told: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - JSON is of every type
    match told:
        case Mapping():
            for name, value in told.items():
                yield from _leaves(f"{path}.{name}", value)
                yield f"{path}.its key", name
        case list() if not any(isinstance(value, list | dict | str) for value in told):
            return
        case list():
            for number, value in enumerate(told, 1):
                yield from _leaves(f"{path}.{number}", value)
        case _:
            yield path, told
