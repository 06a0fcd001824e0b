"""AWS's query protocols, led by the service models of botocore: a request becomes plain data, plain data an answer.

The emulator writes its XML by hand, and leaves out what it does not know. An action made here shows whatever its
function returns, under the names boto3 knows.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from dr_templates.aws import clients

Answer = tuple[int, dict[str, str], bytes]
Request = Mapping[str, Any]
Function = Callable[[Request], Mapping[str, Any]]
NUMBERS: Mapping[str, Callable[[str], Any]] = {"integer": int, "long": int, "float": float, "double": float}


class RefusedError(Exception):
    """What AWS says instead of doing it: its code, its words, and the HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def action(service: str, operation: str, function: Function) -> Callable[[Mapping[str, Any]], Answer]:
    """Make an action of the emulator from a function: it is given the request by boto3's names and returns the answer.

    A dry run never reaches the function, and is answered as one that would have been allowed.
    """
    return functools.partial(_act, service, operation, function)


def _act(service: str, operation: str, function: Function, parameters: Mapping[str, Any]) -> Answer:
    model = _model(service).operation_model(operation)
    flat = {name: value[0] if isinstance(value, list) else str(value) for name, value in parameters.items() if value}
    try:
        request = _read(model.input_shape, flat, "", ec2=service == "ec2") or {}
        result = (_tell_dry_run if request.get("DryRun") else function)(request)
    except RefusedError as error:
        return error.status, {"Content-Type": "text/xml"}, _error(service, error).encode()
    return 200, {"Content-Type": "text/xml"}, _answer(service, operation, model.output_shape, result).encode()


def _tell_dry_run(_request: Request) -> Mapping[str, Any]:
    words = "Request would have succeeded, but DryRun flag is set."
    raise RefusedError("DryRunOperation", words, 412)


@functools.cache
def _model(service: str) -> Any:  # noqa: ANN401 - botocore's models carry no types
    return clients.boto(service, "us-east-1", clients.CONFIG).meta.service_model


def _read(shape: Any, flat: Mapping[str, str], prefix: str, *, ec2: bool) -> Any:  # noqa: ANN401 - as ``_model``
    """Read what stands under ``prefix``; None when nothing does."""
    match shape.type_name:
        case "structure":
            found = {
                name: _read(member, flat, _join(prefix, _wire_name(name, member, ec2=ec2)), ec2=ec2)
                for name, member in shape.members.items()
            }
            given = {name: value for name, value in found.items() if value is not None}
            return given or None
        case "list":
            return _read_list(shape, flat, prefix, ec2=ec2)
        case "map":
            return None
    text = flat.get(prefix)
    if text is None:
        return None
    if shape.type_name == "boolean":
        return text.lower() == "true"
    return NUMBERS.get(shape.type_name, str)(text)


def _read_list(
    shape: Any,  # noqa: ANN401 - a shape of botocore's, which has no types
    flat: Mapping[str, str],
    prefix: str,
    *,
    ec2: bool,
) -> list[Any] | None:
    """Read a list: EC2's are flat, the others' members are called by name, which older clients do not know."""
    names = (prefix,) if ec2 else (f"{prefix}.{shape.member.serialization.get('name', 'member')}", f"{prefix}.member")
    for name in names:
        values: list[Any] = []
        while (value := _read(shape.member, flat, f"{name}.{len(values) + 1}", ec2=ec2)) is not None:
            values.append(value)
        if values:
            return values
    return None


def _wire_name(name: str, member: Any, *, ec2: bool) -> str:  # noqa: ANN401 - as ``_model``
    serialization = member.serialization
    if not ec2:
        return str(serialization.get("name", name))
    if "queryName" in serialization:
        return str(serialization["queryName"])
    known = str(serialization.get("name", name))
    return known[:1].upper() + known[1:]


def _join(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name


def _answer(service: str, operation: str, shape: Any, result: Mapping[str, Any]) -> str:  # noqa: ANN401 - as ``_model``
    inner = _inside(shape, result) if shape else ""
    if wrapper := shape.serialization.get("resultWrapper") if shape else None:
        inner = f"<{wrapper}>{inner}</{wrapper}>"
    identifier = f"<RequestId>{uuid.uuid4()}</RequestId>"
    if service == "ec2":
        inner += f"<requestId>{uuid.uuid4()}</requestId>"
    else:
        inner += f"<ResponseMetadata>{identifier}</ResponseMetadata>"
    space = _model(service).metadata.get("xmlNamespace", "http://ec2.amazonaws.com/doc/2016-11-15")
    return f'<{operation}Response xmlns="{space}">{inner}</{operation}Response>'


def _error(service: str, error: RefusedError) -> str:
    words = f"<Code>{error.code}</Code><Message>{escape(error.message)}</Message>"
    if service == "ec2":
        return f"<Response><Errors><Error>{words}</Error></Errors><RequestID>{uuid.uuid4()}</RequestID></Response>"
    return (
        f"<ErrorResponse><Error><Type>Sender</Type>{words}</Error><RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
    )


def _inside(shape: Any, value: Any) -> str:  # noqa: ANN401 - as ``_model``
    """Write what stands between the tags of an element."""
    match shape.type_name:
        case "structure":
            return "".join(
                _element(member, member.serialization.get("name", name), value[name])
                for name, member in shape.members.items()
                if value.get(name) is not None
            )
        case "list":
            name = shape.member.serialization.get("name", "member")
            return "".join(_element(shape.member, name, one) for one in value)
    return escape(_text(value))


def _element(shape: Any, name: str, value: Any) -> str:  # noqa: ANN401 - as ``_model``
    if shape.type_name == "list" and shape.serialization.get("flattened"):
        inner = shape.member.serialization.get("name", name)
        return "".join(_element(shape.member, inner, one) for one in value)
    return f"<{name}>{_inside(shape, value)}</{name}>"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)
