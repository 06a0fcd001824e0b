"""The one way in which the lab touches ministack: each name it changes is checked first.

ministack's own names may differ in another version. A patch that would miss its aim stops the start of the emulator.
"""

from __future__ import annotations

import importlib.metadata
import inspect
from collections.abc import Hashable, MutableMapping
from types import ModuleType
from typing import Any

from dr_templates.errors import DrError

PACKAGE = "ministack"
PINNED = "1.5.33"


def found(package: str = PACKAGE) -> str:
    """Give the version of a package that is installed, by default ministack's. Raises DrError when there is none."""
    version = _version(package)
    if version is None:
        raise _refusal(what=f"{package}, which the local emulator is made of, is not installed", where=package)
    return version


def replace(owner: ModuleType | type, name: str, new: Any) -> Any:  # noqa: ANN401 - ministack's names are of any type
    """Put ``new`` in the place of the name in a module or class, and give what was there.

    Raises DrError when there is no such name, or when both are functions and their parameters differ.
    """
    where = f"{owner.__name__}.{name}"
    if name not in vars(owner):
        raise _refusal(what=f"{PACKAGE} has no {where}", where=where)
    old = vars(owner)[name]
    _compare(old, new, where)
    setattr(owner, name, new)
    return old


def entry(mapping: MutableMapping[Any, Any], key: Hashable, new: Any) -> Any:  # noqa: ANN401 - as ``replace``
    """Put ``new`` in the place of what the mapping has under ``key``, and give what was there.

    Raises DrError as ``replace`` does.
    """
    where = f"the entry {key!r}"
    if key not in mapping:
        raise _refusal(what=f"{PACKAGE} has no longer {where} in a mapping the lab extends", where=where)
    old = mapping[key]
    _compare(old, new, where)
    mapping[key] = new
    return old


def needs(owner: ModuleType | type, *names: str) -> None:
    """Check that a module or class has the names that the lab uses as they are. Raises DrError when it has not."""
    for name in names:
        if name not in vars(owner):
            raise _refusal(what=f"{PACKAGE} has no {owner.__name__}.{name}", where=f"{owner.__name__}.{name}")


def misfit(error: Exception) -> DrError:
    """Say that ministack's modules are not those the lab imports and extends, for what that came to light by."""
    return _refusal(what=f"{PACKAGE} is not as the lab knows it: {error!r}", where=PACKAGE)


def _compare(old: object, new: object, where: str) -> None:
    if not (inspect.isfunction(old) and inspect.isfunction(new)):
        return
    expected, given = _parameters(new), _parameters(old)
    if expected != given:
        words = f"takes ({', '.join(given)}), where the lab expects ({', '.join(expected)})"
        raise _refusal(what=f"{PACKAGE}: {where} {words}", where=where)


def _parameters(function: Any) -> list[str]:  # noqa: ANN401 - any function
    return [name.lstrip("_") for name in inspect.signature(function).parameters]


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _refusal(*, what: str, where: str) -> DrError:
    return DrError(
        what=what,
        where=f"{where} ({PACKAGE} {_version(PACKAGE) or 'none'} is installed, the lab is made for {PINNED})",
        hint="Install the emulator that fits: pip install 'dr-templates[lab]'",
    )
