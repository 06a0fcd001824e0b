"""Orders to a running emulator beside AWS's own APIs, and what it tells: network, databases, pace, faults, names."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

from dr_templates.errors import DrError

if TYPE_CHECKING:
    from dr_templates.lab.emulator.place import Emulator

SECONDS = 15.0


def order(emulator: Emulator, what: str, said: object) -> Any:  # noqa: ANN401 - JSON is of every type
    """Order something. Raises ``DrError`` with the emulator's own words when it makes no sense there."""
    return _asked(emulator, what, "POST", json.dumps(said).encode())


def ask(emulator: Emulator, what: str) -> Any:  # noqa: ANN401 - as above
    """Ask what is set, or how things are. Raises ``DrError``."""
    return _asked(emulator, what, "GET", None)


def _asked(emulator: Emulator, what: str, method: str, body: bytes | None) -> Any:  # noqa: ANN401 - as above
    url = f"{emulator.endpoint}/_lab/{what}"
    request = urllib.request.Request(url, body, method=method)  # noqa: S310 - the emulator's own address
    straight = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with straight.open(request, timeout=SECONDS) as answer:
            return json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        words = json.loads(error.read()).get("error", str(error))
        raise DrError(what=words, where=url, hint="The lab does not know how to do this.") from error
    except OSError as error:
        raise DrError(what=f"the lab does not answer: {error}", where=url, hint="Its log may say why.") from error
