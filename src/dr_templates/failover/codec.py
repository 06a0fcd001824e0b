"""The brain's words as plain JSON and back, for the state table and for what a state machine hands on."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeVar

Word = TypeVar("Word")


def encode(value: object) -> Any:  # noqa: ANN401 - JSON is of every type
    """Give a word of ``model`` or ``state`` as dicts, lists and scalars. Raises ``TypeError`` for what is none."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: encode(getattr(value, field.name)) for field in fields(value)}
    match value:
        case Enum():
            return value.value
        case None | bool() | int() | float() | str():
            return value
        case Mapping():
            return {str(key): encode(item) for key, item in value.items()}
        case frozenset():
            return sorted(encode(item) for item in value)
        case tuple() | list():
            return [encode(item) for item in value]
        case _:
            raise TypeError(type(value).__name__)


def decode(kind: type[Word], plain: object) -> Word:
    """Read back what ``encode`` gave. Fields that are missing keep their defaults, fields that are unknown are left.

    So an older function can read what a newer one wrote. Raises ``TypeError`` or ``ValueError`` when it is no such
    word.
    """
    word: Word = _read(kind, plain)
    return word


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _read(kind: Any, plain: Any) -> Any:  # noqa: ANN401 - types are values here
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        if plain is None and type(None) in arguments:
            return None
        (one,) = (argument for argument in arguments if argument is not type(None))
        return _read(one, plain)
    if is_dataclass(kind):
        hints, given = _hints(typing.cast("type", kind)), _mapping(plain)
        return kind(
            **{field.name: _read(hints[field.name], given[field.name]) for field in fields(kind) if field.name in given}
        )  # type: ignore[operator]  # mypy takes it for an instance
    if origin is not None and issubclass(origin, Mapping):
        return {key: _read(arguments[1], item) for key, item in _mapping(plain).items()}
    if origin in (tuple, frozenset):
        return origin(_read(arguments[0], item) for item in _sequence(plain))
    return _scalar(kind, plain)


def _scalar(kind: Any, plain: Any) -> Any:  # noqa: ANN401 - JSON is of every type
    if issubclass(kind, Enum):
        return kind(plain)
    if kind is float and isinstance(plain, int) and not isinstance(plain, bool):
        return float(plain)
    if not isinstance(plain, kind) or (kind is int and isinstance(plain, bool)):
        raise _wrong(plain, kind.__name__)
    return plain


def _mapping(plain: Any) -> Mapping[str, Any]:  # noqa: ANN401 - JSON is of every type
    if not isinstance(plain, Mapping):
        raise _wrong(plain, "mapping")
    return plain


def _sequence(plain: Any) -> list[Any]:  # noqa: ANN401 - JSON is of every type
    if not isinstance(plain, list):
        raise _wrong(plain, "list")
    return plain


def _wrong(plain: object, wanted: str) -> TypeError:
    return TypeError(f"{plain!r} is no {wanted}")
