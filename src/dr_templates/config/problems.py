"""What is wrong with a configuration, said so that the reader can put it right without a manual."""

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from dr_templates.config.kinds import SITE_NAME
from dr_templates.config.models import Config

_KINDS: Final = {dict: "a mapping", type(None): "nothing"}
KeyPath = tuple[str | int, ...]
"""Where a value stands: keys of mappings, indices of lists."""
_SHOWN: Final = 60
_GIVEN: Final = " given"
_MERGE: Final = "<<"
_KEY: Final = "[key]"  # how pydantic marks that the key itself is wrong, not what it holds


@dataclass(frozen=True)
class Problem:
    """One wrong place: where, what stands there, and what may stand there."""

    path: KeyPath
    found: str
    allowed: str

    def __str__(self) -> str:
        """Give the problem as one line, without the file's name; a key that is no plain word is quoted."""
        steps = (str(step) for step in self.path if step != _KEY)
        path = ".".join(step if re.fullmatch(r"[\w-]+", step) else repr(step) for step in steps)
        return f"{path}: {self.found}; allowed: {self.allowed}"


def given(value: object) -> str:
    """Show a value as the file has it, shortened when long."""
    shown = f"a list of {len(value)}" if isinstance(value, list) else _KINDS.get(type(value)) or repr(value)
    return f"{shown if len(shown) <= _SHOWN else shown[: _SHOWN - 3] + '...'}{_GIVEN}"


def of_fields(raw: Mapping[str, object]) -> tuple[Problem, ...]:
    """Check every field on its own and give all problems found."""
    try:
        Config.model_validate(raw)
    except ValidationError as error:
        schema = Config.model_json_schema()
        details = error.errors(include_url=False)
        return tuple(_problem(detail, schema) for detail in details if not _follows(detail, details))
    return ()


def _follows(detail: ErrorDetails, details: Collection[ErrorDetails]) -> bool:
    """Tell whether a list or mapping only counts as too short because items in it are wrong, which is said anyway."""
    path = detail["loc"]
    return detail["type"] == "too_short" and any(
        len(other["loc"]) > len(path) and other["loc"][: len(path)] == path for other in details
    )


def _problem(detail: ErrorDetails, schema: Mapping[str, Any]) -> Problem:
    path = detail["loc"]
    node = _at(schema, path)
    match detail["type"]:
        case "missing":
            return Problem(path, "missing", _allowed(node))
        case "extra_forbidden" | "invalid_key":
            return Problem(path, "unknown key", _keys(str(path[-1]), _at(schema, path[:-1])))
        case "value_error":
            return Problem(path, given(detail["input"]), str(detail["ctx"]["error"]))
        case _ if path[-1] == _KEY:
            return Problem(path, "unfit as a name", SITE_NAME)
        case "string_type" if isinstance(detail["input"], int | float):
            return Problem(path, f"{given(detail['input'])}, a number without quotes", _allowed(node))
        case _:
            return Problem(path, given(detail["input"]), _allowed(node))


def _at(schema: Mapping[str, Any], path: KeyPath) -> Mapping[str, Any]:
    """Find the part of the JSON Schema that describes a place in the file; empty where it knows none."""
    node: Mapping[str, Any] = schema
    for step in path:
        inner = _resolve(node, schema)
        nodes = (
            inner.get("properties", {}).get(step),
            *inner.get("patternProperties", {}).values(),
            inner.get("items"),
        )
        node = next(filter(None, nodes), {})
    return _resolve(node, schema)


def _resolve(node: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference, and take the real type of a value that may also be left out."""
    for option in node.get("anyOf", ()):
        if option.get("type") != "null":
            node = {**node, **option}
    if "$ref" in node:
        target: Mapping[str, Any] = schema["$defs"][node["$ref"].removeprefix("#/$defs/")]
        return {**node, **target}
    return node


def _allowed(node: Mapping[str, Any]) -> str:
    match node:
        case {"enum": list(options)}:
            return f"one of {', '.join(map(str, options))}"
        case {"type": "integer", "minimum": low, "maximum": high}:
            return f"a whole number from {low} to {high}"
        case {"type": "boolean"}:
            return "true or false"
        case {"type": "object", "properties": keys}:
            return f"a mapping with {', '.join(keys)}"
        case _:
            return str(node["errorMessage"])


def _keys(key: str, node: Mapping[str, Any]) -> str:
    known = tuple(node["properties"])
    near = difflib.get_close_matches(key, known, n=1)
    return f"{', '.join(known)}" + (f" (did you mean {near[0]}?)" if near else "")


def lines(
    problems: Collection[Problem], raw: Mapping[str, object], where: Mapping[KeyPath, int], file: str
) -> Iterator[str]:
    """Write the problems in the order of the file, each with the line it stands on or would belong to.

    What a merge key brings stands on the line of that key.
    """

    def line(problem: Problem) -> int:
        path = problem.path
        while path not in where and path:
            path = (*path[:-1], _MERGE) if (*path[:-1], _MERGE) in where else path[:-1]
        return where.get(path, 1)

    for problem in sorted(problems, key=line):
        default = problem.found.endswith(_GIVEN) and not _holds(raw, problem.path)
        found = f"{problem.found.removesuffix(_GIVEN)} by default" if default else problem.found
        yield f"{file}:{line(problem)}: {replace(problem, found=found)}"


def _holds(raw: object, path: KeyPath) -> bool:
    """Tell whether the file itself, merge keys included, has a value at this place."""
    match path:
        case ():
            return True
        case (step, *rest) if isinstance(raw, dict) and step in raw:
            return _holds(raw[step], (*rest,))
        case (int(step), *rest) if isinstance(raw, list | tuple) and step < len(raw):
            return _holds(raw[step], (*rest,))
        case _:
            return False
