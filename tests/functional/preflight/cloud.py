"""An AWS in front of the emulator: it answers what that cannot, refuses what a test says, and notes every call."""

from __future__ import annotations

import http.client
import http.server
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

REGION = re.compile(r"Credential=[^/]+/[^/]+/([^/]+)/")
QUOTAS = ("DBInstances", "AllocatedStorage", "DBSubnetGroups", "DBParameterGroups", "EventSubscriptions")
ABLE = (
    "MultiAZCapable",
    "SupportsIAMDatabaseAuthentication",
    "SupportsPerformanceInsights",
    "SupportsEnhancedMonitoring",
    "SupportsStorageAutoscaling",
    "SupportsStorageEncryption",
    "ReadReplicaCapable",
)
VERSION = "<DBEngineVersions><DBEngineVersion><Status>available</Status></DBEngineVersion></DBEngineVersions>"
LIMIT = (
    "<GetAccountLimitResponse><Limit><Type>x</Type><Value>500</Value></Limit><Count>3</Count></GetAccountLimitResponse>"
)
JSON = {
    "GetServiceQuota": {"Quota": {"Value": 200}},
    "GET /2016-08-19/account-settings": {
        "AccountLimit": {"UnreservedConcurrentExecutions": 900, "TotalCodeSize": 80530636800},
        "AccountUsage": {"TotalCodeSize": 0},
    },
}


@dataclass(frozen=True)
class Call:
    """What was asked: the operation, or method and path where that is all there is; where; and what else was said."""

    operation: str
    region: str
    said: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Front:
    """Stands before the emulator at ``behind``. ``refused`` gives an error code by operation, ``*`` for every one."""

    behind: str
    refused: dict[str, str] = field(default_factory=dict)
    disabled: set[str] = field(default_factory=set)
    denied: set[str] = field(default_factory=set)
    quotas: tuple[str, ...] = QUOTAS
    calls: list[Call] = field(default_factory=list)

    def answer(self, call: Call) -> tuple[int, str, str] | None:
        """Give status, kind and body of an answer; None for the emulator's."""
        refusal = self.refused.get("*") or self.refused.get(call.operation)
        if refusal:
            return 403, "application/xml", _refusal(refusal)
        if call.operation == "DescribeRegions" and not self.disabled:
            return None
        if "/accountlimit/" in call.operation:
            return 200, "application/xml", LIMIT
        if call.operation in JSON:
            return 200, "application/json", json.dumps(JSON[call.operation])
        bodies: dict[str, Callable[[], str]] = {
            "DescribeDBEngineVersions": lambda: VERSION,
            "DescribeOrderableDBInstanceOptions": lambda: _offer(call.region),
            "DescribeAccountAttributes": lambda: f"<AccountQuotas>{''.join(map(_quota, self.quotas))}</AccountQuotas>",
            "SimulatePrincipalPolicy": lambda: (
                f"<EvaluationResults>{''.join(self._decisions(call))}</EvaluationResults>"
            ),
            "DescribeRegions": lambda: _regions(self.disabled),
        }
        made = bodies.get(call.operation)
        return None if made is None else (200, "text/xml", _wrapped(call.operation, made()))

    def _decisions(self, call: Call) -> Iterator[str]:
        for key, (action,) in call.said.items():
            if key.startswith("ActionNames."):
                decision = "implicitDeny" if action in self.denied else "allowed"
                told = f"<EvalActionName>{action}</EvalActionName><EvalDecision>{decision}</EvalDecision>"
                yield f"<member>{told}</member>"


def _wrapped(operation: str, body: str) -> str:
    """Give an answer in XML; EC2's stand in one element, those of others in two."""
    inner = body if operation == "DescribeRegions" else f"<{operation}Result>{body}</{operation}Result>"
    return f"<{operation}Response>{inner}</{operation}Response>"


def _offer(region: str) -> str:
    zones = "".join(f"<AvailabilityZone><Name>{region}{one}</Name></AvailabilityZone>" for one in "abcdef")
    able = "".join(f"<{word}>true</{word}>" for word in ABLE)
    option = f"<StorageType>gp3</StorageType><AvailabilityZones>{zones}</AvailabilityZones>{able}"
    one = f"<OrderableDBInstanceOption>{option}</OrderableDBInstanceOption>"
    return f"<OrderableDBInstanceOptions>{one}</OrderableDBInstanceOptions>"


def _quota(name: str) -> str:
    told = f"<AccountQuotaName>{name}</AccountQuotaName><Used>1</Used><Max>4000</Max>"
    return f"<AccountQuota>{told}</AccountQuota>"


def _regions(disabled: set[str]) -> str:
    told = dict.fromkeys(("us-east-1", "eu-west-1", "eu-central-1"), "opt-in-not-required")
    told |= dict.fromkeys(disabled, "not-opted-in")
    items = "".join(
        f"<item><regionName>{name}</regionName><optInStatus>{status}</optInStatus></item>"
        for name, status in told.items()
    )
    return f"<regionInfo>{items}</regionInfo>"


def _refusal(code: str) -> str:
    error = f"<Error><Code>{code}</Code><Message>no</Message></Error>"
    return f"<ErrorResponse>{error}<RequestId>1</RequestId></ErrorResponse>"


def _call(method: str, path: str, headers: Any, body: bytes) -> Call:  # noqa: ANN401 - of the server's own type
    region = REGION.search(headers.get("Authorization", ""))
    target = headers.get("X-Amz-Target", "").rpartition(".")[2]
    said = parse_qs(body.decode(errors="replace")) if not target else {}
    operation = target or said.get("Action", [f"{method} {urlsplit(path).path}"])[0]
    return Call(operation, region[1] if region else "", said)


@contextmanager
def standing(behind: str) -> Iterator[tuple[Front, str]]:
    """Run a front before the emulator, and give its address."""
    front, goal = Front(behind), urlsplit(behind)

    class Handler(http.server.BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            call = _call(self.command, self.path, self.headers, body)
            front.calls.append(call)
            answer = front.answer(call)
            if answer is None:
                connection = http.client.HTTPConnection(goal.hostname or "", goal.port)
                connection.request(self.command, self.path, body, dict(self.headers))
                reply = connection.getresponse()
                self._send(
                    reply.status, reply.headers.get("Content-Type", ""), reply.read(), head=self.command == "HEAD"
                )
                connection.close()
            else:
                status, kind, text = answer
                self._send(status, kind, text.encode())

        do_GET = do_POST = do_HEAD = _serve  # noqa: N815 - the server's names

        def _send(self, status: int, kind: str, body: bytes, *, head: bool = False) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if not head:
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that has given up is no fault here
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield front, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
