"""Read a configuration file, and raise one error that lists everything wrong with it."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from dr_templates.config.checks import Facts, between
from dr_templates.config.models import Config
from dr_templates.config.problems import KeyPath, Problem, lines, of_fields
from dr_templates.errors import DrError

_DEPTH = 4
_HINT = "Correct these lines; config/schema.json describes every key, and an editor that reads it marks them."


def load(path: Path) -> Config:
    """Read and check the file.

    Raises ``DrError`` naming every problem, one line each: file, line, key, what stands there and what is allowed.
    """
    text = _read(path)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        raw = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise DrError(what=f"not valid YAML: {_brief(error)}", where=str(path), hint="Correct the syntax.") from error
    except (AttributeError, LookupError, TypeError) as error:  # how PyYAML takes what it does not expect behind a tag
        raise DrError(
            what="not valid YAML: a value does not fit its tag, such as !!timestamp",
            where=str(path),
            hint="Leave tags out; quotes make a text of a value.",
        ) from error
    if not isinstance(raw, dict) or root is None:
        raise DrError(
            what="the file holds no mapping of keys to values",
            where=str(path),
            hint="Begin with a copy of config/example.yaml.",
        )
    where = dict(_lines(root))
    problems = (*_duplicates(root), *_problems(raw))
    if problems:
        raise DrError("\n".join(lines(problems, raw, where, str(path))), where=str(path), hint=_HINT)
    return Config.model_validate(raw)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise DrError(
            what="there is no such configuration file",
            where=str(path),
            hint="Name one with --config, or begin with a copy of config/example.yaml.",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise DrError(
            what=f"the configuration cannot be read: {error}",
            where=str(path),
            hint="Give a readable text file in UTF-8.",
        ) from error


def _brief(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and (mark := error.problem_mark):
        return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}"
    return str(error).partition("\n")[0] or type(error).__name__


def _problems(raw: Mapping[str, object]) -> tuple[Problem, ...]:
    wrong = of_fields(raw)
    return (*wrong, *between(_facts(raw, {problem.path for problem in wrong})))


def _facts(raw: Mapping[str, object], wrong: Collection[KeyPath]) -> Facts:
    """Give every value that is right on its own, the defaults of the sections included, by its path."""
    sections = {
        name: section.model_dump()
        for name, field in Config.model_fields.items()
        if isinstance(section := field.default, BaseModel)
    }
    known = dict(_leaves(sections)) | dict(_leaves(raw))
    return {path: value for path, value in known.items() if not any(_related(path, bad) for bad in wrong)}


def _related(path: KeyPath, wrong: KeyPath) -> bool:
    """Tell whether one path lies within the other."""
    length = min(len(path), len(wrong))
    return path[:length] == wrong[:length]


def _leaves(values: Mapping[str, Any], path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    for key, value in values.items():
        if isinstance(value, dict) and len(path) < _DEPTH:
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key), value


def _pairs(node: yaml.Node) -> Iterator[tuple[str | int, yaml.Node, yaml.Node]]:
    """Give key, the node that bears the line, and the value of everything directly inside a mapping or a list."""
    match node:
        case yaml.MappingNode(value=pairs):
            yield from ((str(key.value), key, value) for key, value in pairs)
        case yaml.SequenceNode(value=items):
            yield from ((index, item, item) for index, item in enumerate(items))


def _lines(node: yaml.Node, path: KeyPath = ()) -> Iterator[tuple[KeyPath, int]]:
    for key, mark, value in _pairs(node):
        yield (*path, key), mark.start_mark.line + 1
        if len(path) < _DEPTH:
            yield from _lines(value, (*path, key))


def _duplicates(node: yaml.Node, path: KeyPath = ()) -> Iterator[Problem]:
    """Find keys that stand twice in a mapping: YAML would silently take the last."""
    seen: set[str | int] = set()
    for key, mark, value in _pairs(node):
        if key in seen:
            yield Problem((*path, key), f"the key stands again on line {mark.start_mark.line + 1}", "every key once")
        seen.add(key)
        if len(path) < _DEPTH:
            yield from _duplicates(value, (*path, key))
