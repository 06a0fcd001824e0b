"""The master user's login: what its password must do without, and how a secret holds it.

Templates and functions share this, so it needs neither boto3 nor the driver.
"""

from __future__ import annotations

import contextlib
import json
from typing import Any

from dr_templates.runtime.errors import WorkError

UNUSABLE = " \"#$%&'/:;<=>?@\\`"
"""Kept out of every password, the first and each later one: RDS refuses ``/ " @`` and the space in a master password,
the rest trips connection strings and shells."""


def login(text: str | None, name: str) -> dict[str, Any]:
    """Read a secret's text: ``username``, ``password`` and whatever else is there.

    Raises WorkError when it holds no login; the reason calls it ``name`` and does not show what it holds instead.
    """
    value: Any = None
    with contextlib.suppress(ValueError):
        value = json.loads(text or "")
    if not isinstance(value, dict) or not all(_filled(value.get(field)) for field in ("username", "password")):
        raise WorkError(reason=f"{name} is not JSON with a username and a password")
    return value


def _filled(value: object) -> bool:
    return isinstance(value, str) and value != ""
