"""What the emulator is told and asked beside AWS's own APIs: faults to come, and the calls that were made."""

from __future__ import annotations

import json
import os
import urllib.request
from typing import Any

from dr_templates.lab.emulator import Emulator


def _ask(emulator: Emulator, path: str, method: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{emulator.endpoint}/_lab/{path}", data, method=method)  # noqa: S310 - http, ours
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
        said = answer.read()
    return json.loads(said) if said else None


def arm(emulator: Emulator, *faults: dict[str, Any]) -> None:
    """Let calls, resources or stacks fail from now on."""
    _ask(emulator, "faults", "POST", list(faults))


def unharmed(emulator: Emulator) -> None:
    """Let nothing fail any more, and forget the calls made."""
    _ask(emulator, "faults", "DELETE")
    _ask(emulator, "calls", "DELETE")


def calls(emulator: Emulator, action: str) -> list[dict[str, Any]]:
    """Give the calls of one action."""
    return [call for call in _ask(emulator, "calls", "GET") if call["action"] == action]


def passed() -> dict[str, str]:
    """Give what a program that a test starts gets of our environment: where programs are, and how it is measured."""
    return {name: os.environ[name] for name in ("PATH", "COVERAGE_PROCESS_CONFIG") if name in os.environ}
