"""Which call of AWS a request is, and how AWS words an error in the protocol the caller speaks."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import escape
from urllib.parse import parse_qs, unquote_plus

from dr_templates.lab.emulator.orders.faults import OUTSIDE, Call, CallFault

SCOPE = re.compile(r"Credential=[^/]+/\d{8}/([^/]+)/([^/]+)/aws4_request")
MARK = re.compile(r"(?:^|\s)app/lab-([a-z0-9-]+)")
"""What botocore puts in User-Agent for the interpreters of functions: whence they call."""
JSON = "application/x-amz-json-1.0"
OBJECTS = {"GET": "GetObject", "HEAD": "HeadObject", "PUT": "PutObject", "DELETE": "DeleteObject"}
BUCKETS = {"GET": "ListObjectsV2", "HEAD": "HeadBucket", "PUT": "CreateBucket", "DELETE": "DeleteBucket"}
SUB_RESOURCES = {
    "encryption": "BucketEncryption",
    "versioning": "BucketVersioning",
    "policy": "BucketPolicy",
    "publicAccessBlock": "PublicAccessBlock",
    "tagging": "BucketTagging",
    "location": "BucketLocation",
    "lifecycle": "BucketLifecycleConfiguration",
    "ownershipControls": "BucketOwnershipControls",
}


def identify(method: str, path: str, query: str, headers: Mapping[str, str], body: bytes, stamp: float) -> Call | None:
    """Say which call it is; None for what is not signed for a service of AWS."""
    signed = SCOPE.search(headers.get("authorization", ""))
    if signed is None:
        return None
    region, service = signed.groups()
    if service == "s3":
        return Call(service, region, _s3(method, path, query), stamp, place(headers))
    target = headers.get("x-amz-target", "")
    if target:
        return Call(service, region, target.rpartition(".")[2], stamp, place(headers))
    form = re.search(rb"(?:^|&)Action=([^&]+)", body)
    action = unquote_plus(form[1].decode()) if form else (parse_qs(query).get("Action") or [""])[0]
    return Call(service, region, action or f"{method} {path.rstrip('/')}", stamp, place(headers))


def place(headers: Mapping[str, str]) -> str:
    """Name the region of the function that calls; whoever else does is outside."""
    mark = MARK.search(headers.get("user-agent", ""))
    return mark[1] if mark else OUTSIDE


def refusal(fault: CallFault, headers: Mapping[str, str], service: str) -> tuple[dict[str, str], bytes]:
    """Word the error as the service would, as headers and body."""
    if service == "s3":
        text = f"<Error><Code>{escape(fault.code)}</Code><Message>{escape(fault.message)}</Message></Error>"
        return {"content-type": "application/xml"}, text.encode()
    if "json" in headers.get("content-type", "") or service in ("lambda", "scheduler"):
        words = {"__type": fault.code, "message": fault.message}
        return {"content-type": JSON, "x-amzn-errortype": fault.code}, json.dumps(words).encode()
    side = "Sender" if fault.status < 500 else "Receiver"  # noqa: PLR2004 - HTTP's errors of the server
    inner = f"<Type>{side}</Type><Code>{escape(fault.code)}</Code><Message>{escape(fault.message)}</Message>"
    if service == "ec2":
        text = f"<Response><Errors><Error>{inner}</Error></Errors><RequestID>lab</RequestID></Response>"
    else:
        text = f"<ErrorResponse><Error>{inner}</Error><RequestId>lab</RequestId></ErrorResponse>"
    return {"content-type": "text/xml"}, text.encode()


def _s3(method: str, path: str, query: str) -> str:
    """Name the call by method and path: the path has the bucket first, and the key behind it."""
    _, _, key = path.strip("/").partition("/")
    if key:
        return OBJECTS.get(method, method)
    asked = parse_qs(query, keep_blank_values=True)
    for name, what in SUB_RESOURCES.items():
        if name in asked:
            return f"{method.capitalize()}{what}"
    return "ListBuckets" if path == "/" else BUCKETS.get(method, method)
