"""Orders of the tests' own to the emulator that a test is led to."""

import json
import os
import urllib.request
from typing import Any

from tests.lab.emulator.types.conftest import HOME


def order(what: str, said: object = None, method: str = "POST") -> Any:  # noqa: ANN401 - any JSON
    """Give an order; one that is refused is an HTTPError."""
    body = None if said is None else json.dumps(said).encode()
    request = urllib.request.Request(f"{os.environ['AWS_ENDPOINT_URL']}/_lab/{what}", body, method=method)  # noqa: S310 - http, ours
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - as above
        return json.load(answer)


def command(name: str, identifier: str, region: str = HOME) -> None:
    """Order something of a database, and be sure that it has taken effect."""
    assert order("databases", {"order": name, "region": region, "identifier": identifier}) == {"done": True}


def told(identifier: str) -> dict[str, Any]:
    """Give what the emulator tells of a database beside AWS."""
    (one,) = [one for one in order("databases", method="GET") if one["identifier"] == identifier]
    return one
