"""Answering CloudFormation: whatever happens, a custom resource sends exactly one answer, and sends it in time."""

from __future__ import annotations

import json
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Protocol
from urllib.parse import urlsplit

from dr_templates.runtime.errors import WorkError

ANSWER_BYTES = 4096
REASON_CHARACTERS = 600
MARGIN_SECONDS = 5.0
SENDING_ERRORS = (OSError, HTTPException)
MOST_SECONDS, LEAST_SECONDS = 10.0, 0.5  # that one attempt to send gets
PAUSE_SECONDS = 0.5  # between attempts
RESERVE_SECONDS = 0.5  # for the error in the log, when all attempts failed
AWS_HOSTS = (".amazonaws.com", ".amazonaws.com.cn")

Work = Callable[[Mapping[str, Any]], tuple[str, Mapping[str, str]]]


class Context(Protocol):
    """The part of Lambda's context that is used here."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends the function."""
        ...


class Timer(Protocol):
    """The part of ``threading.Timer`` that is used here."""

    def start(self) -> None:
        """Let the time run."""
        ...

    def cancel(self) -> None:
        """Do not fire any more."""
        ...

    def join(self) -> None:
        """Wait until it has been cancelled or has done its work."""
        ...


def put(url: str, body: bytes, seconds: float) -> None:
    """Send an answer to the presigned address, within ``seconds`` or not at all. Raises OSError or HTTPException.

    A socket's timeout starts anew with every address tried and every piece received, so it bounds no whole request:
    the request runs in a thread of its own and is left behind when its time is up.
    """
    request = urllib.request.Request(  # noqa: S310 - ``answer`` lets only checked addresses through
        url, data=body, method="PUT", headers={"Content-Type": ""}
    )
    sent: Future[None] = Future()

    def send() -> None:
        try:
            with urllib.request.urlopen(request, timeout=seconds):  # noqa: S310 - as above
                sent.set_result(None)
        except SENDING_ERRORS as error:
            sent.set_exception(error)

    threading.Thread(target=send, daemon=True).start()
    sent.result(seconds)


@dataclass(frozen=True)
class Post:
    """How answers travel. ``emulated`` lifts the rule that they go to AWS alone, for an emulator on this machine.

    ``put`` takes address, body and the seconds it may last.
    """

    emulated: bool = False
    put: Callable[[str, bytes, float], None] = put
    timer: Callable[[float, Callable[[], None]], Timer] = threading.Timer
    sleep: Callable[[float], None] = time.sleep
    attempts: int = 3


def post_from(environ: Mapping[str, str]) -> Post:
    """Give the usual way of answering: AWS_ENDPOINT_URL in the environment means that AWS is an emulator."""
    return Post(emulated="AWS_ENDPOINT_URL" in environ)


def answer(event: Mapping[str, Any], context: Context, work: Work, post: Post) -> None:
    """Do ``work`` for Create and Update, nothing for Delete, and tell CloudFormation how it went.

    ``work`` returns the physical id and the attributes; a WorkError it raises is the reason shown. Any other exception
    answers FAILED with its name alone, since its text is not known to be free of secrets, and goes on to Lambda's log.
    When time runs out first, the answer is FAILED too. Raises WorkError, with nothing done, for an address that is not
    AWS's.
    """
    url = _checked(event.get("ResponseURL", ""), emulated=post.emulated)
    unsent = threading.Lock()

    def time_left() -> float:
        return context.get_remaining_time_in_millis() / 1000

    def send(status: str, reason: str, physical_id: str, data: Mapping[str, str]) -> None:
        if unsent.acquire(blocking=False):
            _deliver(url, _body(event, status, reason, physical_id, data), post, time_left)

    known_id = event.get("PhysicalResourceId") or event["LogicalResourceId"]
    if event["RequestType"] == "Delete":
        send("SUCCESS", "Nothing to delete", known_id, {})
        return
    left = max(time_left() - MARGIN_SECONDS, 0.0)
    watchdog = post.timer(left, lambda: send("FAILED", f"Not done after {left:.0f} seconds", known_id, {}))
    watchdog.start()
    outcome: tuple[str, str, str, Mapping[str, str]] | None = None
    try:
        physical_id, data = work(event)
        outcome = ("SUCCESS", "Done", physical_id, data)
    except WorkError as failure:
        outcome = ("FAILED", failure.reason, known_id, {})
    finally:
        watchdog.cancel()
        watchdog.join()
        unexpected = f"Ended with {type(sys.exception()).__name__}; the function's log says more"
        send(*(outcome or ("FAILED", unexpected, known_id, {})))


def _checked(url: str, *, emulated: bool) -> str:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if emulated and parts.scheme in {"http", "https"} and host:
        return url
    if parts.scheme == "https" and host.endswith(AWS_HOSTS):
        return url
    raise WorkError(reason=f"The answer would go to {host or 'nowhere'}, which is not AWS over https")


def _body(event: Mapping[str, Any], status: str, reason: str, physical_id: str, data: Mapping[str, str]) -> bytes:
    fields = {
        "Status": status,
        "Reason": reason[:REASON_CHARACTERS],
        "PhysicalResourceId": physical_id,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "Data": dict(data),
    }
    body = json.dumps(fields).encode()
    if len(body) <= ANSWER_BYTES:
        return body
    too_long = {**fields, "Status": "FAILED", "Reason": f"The answer is over {ANSWER_BYTES} bytes", "Data": {}}
    return json.dumps(too_long).encode()


def _deliver(url: str, body: bytes, post: Post, time_left: Callable[[], float]) -> None:
    """Send the answer; a stack whose answer got lost would wait an hour, so a failing network gets more chances.

    Each attempt gets its share of the time the function has left, so that the last one ends before the function does.
    """
    more = post.attempts
    while True:
        more -= 1
        share = (time_left() - RESERVE_SECONDS - more * PAUSE_SECONDS) / (more + 1)
        try:
            post.put(url, body, min(max(share, LEAST_SECONDS), MOST_SECONDS))
        except SENDING_ERRORS:
            if not more or time_left() < PAUSE_SECONDS + LEAST_SECONDS + RESERVE_SECONDS:
                raise
            post.sleep(PAUSE_SECONDS)
        else:
            return
