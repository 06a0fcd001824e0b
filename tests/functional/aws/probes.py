"""What stands in for the probe functions: a database as each finds it, and Lambda's Invoke before them."""

import http.server
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from dr_templates.runtime.database import Stage
from dr_templates.runtime.probe import Heartbeat, Receiver, Sight

NOW = 1_764_000_000.0

Wish = Mapping[str, Any]
Probe = Callable[[Wish], object]


class FailedFunctionError(Exception):
    """A probe function that ends in an error of its own."""


@dataclass
class Database:
    """What a probe finds at a site; it answers with the very type the probe function answers with."""

    site: str
    in_recovery: bool = False
    position: int = 0x3000148
    streaming: bool = True
    sessions: int = 0
    beat: Heartbeat | None = None
    fault: tuple[Stage, str, str | None] | None = None
    ended: int = 0
    now: float = NOW

    def __call__(self, wish: Wish) -> object:
        if wish.get("end_sessions") is True:
            self.ended += 1
            self.sessions = 0
            return {"ended": 1}
        if self.fault:
            stage, error, code = self.fault
            return Sight(self.site, stage, error=error, sqlstate=code).as_json()
        if wish.get("beat") is not False and not self.in_recovery:
            number = self.beat.beat + 1 if self.beat and self.beat.site == self.site else 1
            self.beat = Heartbeat(self.site, number, datetime.fromtimestamp(self.now, UTC), 0.0)
        lsn = f"{self.position >> 32:X}/{self.position & 0xFFFFFFFF:X}"
        common = Sight(
            self.site,
            Stage.ANSWERED,
            in_recovery=self.in_recovery,
            system_identifier="7300000000000000001",
            timeline=1,
            heartbeat=self.beat,
            client_sessions=self.sessions,
        )
        if self.in_recovery:
            receiver = Receiver("streaming", 0.1) if self.streaming else None
            return replace(common, received_lsn=lsn, replayed_lsn=lsn, receiver=receiver).as_json()
        return replace(common, written_lsn=lsn, flushed_lsn=lsn).as_json()


@contextmanager
def answering(answer: Callable[[str, bytes], tuple[bytes, dict[str, str]]]) -> Iterator[str]:
    """Answer whatever is sent to an address of its own with 200, and the body and headers that ``answer`` gives."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body, headers = answer(self.path, self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            self.send_response(200)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@contextmanager
def serving(probes: Mapping[str, Probe]) -> Iterator[str]:
    """Answer Lambda's Invoke by what the probe of that name says at that moment."""

    def invoke(path: str, wish: bytes) -> tuple[bytes, dict[str, str]]:
        headers = {}
        try:
            told = probes[path.split("/")[3]](json.loads(wish))
        except FailedFunctionError as failure:
            headers["X-Amz-Function-Error"] = "Unhandled"
            told = {"errorMessage": str(failure), "errorType": "UnavailableError"}
        return told if isinstance(told, bytes) else json.dumps(told).encode(), headers

    with answering(invoke) as url:
        yield url
